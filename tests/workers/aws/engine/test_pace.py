import pytest

from workers.aws.engine.pace import Pace, Paces


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_is_free_and_then_each_call_waits_for_its_own_token(clock):
    pace = Pace(2, clock)
    assert [pace.reserve() for _ in range(8)] == [0] * 8
    assert [pace.reserve() for _ in range(3)] == [0.5, 1, 1.5]


def test_tokens_come_back_with_time(clock):
    pace = Pace(2, clock)
    for _ in range(10):
        pace.reserve()
    clock.now = 1.5
    assert pace.reserve() == 0
    assert pace.reserve() == 0.5


def test_throttling_slows_down_and_answers_speed_up_again_slowly(clock):
    pace = Pace(10, clock)
    pace.throttled()
    assert pace.per_second == pytest.approx(7)
    assert pace.reserve() > 0
    pace.answered()
    assert pace.per_second == pytest.approx(7.5)
    for _ in range(100):
        pace.answered()
    assert pace.per_second == 10


def test_it_never_stands_still(clock):
    pace = Pace(10, clock)
    for clock.now in range(100):
        pace.throttled()
    assert pace.per_second == 0.5


def test_calls_that_are_throttled_together_slow_it_down_once(clock):
    pace = Pace(10, clock)
    for _ in range(5):
        pace.throttled()
    assert pace.per_second == pytest.approx(7)
    clock.now = 1.0
    pace.throttled()
    assert pace.per_second == pytest.approx(4.9)


def test_a_rate_is_half_of_what_is_published():
    paces = Paces()
    assert paces.of("eu-west-1", "cloudtrail:LookupEvents").limit == 1
    assert paces.of("eu-west-1", "lambda:ListFunctions").limit == 7.5
    assert paces.of("eu-west-1", "xray:GetGroups").limit == 10


def test_operations_of_a_service_share_a_bucket_in_one_region_only():
    paces = Paces()
    groups = paces.of("eu-west-1", "xray:GetGroups")
    assert paces.of("eu-west-1", "xray:GetSamplingRules") is groups
    assert paces.of("us-east-1", "xray:GetGroups") is not groups
    assert Paces().of("eu-west-1", "xray:GetGroups") is not groups


def test_an_operation_with_a_limit_of_its_own_has_a_bucket_of_its_own():
    paces = Paces()
    look_up = paces.of("eu-west-1", "cloudtrail:LookupEvents")
    assert paces.of("eu-west-1", "cloudtrail:DescribeTrails") is not look_up
