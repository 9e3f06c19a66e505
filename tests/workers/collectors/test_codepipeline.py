"""CodePipeline: what pipelines are made of, and how they run."""

from datetime import timedelta

import pytest

from findings.facts.base import Gap, GapReason, NotCollected
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.codepipeline import (
    parse_pipeline,
    parse_pipeline_activity,
    pipeline_activities,
    pipelines,
)

ARN = "arn:aws:codepipeline:eu-west-1:111111111111:shop"
DENIED = Gap(kind="codepipeline.pipeline", reason=GapReason.ACCESS_DENIED)


def action(category="Deploy", **fields):
    kind = {"category": category, "owner": "AWS", "provider": "ECS", "version": "1"}
    return {"name": category, "actionTypeId": kind, **fields}


def detail(*stages, **metadata):
    return {"pipeline": {"name": "shop", "stages": list(stages)}, "metadata": metadata}


def run(status="Succeeded", hours=1, id="e-1", **fields):
    started = NOW - timedelta(hours=hours)
    return {"pipelineExecutionId": id, "status": status, "startTime": started, **fields}


def activity(executions=(), stages=(), **history):
    state = stages if isinstance(stages, Gap) else {"stageStates": list(stages)}
    given = {"pipelineExecutionSummaries": list(executions), **history}
    return parse_pipeline_activity("shop", state, given)


def in_stage(id, status="InProgress"):
    return {"stageName": "Prod", "latestExecution": {"pipelineExecutionId": id, "status": status}}


def test_a_pipeline_of_which_little_is_told():
    pipeline = parse_pipeline({"name": "shop"}, detail({"name": "a", "actions": [action()]}), ARN)
    assert (pipeline.type, pipeline.execution_mode, pipeline.arn) == (None, None, ARN)
    (stage,) = pipeline.stages
    assert (stage.entry_rules, stage.on_failure) == ((), None)
    assert stage.actions[0].run_order == 1
    assert (stage.actions[0].polls_source, stage.actions[0].role_arn) == (None, None)


def test_of_the_configuration_of_an_action_no_secret_is_kept():
    configuration = {
        "OAuthToken": "hunter2",
        "PollForSourceChanges": "True",
        "ProjectName": "shop-tests",
        "ActionMode": "CHANGE_SET_REPLACE",
    }
    raw = {"name": "a", "actions": [action(configuration=configuration, runOrder=3, roleArn="r")]}
    pipeline = parse_pipeline({"name": "shop", "pipelineType": "V2"}, detail(raw), ARN)
    found = pipeline.stages[0].actions[0]
    assert (found.polls_source, found.project, found.mode) == (
        True,
        "shop-tests",
        "CHANGE_SET_REPLACE",
    )
    assert (found.run_order, found.role_arn) == (3, "r")
    assert "hunter2" not in repr(pipeline)


def test_rules_of_all_conditions_before_entry_are_kept():
    rule = {"name": "r", "ruleTypeId": {"provider": "CloudWatchAlarm"}}
    entry = {"conditions": [{"result": "FAIL", "rules": [rule]}, {"result": "FAIL"}]}
    raw = {"name": "a", "actions": [], "beforeEntry": entry, "onFailure": {"result": "ROLLBACK"}}
    (stage,) = parse_pipeline({"name": "shop"}, detail(raw), ARN).stages
    assert (stage.entry_rules, stage.on_failure) == (("CloudWatchAlarm",), "ROLLBACK")


def test_a_refused_detail_leaves_what_the_listing_said():
    pipeline = parse_pipeline({"name": "shop", "pipelineType": "V2"}, DENIED, ARN)
    assert pipeline.type == "V2"
    assert pipeline.gaps["stages"] == DENIED


def test_the_newest_execution_is_the_one_that_started_last():
    found = activity([run("Failed", 5, "old"), run("Succeeded", 2, "new")]).newest
    assert (found.id, found.status, found.updated_at) == ("new", "Succeeded", found.started_at)


def test_a_pipeline_that_never_ran_has_no_execution():
    found = activity()
    assert (found.newest, found.in_progress, found.disabled_transitions) == (None, (), ())


def test_executions_in_progress_are_told_oldest_first():
    runs = [run("InProgress", 1, "b"), run("Stopping", 2, "c"), run("InProgress", 9, "a")]
    assert [execution.id for execution in activity(runs).in_progress] == ["a", "b"]


def test_what_is_in_a_stage_but_not_on_the_page_is_at_least_as_old_as_the_page():
    runs = [run("Succeeded", 1, "b"), run("Succeeded", 8, "a")]
    found = activity(runs, [in_stage("z"), in_stage("b")], nextToken="more").in_progress
    assert [(execution.id, execution.started_at) for execution in found][-1] == (
        "z",
        NOW - timedelta(hours=8),
    )


