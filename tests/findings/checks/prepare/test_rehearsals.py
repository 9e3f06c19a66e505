"""P3: whether a twin was deployed outside production before production was changed."""

from datetime import timedelta

from findings.checks.base import Run, built_in, run
from findings.checks.context import Horizon
from findings.facts.base import Gap, GapReason, Place
from tests.findings.checks.builders_cloudformation import (
    nested,
    operation,
    stack,
    stack_history,
)
from tests.findings.checks.builders_config import organization
from tests.findings.checks.cases import (
    ACCOUNT,
    FAIL,
    HERE,
    NOT_APPLICABLE,
    OTHER,
    OTHER_REGION,
    PASS,
    REGION,
    UNKNOWN,
    Case,
    account,
    ago,
    assert_outcomes,
    evidence_of,
)
from tests.findings.checks.gaps import denied

DENIED = Gap(kind="x", reason=GapReason.ACCESS_DENIED, operation="x:Y", code="AccessDenied")
OUTSIDE, OUTSIDE_TOO = Place(OTHER, REGION), Place(OTHER, OTHER_REGION)
THIRD = Place("333333333333", REGION)

# Other accounts of a case are of the environment "production", which only here is none.
LIVE = account(environment="live")
BY_ENVIRONMENT = {
    "production_selector": {
        "tag": "Environment",
        "tag_values": ["prod"],
        "environments": ["live"],
    }
}
CHANGED = ago(days=5)
IN_PRODUCTION = {"Environment": "prod"}
OF_SHOP = {"Application": "shop"}
WEB = {"tags": OF_SHOP, "description": "The web of the shop"}


def changed(name="shop-prod", **fields):
    return stack(name, **({"updated_at": CHANGED} | fields))


def twin(name="shop-test", **fields):
    """Deployed again since."""
    return stack(name, **({"updated_at": ago(days=1)} | fields))


def deployed(name="shop-test", status="UPDATE_COMPLETE", at=None):
    return operation(status, at or ago(days=7), name)


def outside(*operations, stacks=None, **history):
    found = {name: twin(name) for name in {made.stack for made in operations}}
    return [*(found.values() if stacks is None else stacks), stack_history(*operations, **history)]


def rehearsal(name, expect, *operations, **fields):
    """A changed stack of production, and what happened in another account."""
    history = fields.pop("history", {})
    stacks = fields.pop("stacks", None)
    elsewhere = fields.pop("elsewhere", {OUTSIDE: outside(*operations, stacks=stacks, **history)})
    parameters = BY_ENVIRONMENT | fields.pop("parameters", {})
    of = fields.pop("of", changed())
    here = [of, *fields.pop("here", ())]
    given = {"account": LIVE} | fields
    return Case(name, expect, here, elsewhere, parameters=parameters, **given)


def named(production, test, expect):
    return rehearsal(f"{production} and {test}", expect, deployed(test), of=changed(production))


def at_home(name, expect, *facts, tags=IN_PRODUCTION, **fields):
    """Production by its tag, in an account that is none."""
    return Case(
        name,
        expect,
        [changed(tags=tags), *facts],
        account=account(environment="test"),
        parameters=BY_ENVIRONMENT,
        **fields,
    )


