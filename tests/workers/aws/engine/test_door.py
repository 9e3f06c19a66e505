import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.workers.aws.scripted import Answer, error
from tests.workers.aws.worlds import Engine, Keys
from workers.aws.engine import clients
from workers.aws.engine.caller import NoCaller
from workers.aws.engine.door import operation_of
from workers.aws.engine.stalls import Stalled
from workers.aws.operations import OperationNotAllowed


@pytest.fixture
def sts(engine, aws):
    return engine.clients.get("sts", "eu-west-1", aws.url)


def who(client):
    return client.get_caller_identity()["Account"]


def test_a_call_is_signed_by_whoever_calls(engine, sts):
    with engine.caller(Keys("AKIDONE")).calling():
        assert who(sts) == "AKIDONE"
    with engine.caller(Keys("AKIDTWO")).calling():
        assert who(sts) == "AKIDTWO"


def test_a_call_of_nobody_is_never_sent(sts, aws):
    with pytest.raises(NoCaller, match="needs an account"):
        who(sts)
    assert aws.asked == []


def test_a_thread_without_a_copied_context_calls_as_nobody(engine, sts, aws):
    with ThreadPoolExecutor(1) as pool, engine.caller().calling():
        with pytest.raises(NoCaller):
            pool.submit(who, sts).result()
        assert aws.asked == []
        assert pool.submit(copy_context().run, who, sts).result() == "AKIDFIRST"


def test_hundreds_of_calls_side_by_side_never_carry_another_account(engine, aws):
    callers = [engine.caller(Keys(f"AKID{number}")) for number in range(20)]
    regions = ("eu-west-1", "us-east-1", "ap-southeast-2")

    def call(caller, region):
        with caller.calling():
            client = engine.clients.get("sts", region, aws.url)
            return caller.credentials.name, who(client)

    work = list(itertools.product(callers, regions)) * 10
    random.Random(7).shuffle(work)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda pair: call(*pair), work))
    assert len(answers) == 600
    assert all(meant == signed for meant, signed in answers)
    assert len({asked.access_key for asked in aws.asked}) == 20


def test_an_operation_that_is_not_listed_is_refused_by_name(engine, sts, aws):
    with (
        engine.caller().calling(),
        pytest.raises(OperationNotAllowed, match="sts:GetSessionToken is not an allowed operation"),
    ):
        sts.get_session_token()
    assert aws.asked == []


def test_a_read_of_content_is_refused_even_when_it_is_listed(engine, aws):
    s3 = engine.clients.get("s3", "eu-west-1", aws.url)
    with engine.caller().calling(), pytest.raises(OperationNotAllowed, match="content"):
        s3.get_object(Bucket="a-bucket", Key="a-key")
    assert aws.asked == []


def test_pages_come_through_the_door(simulated, engine):
    place = simulated().account().region("us-east-1")
    organizations = place.client("organizations")
    with place.collecting("kind"), pytest.raises(OperationNotAllowed, match="ListHandshakes"):
        list(organizations.get_paginator("list_handshakes_for_organization").paginate())


def test_each_call_is_recorded(engine, sts):
    calls = []
    with engine.caller(record=calls.append).calling():
        who(sts)
    (call,) = calls
    assert (call.operation, call.region) == ("sts:GetCallerIdentity", "eu-west-1")
    assert (call.request_id, call.retries, call.code) == ("request-1", 0, "")
    assert call.at.tzinfo is not None
    assert call.duration_ms >= 0


def test_a_refused_call_is_recorded_with_its_code_and_names_its_operation(engine, sts, aws):
    calls = []
    aws.script = [error("AccessDenied", 403)]
    with engine.caller(record=calls.append).calling(), pytest.raises(ClientError) as refused:
        who(sts)
    assert (calls[0].code, calls[0].request_id) == ("AccessDenied", "request-2")
    assert operation_of(refused.value) == "sts:GetCallerIdentity"


