"""Contracts of every registered facet and operation, over the default world."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from simulator import facets, operations
from simulator.answers import AWS_ORGANIZATION, key
from simulator.credentials import principal_of
from simulator.errors import AwsError
from simulator.facets.base import Facet, Level, all_facets
from simulator.operations.base import Call, operation_of, simulated_operations
from simulator.protocol import Target, result_reply, service_model
from simulator.world import World

EPOCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
facets.load()
operations.load()
FACETS = all_facets()
LISTINGS = sorted(
    (service, name)
    for service, name in simulated_operations()
    if not getattr(service_model(service).operation_model(name).input_shape, "required_members", ())
)


@cache
def world(day: int) -> World:
    return World(epoch=EPOCH, day=day)


@cache
def answers(day: int):
    return key(world(day))


def standing(facet: Facet, day: int) -> dict[tuple[str, str], str]:
    """The facet's variant in each collected place of the day."""
    on = world(day)
    seen_whole = [a for a in on.accounts if on.is_reachable(a) and not on.denied_operation(a)]
    if facet.level is Level.ORGANIZATION:
        return {("", ""): on.assignment.of_organization(facet).name}
    if facet.level is Level.ACCOUNT:
        return {
            (account.id, ""): on.assignment.of_account(facet, account).name
            for account in seen_whole
        }
    return {
        (account.id, region): on.assignment.of_region(facet, account, region).name
        for account in seen_whole
        for region in on.regions
        if on.is_collected(account, region)
    }


def never_standing(facet: Facet) -> set[str]:
    """The variants that stand nowhere when they should."""
    early = {name for name, variant in facet.variants.items() if variant.from_day == 1}
    late = set(facet.variants) - early
    if facet.level is Level.ORGANIZATION:  # one place only: they take it in turn
        days = {standing(facet, day)["", ""] for day in range(1, 1 + len(facet.variants))}
        return days ^ set(facet.variants)
    return (early - set(standing(facet, 1).values())) | (late - set(standing(facet, 2).values()))


def test_every_variant_stands_somewhere():
    missing = {facet.name: found for facet in FACETS if (found := never_standing(facet))}
    assert not missing, str(missing)


def rests(facet: Facet) -> str:
    """What does not happen to a facet on the second and third day; empty where all does."""
    first, second, third = (standing(facet, day) for day in (1, 2, 3))
    moved = {slot for slot in first.keys() & second.keys() if first[slot] != second[slot]}
    back = {slot for slot in moved & third.keys() if third[slot] == first[slot]}
    stays = facet.level is Level.ORGANIZATION or facet.followers
    if not moved:
        return "nothing changes on day two"
    return "" if back or stays else "nothing moves back on day three"


def test_every_facet_changes_on_day_two_and_moves_back_somewhere_on_day_three():
    changing = [facet for facet in FACETS if len(facet.variants) > 1]
    wrong = [f"{facet.name}: {told}" for facet in changing if (told := rests(facet))]
    assert changing
    assert not wrong, "\n".join(wrong)


def test_every_check_of_the_key_has_a_pass_and_a_fail():
    """Of the one organization on one of three days; of all else on the first day."""
    seen = defaultdict(set)
    for day in (1, 2, 3):
        for subject, answer in answers(day).items():
            if day == 1 or subject.region == AWS_ORGANIZATION:
                seen[subject.check].add(answer.status)
    both = {"pass", "fail"}
    assert {check: found for check, found in seen.items() if not found >= both} == {}


def test_regressions_of_both_kinds_occur_over_three_days():
    days = [answers(day) for day in (1, 2, 3)]
    courses = Counter(
        tuple(day[subject].status for day in days)
        for subject in days[0].keys() & days[1].keys() & days[2].keys()
    )
    assert courses["pass", "fail", "pass"]
    assert courses["fail", "pass", "fail"]


def statuses(service: str, name: str) -> Iterator[int]:
    """What a listing is answered with in each place that does not refuse it."""
    model = service_model(service).operation_model(name)
    metadata = service_model(service).metadata
    target = Target(
        service=service,
        protocol=metadata.get("protocols", [metadata["protocol"]])[0],
        operation=model,
        path_parameters={},
    )
    on = world(1)
    for place in on.places():
        call = Call(
            world=on,
            service=service,
            name=name,
            account=place.account,
            region=place.region,
            parameters={},
            principal=principal_of(on.credentials.access_key_id, None),
        )
        try:
            result = operation_of(service, name)(call)
        except AwsError:
            continue
        yield result_reply(target, result, "id").status


def misfit(service: str, name: str) -> str:
    """What is wrong with a listing in some place; empty where it fits its model everywhere."""
    try:
        others = set(statuses(service, name)) - {200}
    except Exception as error:
        return repr(error)
    return str(others) if others else ""


def test_every_listing_fits_its_model_in_every_place():
    wrong = [
        f"{service}:{name}: {told}" for service, name in LISTINGS if (told := misfit(service, name))
    ]
    assert LISTINGS
    assert not wrong, "\n".join(wrong)
