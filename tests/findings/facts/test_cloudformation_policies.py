import pytest

from tests.findings.checks.builders_cloudformation import stack_policy, statement

BUCKET = "AWS::S3::Bucket"
ALL = statement("Allow", ["Update:*"])


def refuses(*statements, action="Update:Delete", name="Data", type_=BUCKET):
    return stack_policy(*statements).refuses(action, name, type_)


def test_without_a_policy_everything_is_allowed():
    assert not refuses()


def test_a_policy_refuses_what_it_does_not_allow():
    assert refuses(statement("Allow", ["Update:Modify"]))
    assert not refuses(ALL)


def test_a_refusal_wins_over_what_is_allowed():
    assert refuses(ALL, statement())
    assert refuses(statement(), ALL)


@pytest.mark.parametrize(
    ("fields", "covered"),
    [
        ({}, True),
        ({"resources": ("LogicalResourceId/Data",)}, True),
        ({"resources": ("LogicalResourceId/Dat?", "LogicalResourceId/Logs")}, True),
        ({"resources": ("LogicalResourceId/data",)}, False),
        ({"resources": ("LogicalResourceId/Data",), "is_other_resource": True}, False),
        ({"resource_types": (BUCKET,)}, True),
        ({"resource_types": ("AWS::RDS::*",)}, False),
        ({"is_other_action": True}, False),
    ],
)
def test_a_statement_covers_actions_names_and_types(fields, covered):
    assert statement(**fields).covers("Update:Delete", "Data", BUCKET) is covered
