"""Canaries, their last runs and their runtimes."""

from findings.facts.base import GapReason
from tests.workers.collectors.stubbed import NOW, StubbedSession
from workers.collectors.synthetics import canaries, parse_canary

RUNTIME = "syn-nodejs-puppeteer-9.1"
CANARY = {"Name": "shop", "Status": {"State": "RUNNING"}, "RuntimeVersion": RUNTIME}


def run(state="PASSED", name="shop"):
    last = {"Status": {"State": state}, "Timeline": {"Started": NOW, "Completed": NOW}}
    return {"CanaryName": name, "LastRun": last}


def parsed(runs=(), runtimes=()):
    return parse_canary(CANARY, runs, runtimes)


def test_all_pages_are_read():
    session = StubbedSession()
    session.answer("synthetics", "describe_canaries", {"Canaries": [CANARY], "NextToken": "token"})
    other = CANARY | {"Name": "orders"}
    session.answer("synthetics", "describe_canaries", {"Canaries": [other]}, NextToken="token")
    runs = {"CanariesLastRun": [run()], "NextToken": "token"}
    session.answer("synthetics", "describe_canaries_last_run", runs)
    runs = {"CanariesLastRun": [run("FAILED", "orders")]}
    session.answer("synthetics", "describe_canaries_last_run", runs, NextToken="token")
    versions = [{"VersionName": RUNTIME, "DeprecationDate": NOW}]
    session.answer("synthetics", "describe_runtime_versions", {"RuntimeVersions": versions})
    shop, orders = canaries(session)
    assert (shop.key, shop.state, shop.last_run) == ("shop", "RUNNING", "PASSED")
    assert (shop.last_run_completed_at, shop.runtime_deprecated_at) == (NOW, NOW)
    assert (orders.key, orders.last_run) == ("orders", "FAILED")
    session.assert_all_asked()


def test_nothing_more_is_asked_without_canaries():
    session = StubbedSession()
    session.answer("synthetics", "describe_canaries", {"Canaries": []})
    assert list(canaries(session)) == []


def test_what_is_denied_costs_only_itself():
    session = StubbedSession()
    session.answer("synthetics", "describe_canaries", {"Canaries": [CANARY]})
    session.refuse("synthetics", "describe_canaries_last_run", "AccessDeniedException")
    session.refuse("synthetics", "describe_runtime_versions", "AccessDeniedException")
    (canary,) = canaries(session)
    assert canary.gaps.keys() == {"last_run", "last_run_completed_at", "runtime_deprecated_at"}


def test_of_several_browsers_the_one_that_failed_counts():
    assert parsed([run(), run("FAILED")]).last_run == "FAILED"
    assert parsed([run(), run("RUNNING")]).last_run == "PASSED"


def test_a_canary_that_never_ran_has_no_last_run():
    canary = parsed([{"CanaryName": "shop"}, run(name="orders")])
    assert (canary.last_run, canary.last_run_completed_at) == (None, None)


def test_a_runtime_that_is_not_listed_is_not_known():
    other = {"VersionName": "syn-python-selenium-4.1"}
    gap = parsed(runtimes=[other]).gaps["runtime_deprecated_at"]
    assert gap.reason is GapReason.NOT_IN_SCHEMA
    assert parsed(runtimes=[other, {"VersionName": RUNTIME}]).runtime_deprecated_at is None
