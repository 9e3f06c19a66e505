"""What AWS refuses of CodeBuild, CodeCommit, CodeDeploy and CodePipeline, refused here as well."""

import pytest
from botocore.exceptions import ClientError

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "us-east-1"


@pytest.mark.parametrize(
    ("service", "method", "parameters", "code"),
    [
        ("codebuild", "batch_get_projects", {"names": ["a"] * 101}, "InvalidInputException"),
        (
            "codecommit",
            "batch_get_repositories",
            {"repositoryNames": ["a"] * 26},
            "MaximumRepositoryNamesExceededException",
        ),
        (
            "codecommit",
            "list_associated_approval_rule_templates_for_repository",
            {"repositoryName": "nowhere"},
            "RepositoryDoesNotExistException",
        ),
        (
            "codecommit",
            "get_approval_rule_template",
            {"approvalRuleTemplateName": "nowhere"},
            "ApprovalRuleTemplateDoesNotExistException",
        ),
        (
            "codedeploy",
            "list_deployment_groups",
            {"applicationName": "nowhere"},
            "ApplicationDoesNotExistException",
        ),
        (
            "codedeploy",
            "batch_get_deployment_groups",
            {"applicationName": "nowhere", "deploymentGroupNames": ["a"] * 101},
            "BatchLimitExceededException",
        ),
        (
            "codedeploy",
            "batch_get_deployments",
            {"deploymentIds": ["d-1"] * 26},
            "BatchLimitExceededException",
        ),
        (
            "codedeploy",
            "get_deployment_config",
            {"deploymentConfigName": "nowhere"},
            "DeploymentConfigDoesNotExistException",
        ),
        ("codepipeline", "get_pipeline", {"name": "nowhere"}, "PipelineNotFoundException"),
        ("codepipeline", "get_pipeline_state", {"name": "nowhere"}, "PipelineNotFoundException"),
        (
            "codepipeline",
            "list_action_executions",
            {"pipelineName": "nowhere"},
            "PipelineNotFoundException",
        ),
        (
            "codepipeline",
            "list_pipeline_executions",
            {"pipelineName": "nowhere"},
            "PipelineNotFoundException",
        ),
    ],
)
def test_what_aws_refuses_is_refused(default, service, method, parameters, code):
    with pytest.raises(ClientError) as refused:
        getattr(default.member(service, ACCOUNT), method)(**parameters)
    assert refused.value.response["Error"]["Code"] == code


def standing(simulator, facet, variant):
    """A simulator in which a facet stands so in one place."""
    of_accounts = ("cloudwatch.kpis", "codepipeline.changes")
    region = "" if facet in of_accounts else REGION
    change = Change(day=1, facet=facet, variant=variant, account=ACCOUNT, region=region)
    return simulator(changes=[change])


def test_a_batch_tells_apart_what_is_gone_and_what_cannot_be_read(simulator):
    client = standing(simulator, "codecommit.approvals", "unreadable").member("codecommit", ACCOUNT)
    answer = client.batch_get_repositories(repositoryNames=["shop", "nowhere"])
    assert answer["repositories"] == []
    assert answer["repositoriesNotFound"] == ["nowhere"]
    assert [error["repositoryName"] for error in answer["errors"]] == ["shop"]


def test_a_batch_of_groups_leaves_out_what_it_cannot_read_and_says_why(simulator):
    client = standing(simulator, "codedeploy.group", "not_described").member("codedeploy", ACCOUNT)
    listed = client.list_deployment_groups(applicationName="shop")["deploymentGroups"]
    answer = client.batch_get_deployment_groups(applicationName="shop", deploymentGroupNames=listed)
    assert listed == ["prod", "servers"]
    assert [group["deploymentGroupName"] for group in answer["deploymentGroupsInfo"]] == ["prod"]
    assert "servers" in answer["errorMessage"]


def test_projects_that_are_gone_are_named(default):
    answer = default.member("codebuild", ACCOUNT).batch_get_projects(names=["nowhere"])
    assert (answer["projects"], answer["projectsNotFound"]) == ([], ["nowhere"])


def test_deployments_are_listed_by_status_and_time(simulator):
    world = standing(simulator, "codepipeline.changes", "by_hand")
    client = world.member("codedeploy", ACCOUNT)
    pages = client.get_paginator("list_deployments")

    def listed(**wanted):
        return [id_ for page in pages.paginate(**wanted) for id_ in page["deployments"]]

    every = listed()
    assert len(every) == 13
    assert listed(includeOnlyStatuses=["Failed"]) == []
    assert set(listed(includeOnlyStatuses=["Succeeded"])) == set(every)
    described = client.batch_get_deployments(deploymentIds=every[:2])["deploymentsInfo"]
    assert {info["deploymentId"] for info in described} == set(every[:2])
    newest = max(info["createTime"] for info in described)
    assert 0 < len(listed(createTimeRange={"start": newest})) < len(every)


def test_runs_of_actions_come_in_pages_the_newest_first(simulator):
    world = standing(simulator, "codepipeline.changes", "weekly")
    pages = world.member("codepipeline", ACCOUNT).get_paginator("list_action_executions")
    runs = [
        run
        for page in pages.paginate(pipelineName="checkout")
        for run in page["actionExecutionDetails"]
    ]
    assert len(runs) == 3 * 13
    began = [run["startTime"] for run in runs]
    assert began == sorted(began, reverse=True)
