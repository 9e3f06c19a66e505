import pytest

from simulator.faults import BadFault
from simulator.unmet import refuse_unmet
from simulator.world import World


def refuse(*faults):
    refuse_unmet(World(accounts=2, regions=2, faults=faults))


def test_what_can_be_met_is_taken():
    refuse(
        "throttle%30",
        "scp_denied@100000000002/eu-west-1",
        "error500:cloud*:Describe*",
        "role_missing:*:AssumeRole",
    )


def test_an_account_that_joins_later_can_be_met():
    refuse("access_denied@100000000003")


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("throttle@100000000004", "no account of this world is 100000000004"),
        ("throttle@*/eu-central-1", "no region of this world is eu-central-1"),
        ("throttle:cloud-trail", "nothing that is simulated is cloud-trail"),
        ("throttle:cloudtrail:DescribeTrail", "nothing that is simulated is cloudtrail:Desc"),
        ("throttle:sts:DescribeTrails", "nothing that is simulated is sts:DescribeTrails"),
    ],
)
def test_what_nothing_can_meet_is_refused(fault, complaint):
    with pytest.raises(BadFault, match=complaint):
        refuse("slow=1", fault)
