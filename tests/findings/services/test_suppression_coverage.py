"""What suppressions cover while findings, accounts, checks and time move."""

import pytest

from findings.checks.base import built_in
from findings.models import Finding, SuppressedFinding, Workflow
from findings.services.suppression_follow import suppressions_renew
from findings.services.workflow import finding_move
from tests.factories.accounts import AccountFactory, UserFactory
from tests.factories.findings import CheckStatusFactory
from tests.findings.services.lab import NOW, box, only
from tests.findings.services.suppressing import CHECK, DAY, SECOND, UNSEALED

pytestmark = pytest.mark.django_db


def unsealed(*names):
    return [box(name=name, is_sealed=False) for name in names]


def scan(there, *boxes, **wait):
    there.lab.wait(**(wait or {"days": 1})).scan(*boxes)
    there.follow()


def kinds_of(suppression):
    return list(suppression.events.order_by("number").values_list("kind", flat=True))


def renewed(suppression):
    """The request that asks for a tripped one again."""
    suppression.refresh_from_db()
    return suppression.renewed_by


def test_it_covers_until_its_end_and_no_second_more(there):
    suppression = there.suppress()
    end = suppression.ends_at
    assert there.covered(at=NOW - SECOND) == set()
    assert there.covered(at=end - SECOND) == {"a"}
    assert there.covered(at=end) == set()
    assert (suppression.state(end - SECOND), suppression.state(end)) == ("active", "expired")


def test_its_end_is_told_once_before_and_once_when_it_is_over(there):
    suppression = there.suppress()
    there.follow(days=15)
    assert kinds_of(suppression) == ["asked", "approved"]
    for _ in range(2):
        there.follow(days=1)
    assert kinds_of(suppression) == ["asked", "approved", "ending"]
    for _ in range(2):
        there.follow(days=14)
    assert kinds_of(suppression) == ["asked", "approved", "ending", "expired"]
    assert suppression.events.last().at == suppression.ends_at


def test_a_finding_born_later_is_covered_from_its_birth(there):
    there.suppress()
    there.lab.wait(days=1).scan(*unsealed("a", "b"))
    born = there.lab.now
    assert there.covered() == {"a"}
    there.follow(hours=1)
    assert there.covered() == {"a", "b"}
    assert there.covered(at=born) == {"a", "b"}
    assert there.covered(at=born - SECOND) == {"a"}


def test_following_twice_changes_nothing(there):
    there.suppress()
    scan(there, *unsealed("a", "b"))
    before = list(SuppressedFinding.objects.values())
    assert there.follow(hours=1) == 0
    renew(there)
    assert list(SuppressedFinding.objects.values()) == before


def test_many_events_are_taken_up_batch_by_batch(there, monkeypatch):
    monkeypatch.setattr("findings.services.suppression_follow.BATCH", 2)
    there.suppress()
    there.lab.wait(days=1).scan(*unsealed("a", "b", "c", "d", "e"))
    there.follow()
    assert there.covered() == set("abcde")


def test_exactly_its_maximum_is_covered_and_one_more_trips_it(there):
    suppression = there.suppress(maximum=2)
    scan(there, *unsealed("a", "b"))
    assert there.covered() == {"a", "b"}
    scan(there, *unsealed("a", "b", "c"))
    assert there.covered() == set()
    again = renewed(suppression)
    assert suppression.state(there.lab.now) == "tripped"
    assert kinds_of(suppression)[-1] == "too_many"
    assert (again.state(there.lab.now), again.maximum, again.ends_at) == (
        "asked",
        3,
        suppression.ends_at,
    )
    assert there.covered(at=there.lab.now - SECOND) == {"a", "b"}


def test_what_passes_leaves_room_below_the_maximum(there):
    suppression = there.suppress(maximum=2)
    scan(there, *unsealed("a", "b"))
    scan(there, box(name="a"), *unsealed("b", "c"))
    assert there.covered() == {"b", "c"}
    suppression.refresh_from_db()
    assert suppression.tripped_at is None


def test_a_pass_resolves_as_usual_and_ends_the_span(there):
    there.suppress()
    scan(there, box())
    assert there.finding.episodes.get().workflow == Workflow.RESOLVED
    assert there.covered() == set()
    assert SuppressedFinding.objects.get().until_at == there.lab.now


def test_an_accepted_risk_of_one_finding_is_over_with_its_episode(there):
    there.suppress(finding=there.finding)
    scan(there, *unsealed("a", "b"))
    assert there.covered() == {"a"}
    scan(there, box())
    scan(there, UNSEALED)
    assert there.finding.episodes.count() == 2
    assert there.covered() == set()


def test_a_selector_covers_the_next_episode_too(there):
    there.suppress()
    scan(there, box())
    scan(there, UNSEALED)
    assert there.finding.episodes.count() == 2
    assert there.covered() == {"a"}


