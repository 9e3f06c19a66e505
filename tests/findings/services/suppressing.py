"""A scanned organization whose failures are suppressed, as the tests of suppressions share it."""

import datetime as dt
from dataclasses import dataclass, field

from findings.models import Finding, Suppression
from findings.selectors.suppressions import suppressed_at
from findings.services.suppression_follow import suppressions_follow
from findings.services.suppressions import suppression_approve, suppression_ask
from tests.findings.services.lab import NOW, Lab, box, finding, only

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
CHECK = "box_is_sealed"
UNSEALED = box(is_sealed=False)


@dataclass
class Suppressing:
    """A lab in which box *a* is not sealed; of high severity, so for 90 days at most."""

    lab: Lab = field(default_factory=lambda: Lab(registry=only(CHECK, "region_has_box")))

    def scan(self):
        self.lab.scan(UNSEALED)
        return self

    def again(self):
        return Suppressing(self.lab.again())

    @property
    def registry(self):
        return self.lab.registry

    @property
    def finding(self):
        return finding()

    def unsaved(self, **fields):
        selects = {} if "finding" in fields else {"check_id": CHECK, "maximum": 10}
        given = {
            "organization": self.lab.organization,
            "kind": "accepted_risk",
            "reason": " it is sealed elsewhere ",
            "ends_at": NOW + 30 * DAY,
        }
        return Suppression(**{**given, **selects, **fields})

    def ask(self, actor=None, now=None, **fields):
        return suppression_ask(
            actor=actor,
            suppression=self.unsaved(**fields),
            registry=self.registry,
            now=now or self.lab.now,
        )

    def approve(self, suppression, actor=None, now=None, note=""):
        return suppression_approve(
            actor=actor,
            suppression=suppression,
            note=note,
            registry=self.registry,
            now=now or self.lab.now,
        )

    def suppress(self, **fields):
        return self.approve(self.ask(**fields))

    def follow(self, **wait):
        self.lab.wait(**wait)
        return suppressions_follow(
            organization=self.lab.organization, registry=self.registry, now=self.lab.now
        )

    def covered(self, at=None):
        """Resources that are suppressed, now or at an instant."""
        found = suppressed_at(Finding.objects.all(), at or self.lab.now)
        return set(found.values_list("resource", flat=True))
