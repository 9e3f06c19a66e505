"""Histories at random, made by the services themselves, against a diary that is kept by hand."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountEvent, Membership
from findings.models import Episode, Workflow
from findings.selectors.as_of import ou_as_of
from findings.services.known import known_as_of
from findings.services.scope import scope_apply
from findings.services.suppression_coverage import coverage_end
from findings.services.workflow import finding_move
from tests.factories.accounts import AccountFactory, OrganizationFactory, OuFactory, UserFactory
from tests.factories.findings import SuppressedFindingFactory
from tests.findings.services.lab import DAY, NOW, Lab, box, denied, only

CHECK = "box_is_sealed"
TICK = dt.timedelta(microseconds=1)
FOUND = {
    "sealed": (box(),),
    "open": (box(is_sealed=False),),
    "deleted": (),
    "sample": (box(label="sample", is_sealed=False),),
    "refused": denied(),
}
ACTS = (*FOUND, "claim", "take back", "suppress", "revoke", "leave", "return", "move")
pytestmark = pytest.mark.django_db


class History:
    """One account, to which something happens each day; the diary says what was known since."""

    def __init__(self):
        self.organization = OrganizationFactory(regions=["eu-west-1"])
        management = self.organization.management_account_id
        self.account = AccountFactory(organization=self.organization)
        AccountFactory(organization=self.organization, account_id=management)
        self.lab = Lab(registry=only(CHECK), organization=self.organization, account=self.account)
        self.person = UserFactory(is_superuser=True)
        self.units = [OuFactory(organization=self.organization) for _ in range(2)]
        self.at = NOW - DAY
        Membership.objects.create(account=self.account, ou=self.units[0], started_at=self.at)
        self.is_open = self.is_claimed = self.is_member = self.was_scanned = self.saw = False
        self.is_member = True
        self.suppressed = None
        self.ou = self.units[0]
        self.diary = [(self.at, "blind_no_check", self.ou)]

    def happen(self, act):
        self.at += DAY
        self.lab.now = self.at
        if act in FOUND:
            self._scan(act)
        else:
            getattr(self, f"_{act.replace(' ', '_')}")()
        self.diary.append((self.at, self._known(), self.ou))

    def _known(self):
        if self.is_open and self.suppressed:
            return "foreseen_suppressed"
        if self.is_open:
            return "claimed_fixed" if self.is_claimed else "foreseen_open"
        if not self.was_scanned:
            return "blind_no_check"
        return "nothing_seen" if self.is_member and self.saw else "blind_not_collected"

    def _scan(self, found):
        self.lab.scan(facts={"lab.box": FOUND[found]})
        self.was_scanned = True
        if not self.is_member:
            return
        self.saw = found != "refused"
        if found == "open":
            self.is_claimed = False
            if not self.is_open:
                self.suppressed = None
        if found != "refused":
            self.is_open = found == "open"

    def _episode(self):
        return Episode.objects.get(finding__account=self.account, closed_at=None)

    def _claim(self):
        if self.is_open and not self.is_claimed:
            self._move_to(Workflow.FIX_CLAIMED)
            self.is_claimed = True

    def _take_back(self):
        if self.is_open and self.is_claimed:
            self._move_to(Workflow.IN_PROGRESS)
            self.is_claimed = False

    def _move_to(self, to):
        finding = self._episode().finding
        finding_move(actor=self.person, finding=finding, to=to, now=self.at)

    def _suppress(self):
        if self.is_open and not self.suppressed:
            episode = self._episode()
            row = SuppressedFindingFactory(
                finding=episode.finding,
                episode=episode,
                from_at=self.at,
                until_at=self.at + 99 * DAY,
            )
            self.suppressed = row.suppression

    def _revoke(self):
        if self.suppressed:
            coverage_end(self.suppressed, now=self.at)
            self.suppressed = None

    def _leave(self):
        if self.is_member:
            Account.objects.filter(pk=self.account.pk).update(state="LEFT", left_at=self.at)
            self._memberships().update(ended_at=self.at)
            self._tell("left", "ACTIVE", "LEFT")
            scope_apply(organization=self.organization, registry=self.lab.registry, now=self.at)
            self.is_member = self.is_open = self.is_claimed = self.saw = False
            self.suppressed = self.ou = None

    def _return(self):
        if not self.is_member:
            Account.objects.filter(pk=self.account.pk).update(state="ACTIVE", left_at=None)
            self._join(self.units[0])
            self._tell("rejoined", "LEFT", "ACTIVE")
            self.is_member = True

    def _move(self):
        if self.is_member:
            self._memberships().update(ended_at=self.at)
            self._join(self.units[self.ou == self.units[0]])

    def _join(self, ou):
        Membership.objects.create(account=self.account, ou=ou, started_at=self.at)
        self.ou = ou

    def _memberships(self):
        return Membership.objects.filter(account=self.account, ended_at=None)

    def _tell(self, kind, before, after):
        AccountEvent.objects.create(
            account=self.account, kind=kind, at=self.at, before=before, after=after
        )

    def found(self, at):
        account = Account.objects.get(pk=self.account.pk)
        (known,) = known_as_of(
            accounts=[account], checks=[CHECK], at=at, registry=self.lab.registry
        )
        assert known.ou == ou_as_of(account, at)
        return known.judged.foresight.value, known.ou


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@example(["open", "claim", "open", "suppress", "claim", "revoke", "move", "leave", "return"])
@example(["open", "claim", "suppress", "refused", "take back", "sealed", "refused", "open"])
@given(st.lists(st.sampled_from(ACTS), min_size=2, max_size=5).map(lambda acts: ["open", *acts]))
def test_at_every_turn_and_just_before_it_the_class_is_that_of_the_diary(acts):
    history = History()
    for act in acts:
        history.happen(act)
    told = {
        at: (known, ou)
        for number, (start, known, ou) in enumerate(history.diary)
        for at in (start, start + DAY / 2, start + DAY - TICK)
    }
    assert {at: history.found(at) for at in told} == told, acts