def test_a_false_positive_covers_every_episode_while_its_failure_is_the_same(there):
    suppression = there.suppress(finding=there.finding, kind="false_positive")
    scan(there, box())
    scan(there, UNSEALED)
    assert there.finding.episodes.count() == 2
    assert there.covered() == {"a"}
    assert "evidence_changed" not in kinds_of(suppression)


OTHER_PARTS = [{"name": "locked", "status": "fail", "message": ""}]


def change_version(there):
    there.lab.registry = only(CHECK, "region_has_box", version=2)
    scan(there, UNSEALED)


def change_evidence(there):
    Finding.objects.filter(resource="a").update(parts=OTHER_PARTS)
    renew(there)


def come_again_otherwise(there):
    scan(there, box())
    there.lab.wait(days=1).scan(UNSEALED)
    Finding.objects.filter(resource="a").update(parts=OTHER_PARTS)
    there.follow()


def renew(there):
    suppressions_renew(
        organization=there.lab.organization, registry=there.registry, now=there.lab.now
    )


@pytest.mark.parametrize("change", [change_version, change_evidence, come_again_otherwise])
def test_a_false_positive_is_asked_again_when_check_or_evidence_changed(there, change):
    suppression = there.suppress(finding=there.finding, kind="false_positive")
    there.lab.wait(hours=1)
    change(there)
    assert there.covered() == set()
    again = renewed(suppression)
    assert kinds_of(suppression)[-1] == "evidence_changed"
    assert (again.finding, again.kind, again.state(there.lab.now)) == (
        there.finding,
        "false_positive",
        "asked",
    )
    there.approve(again)
    assert there.covered() == {"a"}


def test_words_that_move_by_themselves_are_no_other_evidence(there):
    there.lab.registry = only("box_is_looked_at")
    there.lab.wait(days=9).scan(box(looked_at=NOW))
    looked_at = Finding.objects.get(check_id="box_is_looked_at")
    there.suppress(finding=looked_at, kind="false_positive")
    Finding.objects.filter(pk=looked_at.pk).update(message="looked at on another day")
    renew(there)
    assert there.covered() == {"a"}


def test_of_a_selector_of_false_positives_only_the_changed_one_is_uncovered(there):
    scan(there, *unsealed("a", "b"))
    suppression = there.suppress(kind="false_positive")
    Finding.objects.filter(resource="b").update(parts=OTHER_PARTS)
    for _ in range(2):
        renew(there)
        there.lab.wait(hours=1)
    assert there.covered() == {"a"}
    assert kinds_of(suppression) == ["asked", "approved", "evidence_changed"]


def test_one_that_expires_while_a_fix_is_claimed_leaves_the_claim(there):
    suppression = there.suppress()
    claimer = UserFactory(is_superuser=True)
    finding_move(actor=claimer, finding=there.finding, to=Workflow.FIX_CLAIMED, now=NOW)
    there.follow()
    assert there.covered() == {"a"}
    there.lab.now = suppression.ends_at
    there.follow()
    assert there.covered() == set()
    assert there.finding.episodes.get().workflow == Workflow.FIX_CLAIMED


def test_a_failing_compensating_check_trips_it(there):
    suppression = there.suppress(compensating_check="region_has_box")
    assert there.covered() == {"a"}
    there.lab.account.check_statuses.filter(check_id="region_has_box").update(passed=0, failed=1)
    there.follow(days=1)
    assert there.covered() == set()
    event = suppression.events.get(kind="check_fails")
    assert event.account == there.lab.account
    again = renewed(suppression)
    with pytest.raises(Exception, match="compensating check fails"):
        there.approve(again)


def test_a_compensating_check_that_is_not_known_warns_once_and_covers(there):
    suppression = there.suppress(compensating_check="region_has_box")
    status = there.lab.account.check_statuses.filter(check_id="region_has_box")
    for counts, warned in (
        ({"passed": 1}, False),
        ({"passed": 0, "unknown": 1}, True),
        ({"passed": 1, "unknown": 1}, True),
        ({"passed": 1, "unknown": 0}, False),
    ):
        status.update(**counts)
        there.follow(hours=1)
        suppression.refresh_from_db()
        assert (suppression.warned_at is not None) == warned
        assert there.covered() == {"a"}
    assert kinds_of(suppression).count("check_unknown") == 1


def test_the_compensating_check_counts_in_the_accounts_of_what_is_covered_alone(there):
    suppression = there.suppress(compensating_check="region_has_box")
    elsewhere = AccountFactory(organization=there.lab.organization)
    CheckStatusFactory(account=elsewhere, check_id="region_has_box", failed=1)
    there.follow(days=1)
    suppression.refresh_from_db()
    assert (suppression.tripped_at, suppression.warned_at) == (None, None)


def test_a_severity_that_rises_shortens_what_is_left(there):
    suppression = there.suppress(ends_at=NOW + 60 * DAY)
    Finding.objects.filter(resource="a").update(severity="critical", severity_rank=0)
    suppressions_renew(organization=there.lab.organization, registry=built_in(), now=NOW + DAY)
    assert SuppressedFinding.objects.get(suppression=suppression).until_at == NOW + 30 * DAY
