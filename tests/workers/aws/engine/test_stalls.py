import pytest

from workers.aws.engine.stalls import Stalled, Stalls


@pytest.fixture
def stalls():
    return Stalls()


def test_one_time_out_is_no_stall(stalls):
    stalls.timed_out("xray")
    stalls.refuse("xray", "eu-west-1")
    assert not stalls.is_region_stalled


def test_a_service_that_times_out_twice_is_not_asked_again(stalls):
    stalls.timed_out("xray")
    stalls.timed_out("xray")
    with pytest.raises(Stalled, match="xray in eu-west-1"):
        stalls.refuse("xray", "eu-west-1")
    stalls.refuse("logs", "eu-west-1")


def test_a_region_of_which_two_services_time_out_in_a_row_is_not_asked_again(stalls):
    stalls.timed_out("xray")
    stalls.timed_out("logs")
    with pytest.raises(Stalled):
        stalls.refuse("cloudtrail", "eu-west-1")


def test_an_answer_between_two_time_outs_keeps_the_region_alive(stalls):
    stalls.timed_out("xray")
    stalls.answered("cloudtrail")
    stalls.timed_out("logs")
    stalls.refuse("cloudtrail", "eu-west-1")
