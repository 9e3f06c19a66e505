import pytest

from workers.aws.engine.stalls import Stalled, Stalls, Suspects


@pytest.fixture
def stalls():
    return Stalls("eu-west-1")


def test_one_time_out_is_no_stall(stalls):
    stalls.timed_out("xray")
    stalls.refuse("xray")
    assert not stalls.is_region_stalled


def test_a_service_that_times_out_twice_is_not_asked_again(stalls):
    stalls.timed_out("xray")
    stalls.timed_out("xray")
    with pytest.raises(Stalled, match="xray in eu-west-1"):
        stalls.refuse("xray")
    stalls.refuse("logs")


def test_a_region_of_which_two_services_time_out_in_a_row_is_not_asked_again(stalls):
    stalls.timed_out("xray")
    stalls.timed_out("logs")
    with pytest.raises(Stalled):
        stalls.refuse("cloudtrail")


def test_an_answer_between_two_time_outs_keeps_the_region_alive(stalls):
    stalls.timed_out("xray")
    stalls.answered("cloudtrail")
    stalls.timed_out("logs")
    stalls.refuse("cloudtrail")


@pytest.fixture
def suspects():
    """Suspects in which eu-west-1 has just stalled."""
    clock.now = 0.0
    found = Suspects(clock)
    first = Stalls("eu-west-1", found)
    first.timed_out("xray")
    first.timed_out("logs")
    return found


def clock():
    return clock.now


def test_a_region_that_stalled_for_one_account_gets_one_chance_from_the_next(suspects):
    stalls = Stalls("eu-west-1", suspects)
    assert stalls.patience == 1
    stalls.refuse("xray")
    stalls.timed_out("xray")
    with pytest.raises(Stalled):
        stalls.refuse("logs")


def test_other_regions_are_no_suspects(suspects):
    assert Stalls("us-east-1", suspects).patience == 2


def test_one_answer_ends_the_suspicion(suspects):
    Stalls("eu-west-1", suspects).answered("xray")
    assert Stalls("eu-west-1", suspects).patience == 2


def test_a_suspicion_ends_by_itself(suspects):
    clock.now = 120.0
    assert Stalls("eu-west-1", suspects).patience == 2