@pytest.mark.parametrize(
    ("answer", "tries"),
    [
        (error("Throttling"), 8),
        (error("SomethingNew", 429), 8),
        (error("InternalFailure", 500), 5),
        (error("AnythingElse", 503), 5),
        (Answer(breaks_off=True), 4),
        (error("AccessDenied", 403), 1),
        (error("NotImplemented", 501), 1),
    ],
)
def test_what_may_pass_is_tried_again(engine, sts, aws, answer, tries):
    aws.otherwise = lambda _asked: answer
    with (
        engine.caller().calling(),
        pytest.raises((ClientError, ConnectionClosedError)),
    ):
        who(sts)
    assert len(aws.asked) == tries
    assert len(engine.waits) >= tries - 1


def test_a_call_that_comes_through_at_last_tells_its_retries(engine, sts, aws):
    calls = []
    aws.script = [error("Throttling"), error("InternalFailure", 500)]
    with engine.caller(record=calls.append).calling():
        assert who(sts) == "AKIDFIRST"
    assert (calls[0].retries, calls[0].code) == (2, "")


def test_what_aws_asks_to_wait_is_waited(engine, sts, aws):
    aws.script = [error("Throttling", Retry_After="7")]
    with engine.caller().calling():
        who(sts)
    assert engine.waits[0] == 7


def test_expired_credentials_are_renewed_once(engine, sts, aws):
    keys = Keys("AKIDFIRST")
    aws.script = [error("ExpiredToken", 403)]
    with engine.caller(keys).calling():
        assert who(sts) == "AKIDFIRST1"
    aws.otherwise = lambda _asked: error("ExpiredToken", 403)
    with engine.caller(keys).calling(), pytest.raises(ClientError, match="ExpiredToken"):
        who(sts)
    assert keys.renewals == 2


def test_credentials_that_cannot_be_renewed_are_not_tried_again(engine, sts, aws):
    aws.otherwise = lambda _asked: error("ExpiredToken", 403)
    with engine.caller(Keys(can_renew=False)).calling(), pytest.raises(ClientError):
        who(sts)
    assert len(aws.asked) == 1


def test_a_service_given_up_as_throttled_is_asked_less_patiently_until_it_answers(engine, sts, aws):
    caller = engine.caller()
    aws.script = [error("Throttling")] * 10
    with caller.calling():
        with pytest.raises(ClientError):
            who(sts)
        with pytest.raises(ClientError):
            who(sts)
        assert len(aws.asked) == 8 + 2
        who(sts)
        aws.script = [error("Throttling")] * 7
        who(sts)


def test_one_throttled_account_does_not_slow_another(engine, sts, aws):
    throttled, other = engine.caller(), engine.caller()
    aws.script = [error("Throttling")] * 7
    with throttled.calling():
        who(sts)
    engine.waits.clear()
    with other.calling():
        who(sts)
    assert engine.waits == []


def test_a_region_that_never_answers_is_asked_four_times_and_then_no_more(aws, monkeypatch):
    monkeypatch.setattr(clients, "CONFIG", clients.CONFIG.merge(Config(read_timeout=0.05)))
    engine, calls = Engine(), []
    aws.otherwise = lambda _asked: Answer(is_silent=True)
    allowed = {"sts:GetCallerIdentity", "xray:GetGroups", "sns:ListTopics"}
    with engine.caller(allowed=allowed, record=calls.append).calling():
        for service, method, error in (
            ("sts", "get_caller_identity", ReadTimeoutError),
            ("sns", "list_topics", ReadTimeoutError),
            ("xray", "get_groups", Stalled),
        ):
            client = engine.clients.get(service, "eu-west-1", aws.url)
            with pytest.raises(error):
                getattr(client, method)()
    assert [(call.operation, call.retries, call.code) for call in calls] == [
        ("sts:GetCallerIdentity", 1, "ReadTimeoutError"),
        ("sns:ListTopics", 1, "ReadTimeoutError"),
    ]
    assert len(aws.asked) == 4
