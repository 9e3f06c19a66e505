"""Which accounts show their telemetry to the security account, in the home region."""

from collections.abc import Sequence
from typing import Any

from simulator.facets.base import ORGANIZATION, Facet
from simulator.operations.oam import LINKS, SINKS
from simulator.organization import SimAccount
from simulator.places import OrganizationPlace, Place

monitoring = Facet("oam.monitoring", level=ORGANIZATION)

CHECK = "cloudwatch_cross_account_observability_linked"
METRICS = "AWS::CloudWatch::Metric"
ALL = ["AWS::CloudWatch::Metric", "AWS::Logs::LogGroup", "AWS::XRay::Trace"]


def _members(organization: OrganizationPlace) -> list[SimAccount]:
    """Active accounts but the one that monitors, in a stable order."""
    found = organization.world.organization
    return [
        account
        for account in found.accounts.values()
        if account.state == "ACTIVE" and account.id != found.delegated_administrator
    ]


def _home(organization: OrganizationPlace, account: str) -> Place:
    return organization.member(account).home


def _put_sink(organization: OrganizationPlace, monitor: str, name: str) -> dict[str, Any]:
    place = _home(organization, monitor)
    arn = place.arn("oam", f"sink/{place.uuid(name)}")
    return place.put(SINKS, {"Arn": arn, "Id": place.uuid(name), "Name": name, "_links": []})


def _link(
    organization: OrganizationPlace, sink: dict[str, Any], account: SimAccount, types: list[str]
) -> None:
    """The link as its account sees it, and as the monitoring account does."""
    place = _home(organization, account.id)
    arn = place.arn("oam", f"link/{place.uuid(sink['Arn'])}")
    shared = {"Label": account.name, "ResourceTypes": types}
    own = {"Arn": arn, "Id": place.uuid(sink["Arn"]), "SinkArn": sink["Arn"], **shared}
    place.put(LINKS, own)
    sink["_links"].append({"LinkArn": arn, **shared})


def _monitor(
    organization: OrganizationPlace, left_out: Sequence[str], metrics_only: Sequence[str] = ()
) -> None:
    """All accounts are linked but those named; some with metrics only."""
    monitor = organization.world.organization.delegated_administrator
    members = _members(organization)
    if monitor is None or not members:
        _expect_unlinked(organization)
        return
    sink = _put_sink(organization, monitor, "monitoring")
    _put_sink(organization, monitor, "unused")
    whole = 0
    for account in members:
        if account.name in left_out:
            organization.member(account.id).expect(CHECK, "fail")
            continue
        is_whole = account.name not in metrics_only
        _link(organization, sink, account, ALL if is_whole else [METRICS])
        is_seen = organization.world.is_collected(account, organization.world.regions[0])
        organization.member(account.id).expect(CHECK, "pass" if is_whole and is_seen else "fail")
        whole += is_whole
    status = "pass" if 100 * whole >= 95 * len(members) else "fail"
    organization.member(monitor).expect(CHECK, status)


def _expect_unlinked(organization: OrganizationPlace) -> None:
    active = [
        account
        for account in organization.world.organization.accounts.values()
        if account.state == "ACTIVE"
    ]
    for account in active:
        status = "fail" if len(active) > 1 else "not_applicable"
        organization.member(account.id).expect(CHECK, status)


@monitoring.variant("nearly_all")
def nearly_all(organization: OrganizationPlace) -> None:
    """All but one, which is no more than may be missing."""
    _monitor(organization, ("shop-prod",))


@monitoring.variant("too_few")
def too_few(organization: OrganizationPlace) -> None:
    """One is missing, and another one shows metrics only."""
    _monitor(organization, ("shop-prod",), metrics_only=("payments-prod",))


@monitoring.variant("nobody")
def nobody(organization: OrganizationPlace) -> None:
    _expect_unlinked(organization)
