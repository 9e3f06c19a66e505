"""An action item that is done when the boxes of two accounts are sealed."""

from copy import copy

from findings.services.action_item_tickets import tickets_follow
from findings.services.action_items import action_item_claim
from findings.services.guard_following import guards_follow
from tests.factories.accounts import AccountFactory
from tests.factories.incidents import ActionItemFactory, IncidentFactory, LearningFactory
from tests.findings.services.lab import Lab, box, only

SEALED, OPEN = {"lab.box": (box(),)}, {"lab.box": (box(is_sealed=False),)}


class Guarded:
    """An organization of two accounts, and an item that is done when their boxes are sealed."""

    def __init__(self, check="box_is_sealed", lab=None, **fields):
        self.lab = lab or Lab(registry=only(check))
        other = AccountFactory(organization=self.lab.organization)
        incident = IncidentFactory(organization=self.lab.organization)
        self.other = other
        self.learning = LearningFactory(incident=incident)
        self.item = ActionItemFactory(
            incident=incident,
            learning=self.learning,
            check_id=check,
            accounts=[self.lab.account, other],
            **fields,
        )

    def again(self):
        """The same rows as the database has them now, for another test that shares them."""
        found = copy(self)
        found.lab = self.lab.again()
        for name in ("other", "learning", "item"):
            row = getattr(self, name)
            setattr(found, name, type(row).objects.get(pk=row.pk))
        return found

    def scan(self, facts=SEALED, **selection):
        self.lab.wait(hours=1).scan(facts=facts, selection=selection)
        return self.follow()

    def claim(self):
        self.lab.wait(hours=1)
        action_item_claim(actor=None, item=self.item, now=self.lab.now)
        return self.follow()

    def follow(self):
        """Twice: looking again changes nothing."""
        for _ in range(2):
            while tickets_follow(organization=self.lab.organization):
                pass
            guards_follow(
                organization=self.lab.organization, registry=self.lab.registry, now=self.lab.now
            )
        self.item.refresh_from_db()
        self.learning.refresh_from_db()
        return self.item.state, self.learning.state