def test_stages_add_nothing_where_all_executions_are_on_the_page():
    assert activity([run()], [in_stage("z")]).in_progress == ()


def test_what_waits_for_a_stage_is_in_progress():
    waiting = {"pipelineExecutionId": "z", "status": "InProgress"}
    stages = [{"stageName": "Prod", "inboundExecutions": [waiting]}, in_stage("y", "Failed")]
    found = activity([run()], stages, nextToken="more").in_progress
    assert [execution.id for execution in found] == ["z"]


def test_where_the_state_is_refused_a_full_page_tells_not_all_that_is_in_progress():
    found = activity([run()], DENIED, nextToken="more")
    assert found.newest.id == "e-1"
    assert set(found.gaps) == {"in_progress", "disabled_transitions"}
    assert set(activity([run()], DENIED).gaps) == {"disabled_transitions"}


def test_refused_executions_leave_the_transitions():
    found = parse_pipeline_activity("shop", {"stageStates": []}, DENIED)
    assert found.disabled_transitions == ()
    assert set(found.gaps) == {"newest", "in_progress", "rollbacks", "rollbacks_known_from"}


def test_only_transitions_that_are_off_are_kept():
    off = {"enabled": False, "lastChangedAt": NOW, "disabledReason": "freeze"}
    stages = [
        {"stageName": "a", "inboundTransitionState": {"enabled": True}},
        {"stageName": "b", "inboundTransitionState": {}},
        {"stageName": "c"},
        {"stageName": "d", "inboundTransitionState": off},
    ]
    (found,) = activity(stages=stages).disabled_transitions
    assert (found.stage, found.since, found.reason) == ("d", NOW, "freeze")


def test_executions_that_took_others_back_are_told_oldest_first():
    runs = [
        run(hours=1, id="d", executionType="STANDARD", trigger={"triggerType": "Webhook"}),
        run(hours=2, id="c", executionType="ROLLBACK"),
        run(hours=3, id="b", trigger={"triggerType": "AutomatedRollback"}),
        run(hours=4, id="a", trigger={"triggerType": "ManualRollback"}),
        run(hours=5, id="e"),
    ]
    found = activity(runs)
    assert [execution.id for execution in found.rollbacks] == ["a", "b", "c"]
    assert found.rollbacks_known_from is None
    assert activity(runs, nextToken="more").rollbacks_known_from == NOW - timedelta(hours=5)


@pytest.fixture
def session():
    session = StubbedSession()
    yield session
    session.assert_all_asked()


def test_a_pipeline_that_is_gone_meanwhile_is_left_out(session):
    listed = {"pipelines": [{"name": "shop"}]}
    session.answer("codepipeline", "list_pipelines", listed)
    session.refuse("codepipeline", "get_pipeline", "PipelineNotFoundException")
    assert list(pipelines(session)) == []
    session.answer("codepipeline", "list_pipelines", listed)
    session.refuse("codepipeline", "get_pipeline_state", "PipelineNotFoundException")
    assert list(pipeline_activities(session)) == []


def test_a_refused_pipeline_is_there_but_its_stages_are_not_known(session):
    session.answer("codepipeline", "list_pipelines", {"pipelines": [{"name": "shop"}]})
    session.refuse("codepipeline", "get_pipeline", "AccessDeniedException")
    (found,) = pipelines(session)
    assert found.arn == ARN
    with pytest.raises(NotCollected):
        _ = found.stages


def test_of_a_long_history_one_page_is_read(session):
    session.answer("codepipeline", "list_pipelines", {"pipelines": [{"name": "shop"}]})
    session.answer("codepipeline", "get_pipeline_state", {"stageStates": []}, name="shop")
    page = {"pipelineExecutionSummaries": [run()], "nextToken": "more"}
    session.answer(
        "codepipeline", "list_pipeline_executions", page, pipelineName="shop", maxResults=100
    )
    (found,) = pipeline_activities(session)
    assert found.newest.id == "e-1"


def test_repositories_of_codecommit_are_kept_by_name():
    def source(provider, name):
        kind = {"category": "Source", "owner": "AWS", "provider": provider, "version": "1"}
        return {
            "name": provider,
            "actionTypeId": kind,
            "configuration": {"RepositoryName": name} if name else {},
        }

    given = [("CodeCommit", "shop"), ("CodeCommit", "shop"), ("CodeCommit", ""), ("ECR", "images")]
    stages = [{"name": "Source", "actions": [source(*one) for one in given]}]
    found = parse_pipeline({"name": "shop"}, {"pipeline": {"stages": stages}}, "arn:p")
    assert found.repositories == ("shop",)
