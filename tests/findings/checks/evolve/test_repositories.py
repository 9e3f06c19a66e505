"""E1 CI/CD: repositories."""

from tests.findings.checks.builders_codecommit import approval, history, repository
from tests.findings.checks.builders_codepipeline import pipeline
from tests.findings.checks.builders_events import rule
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    ago,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

REPOSITORY = repository().arn
MAIN = ("refs/heads/main",)


def archived(**tags):
    return tagged(REPOSITORY, **tags)


def noticing(*names, **fields):
    """A rule for changes of repositories of these names, or of all."""
    pattern = {
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        **({"detail": {"repositoryName": list(names)}} if names else {}),
    }
    return rule("on-push", pattern, **fields)


def by_arn(arn):
    return rule("on-push", {"source": ["aws.codecommit"], "resources": [arn]})


AUTOMATED = [
    Case("the source of a pipeline", PASS, [repository(), pipeline(repositories=("shop",))]),
    Case("a trigger", PASS, [repository(triggers=("on-push",))]),
    Case("a rule by name", PASS, [repository(), noticing("site", "shop")]),
    Case("a rule for all", PASS, [repository(), noticing()]),
    Case("a rule by ARN", PASS, [repository(), by_arn(REPOSITORY)]),
    Case("a rule by the ARN of another", FAIL, [repository(), by_arn(f"{REPOSITORY}-2")]),
    Case("nothing", FAIL, [repository()], message="not met: event rule"),
    Case("the source of no pipeline", FAIL, [repository(), pipeline(repositories=("site",))]),
    Case("a rule for another", FAIL, [repository(), noticing("site")]),
    Case("a rule without target", FAIL, [repository(), noticing(targets=())]),
    Case("a disabled rule", FAIL, [repository(), noticing(state="DISABLED")]),
    Case("a rule of other changes", FAIL, [repository(), rule("x", {"source": ["aws.ecs"]})]),
    Case("archived", NOT_APPLICABLE, [repository(), archived(archived="true")]),
]


def pushed(after=0, **fields):
    """A commit that no pull request merged, and so many merges after it."""
    return history(merged=after, pushed="c0ffee", **({"is_first": False} | fields))


YOUNG, GROWN = ago(days=7), ago(days=7, seconds=1)

PROTECTED = [
    Case("merges alone", PASS, [repository(), history()]),
    Case("a push before the sample", PASS, [repository(), pushed(20)]),
    Case("a push in the sample", FAIL, [repository(), pushed(19)], message="c0ffee was merged by"),
    Case("the last change was pushed", FAIL, [repository(), pushed()]),
    Case("all since the first commit", PASS, [repository(), pushed(1, is_first=True)]),
    Case("only a first commit", NOT_APPLICABLE, [repository(), pushed(is_first=True)]),
    Case("a small sample", PASS, [repository(), pushed(3)], parameters={"sample_merges": 3}),
    Case(
        "a sample too large", UNKNOWN, [repository(), history()], parameters={"sample_merges": 21}
    ),
    Case("young", NOT_APPLICABLE, [repository(created_at=YOUNG), pushed()]),
    Case("a second older", FAIL, [repository(created_at=GROWN), pushed()]),
    Case(
        "a longer grace",
        NOT_APPLICABLE,
        [repository(created_at=GROWN), pushed()],
        parameters={"grace_days": 8},
    ),
    Case("of untold age", UNKNOWN, [repository(created_at=None), pushed()]),
    Case("without commits", NOT_APPLICABLE, [repository(default_branch=None)]),
    Case("archived", NOT_APPLICABLE, [repository(), pushed(), archived(archived="true")]),
    Case("the history of another", UNKNOWN, [repository(), history("site")]),
]

TABLE = {
    "codecommit_default_branch_protected": PROTECTED,
    "codecommit_repository_triggers_automation": AUTOMATED,
    "codecommit_approval_rule_required": [
        Case("a template for all branches", PASS, [repository()]),
        Case("no template", FAIL, [repository(approval_rules=())], message="no approval rule"),
        Case(
            "a template for the default branch",
            PASS,
            [repository(approval_rules=(approval(branches=("refs/heads/dev", *MAIN)),))],
        ),
        Case(
            "a template for another branch",
            FAIL,
            [repository(approval_rules=(approval(branches=("refs/heads/dev",)),))],
            message="default branch",
        ),
        Case(
            "a template for branches by wildcard",
            PASS,
            [repository(approval_rules=(approval(branches=("refs/heads/ma*",)),))],
        ),
        Case(
            "no approval needed",
            FAIL,
            [repository(approval_rules=(approval(approvals=0),))],
            message="approvals",
        ),
        Case(
            "one of two templates is enough",
            PASS,
            [repository(approval_rules=(approval("a", 0), approval("b", 1)))],
        ),
        Case(
            "no template has both",
            FAIL,
            [
                repository(
                    approval_rules=(
                        approval("a", 0, MAIN),
                        approval("b", 2, ("refs/heads/dev",)),
                    )
                )
            ],
        ),
        Case(
            "two approvals are asked for",
            FAIL,
            [repository()],
            parameters={"min_approvals": 2},
        ),
        Case(
            "no commit yet, all branches",
            PASS,
            [repository(default_branch=None)],
        ),
        Case(
            "no commit yet, some branches",
            FAIL,
            [
                repository(
                    default_branch=None, approval_rules=(approval(branches=("refs/heads/*",)),)
                )
            ],
        ),
        Case(
            "archived",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(archived="true")],
        ),
        Case(
            "archived, written large",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(Archived="")],
        ),
        Case(
            "archived by its state",
            NOT_APPLICABLE,
            [repository(approval_rules=()), archived(Lifecycle="Archived")],
        ),
        Case(
            "not archived",
            FAIL,
            [repository(approval_rules=()), archived(archived="False")],
        ),
        Case("not archived, in a word", PASS, [repository(), archived(archived="no")]),
        Case("has other tags", PASS, [repository(), archived(Team="web")]),
        Case(
            "another one is archived",
            FAIL,
            [repository(approval_rules=()), tagged("other", archived="true")],
        ),
        Case("tags denied", UNKNOWN, [repository()], gaps=[denied(tagged("a"))]),
    ],
    "codecommit_repository_active": [
        Case("changed lately", PASS, [repository()]),
        Case("the limit exactly", PASS, [repository(modified_at=ago(days=365))]),
        Case(
            "a second more",
            FAIL,
            [repository(modified_at=ago(days=365, seconds=1))],
            message="last changed 2025-06-15",
        ),
        Case(
            "a longer limit",
            PASS,
            [repository(modified_at=ago(days=500))],
            parameters={"max_age_days": 500},
        ),
        Case(
            "never changed since made", PASS, [repository(modified_at=None, created_at=ago(days=1))]
        ),
        Case("no date at all", UNKNOWN, [repository(modified_at=None, created_at=None)]),
        Case(
            "archived",
            NOT_APPLICABLE,
            [repository(modified_at=ago(days=500)), archived(archived="true")],
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)