TABLE = {
    "cloudformation_mock_deployment_before_production": [
        rehearsal(
            "deployed before",
            PASS,
            deployed(),
            message="changed on 2026-06-10 12:00 UTC, a twin was deployed on 2026-06-08",
        ),
        rehearsal(
            "the last time counts",
            PASS,
            deployed(at=ago(days=9)),
            deployed(at=ago(days=6)),
            deployed(at=ago(days=1)),
            message="a twin was deployed on 2026-06-09",
        ),
        *(
            rehearsal(status, PASS, deployed(status=status))
            for status in ("CREATE_COMPLETE", "IMPORT_COMPLETE")
        ),
        *(
            rehearsal(status, FAIL, deployed(status=status))
            for status in (
                "CREATE_FAILED",
                "DELETE_COMPLETE",
                "IMPORT_ROLLBACK_COMPLETE",
                "ROLLBACK_COMPLETE",
                "UPDATE_FAILED",
                "UPDATE_ROLLBACK_COMPLETE",
                "UPDATE_OF_TOMORROW",
            )
        ),
        rehearsal(
            "nothing was deployed",
            FAIL,
            message="changed on 2026-06-10 12:00 UTC, no twin was deployed in the 14 days before",
        ),
        rehearsal("at the limit", PASS, deployed(at=CHANGED - timedelta(days=14))),
        rehearsal("beyond it", FAIL, deployed(at=CHANGED - timedelta(days=14, seconds=1))),
        rehearsal("a shorter lead", FAIL, deployed(), parameters={"max_lead_days": 1}),
        rehearsal("just then", PASS, deployed(at=CHANGED)),
        rehearsal("a second later", FAIL, deployed(at=CHANGED + timedelta(seconds=1))),
        rehearsal(
            "created in production",
            PASS,
            deployed(),
            of=changed(created_at=CHANGED, updated_at=None, status="CREATE_COMPLETE"),
        ),
        rehearsal("failed in production", FAIL, of=changed(status="UPDATE_ROLLBACK_COMPLETE")),
        # when production was changed
        rehearsal(
            "changed at the end of the window",
            PASS,
            deployed(at=ago(days=30)),
            of=changed(updated_at=ago(days=30)),
        ),
        rehearsal(
            "changed before it",
            NOT_APPLICABLE,
            deployed(at=ago(days=30)),
            of=changed(updated_at=ago(days=30, seconds=1)),
            message="last changed on 2026-05-16 11:59 UTC",
        ),
        rehearsal("a shorter window", NOT_APPLICABLE, parameters={"window_days": 4}),
        # what is known
        rehearsal("just long enough", FAIL, of=changed(updated_at=ago(days=16))),
        rehearsal("forgotten", UNKNOWN, of=changed(updated_at=ago(days=16, seconds=1))),
        rehearsal("known for a shorter time", UNKNOWN, history={"known_from": ago(days=18)}),
        rehearsal(
            "forgotten in part",
            PASS,
            deployed(at=ago(days=29)),
            of=changed(updated_at=ago(days=28)),
        ),
        rehearsal(
            "read just before production was changed",
            UNKNOWN,
            history={"known_until": CHANGED - timedelta(seconds=1)},
        ),
        rehearsal("read just then", FAIL, history={"known_until": CHANGED}),
        rehearsal("operations were denied", UNKNOWN, history={"operations": DENIED}),
        rehearsal("time was not told", UNKNOWN, history={"known_from": DENIED}),
        rehearsal("nobody is outside", UNKNOWN, elsewhere={}),
        rehearsal(
            "another account was not collected",
            UNKNOWN,
            elsewhere={OUTSIDE: outside(), Place(THIRD.account, "aws-global"): []},
        ),
        rehearsal(
            "it does not matter",
            PASS,
            elsewhere={OUTSIDE: outside(deployed()), Place(THIRD.account, "aws-global"): []},
        ),
        rehearsal(
            "in the third account",
            PASS,
            elsewhere={OUTSIDE: outside(), THIRD: outside(deployed())},
        ),
        rehearsal(
            "in another region",
            PASS,
            elsewhere={
                OUTSIDE: outside(),
                OUTSIDE_TOO: outside(deployed(), region=OTHER_REGION),
            },
        ),
        # what is a twin
        named("shop", "shop", PASS),
        named("prod-shop", "shop", PASS),
        named("ShopProd", "ShopStaging", PASS),
        named("ShopAPIProd", "shop-api-non-prod", PASS),
        named("shop-1-prod", "shop-1-test", PASS),
        named("shop-1-prod", "shop-2-test", FAIL),
        named("prod", "prod", PASS),
        named("prod", "test", FAIL),
        named("prod", "shop-test", FAIL),
        named("shop-prod", "shop-db-test", FAIL),
        named("reproduction", "re", FAIL),
        rehearsal(
            "another word",
            PASS,
            deployed("shop-blue"),
            of=changed("shop-green"),
            parameters={"environment_words": ["blue", "green"]},
        ),
        rehearsal("in production by its tag", FAIL, deployed(), stacks=[twin(tags=IN_PRODUCTION)]),
        rehearsal("deleted since", PASS, deployed(), stacks=[]),
        rehearsal("tags were denied", UNKNOWN, deployed(), stacks=[twin(tags=DENIED)]),
        rehearsal(
            "the same application", PASS, deployed(), of=changed(tags=OF_SHOP), stacks=[twin(**WEB)]
        ),
        rehearsal(
            "another application",
            FAIL,
            deployed(),
            of=changed(tags={"Application": "till"}),
            stacks=[twin(tags=OF_SHOP)],
        ),
        rehearsal(
            "an application by another tag",
            FAIL,
            deployed(),
            of=changed(tags={"App": "till"}),
            stacks=[twin(tags={"App": "shop"})],
            parameters={"application_tag": "App"},
        ),
        rehearsal("the twin has no application", PASS, deployed(), of=changed(tags=OF_SHOP)),
        rehearsal(
            "it is empty",
            PASS,
            deployed(),
            of=changed(tags=OF_SHOP),
            stacks=[twin(tags={"Application": ""})],
        ),
        rehearsal("production has none", PASS, deployed(), stacks=[twin(tags=OF_SHOP)]),
        rehearsal(
            "the same template by another name",
            PASS,
            deployed("web-test"),
            of=changed(**WEB),
            stacks=[twin("web-test", **WEB)],
        ),
        rehearsal(
            "the same description of another application",
            FAIL,
            deployed("web-test"),
            of=changed(**WEB),
            stacks=[twin("web-test", **(WEB | {"tags": {"Application": "till"}}))],
        ),
        rehearsal(
            "the same description of none",
            FAIL,
            deployed("web-test"),
            of=changed(**(WEB | {"tags": {}})),
            stacks=[twin("web-test", **(WEB | {"tags": {}}))],
        ),
        rehearsal(
            "the same application without description",
            FAIL,
            deployed("web-test"),
            of=changed(tags=OF_SHOP),
            stacks=[twin("web-test", tags=OF_SHOP)],
        ),
        # production and test in one account
        at_home("beside it", PASS, twin(), stack_history(deployed())),
        at_home("beside it and not deployed", FAIL, twin(), stack_history()),
        at_home("itself does not count", FAIL, stack_history(deployed("shop-prod"))),
        at_home("another account may have done it", UNKNOWN, stack_history(), organization()),
        at_home("it need not", PASS, twin(), stack_history(deployed()), organization()),
        rehearsal("no other account did", FAIL, here=[organization()]),
        at_home("denied beside it", UNKNOWN, gaps=[denied(stack_history())]),
        at_home("not in production", NOT_APPLICABLE, stack_history(), tags={}),
        # what is not judged
        rehearsal(
            "exempt",
            NOT_APPLICABLE,
            of=changed(tags={"no_rehearsal": "only production has this partner"}),
            message="tagged no_rehearsal: only production has this partner",
        ),
        rehearsal("exempt without reason", FAIL, of=changed(tags={"no_rehearsal": " "})),
        rehearsal(
            "exempt by another tag",
            NOT_APPLICABLE,
            of=changed(tags={"unique": "yes"}),
            parameters={"exempt_tag": "unique"},
        ),
        rehearsal("nested", NOT_APPLICABLE, of=nested(updated_at=CHANGED)),
        rehearsal("of a stack set", NOT_APPLICABLE, of=changed("StackSet-baseline-audit-1")),
        rehearsal("in review", NOT_APPLICABLE, of=changed(status="REVIEW_IN_PROGRESS")),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


def test_without_the_stacks_of_a_region_what_was_deployed_there_may_be_production():
    (check,) = TABLE
    case = rehearsal("stacks were denied", UNKNOWN, deployed())
    definition = built_in()[check]
    evidence = evidence_of(definition, case)
    evidence.shards[OUTSIDE][stack().kind] = denied(stack())
    given = Run(
        accounts={ACCOUNT: LIVE, OTHER: account(id=OTHER)},
        horizon=Horizon(case.now),
        overrides=lambda _check, _account: case.parameters,
    )
    (result,) = run([definition], evidence, [HERE], given)
    assert result.status is UNKNOWN
    assert result.gaps == (denied(stack()),)
