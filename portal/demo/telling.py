"""Telling the incidents of the demo through the REST API, and nothing but it.

Whatever is recorded already is found again and left as it is, so a demo that begins again, or one
that was ended half-way, records nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.demo.client import Api
from portal.demo.story import IncidentTold, LeftOut, Story

MOVES = ("in_review", "published")
"""The states of an analysis after its draft, in their order."""


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Tells the story to one organization; `owner` is the user name of who answers for the work."""

    api: Api
    story: Story
    organization: str
    owner: str
    now: datetime

    def tell(self) -> None:
        for told in self.story.incidents:
            self._refuse_strangers(told)
        for told in self.story.incidents:
            self._tell(told)

    def claim(self) -> list[str]:
        """Say of each action item that it is done, once; the scans that were asked for."""
        new = self.unclaimed()
        claimed = [self.api.post(f"action-items/{item['uid']}/claim/") for item in new]
        return [item["claim_scan"] for item in claimed if item["claim_scan"]]

    def unclaimed(self) -> list[Any]:
        return [item for item in self.items() if item["state"] == "open" and not _was_decided(item)]

    def items(self) -> list[Any]:
        return [item for incident in self._recorded() for item in self._items_of(incident)]

    def outcome(self) -> list[dict[str, Any]]:
        """What became of each incident, as the API has it now."""
        return [self._outcome(incident) for incident in self._recorded()]

    def _refuse_strangers(self, told: IncidentTold) -> None:
        for account in told.incident["accounts"]:
            where = {"organization": self.organization, "account_id": account}
            if self.api.first("accounts/", **where) is None:
                raise LeftOut(f"this world has no account {account}.")

    def _tell(self, told: IncidentTold) -> None:
        incident = self._find(told) or self.api.post(
            "incidents/", {**told.body(self.now), "organization": self.organization}
        )
        at = f"incidents/{incident['uid']}/"
        self._add_missing(f"{at}timeline/", told.entries(incident["started_at"]))
        self._add_missing(f"{at}factors/", told.factors)
        for entry in self.api.get(f"{at}foresight/") or self.api.post(f"{at}foresight/"):
            if not entry["confirmed"]:
                agreed = {"entry": entry["uid"], "foresight": entry["proposed"]}
                self.api.post(f"{at}confirm/", agreed)
        self._analyse(incident["uid"], told.analysis)
        for learnt in told.learnings:
            self._learn(incident["uid"], learnt)

    def _add_missing(self, path: str, wanted: Any) -> None:
        known = {part["text"] for part in self.api.get(path)}
        for part in wanted:
            if part["text"] not in known:
                self.api.post(path, part)

    def _analyse(self, incident: str, told: dict[str, Any]) -> None:
        """One that is there already belongs to whoever works on it."""
        if self.api.first("analyses/", incident=incident):
            return
        words = {name: value for name, value in told.items() if name != "state"}
        analysis = self.api.post("analyses/", {"incident": incident, **words})
        for state in MOVES[: MOVES.index(told["state"]) + 1]:
            noun = f"analyses/{analysis['uid']}/"
            self.api.post_to_what_stands(noun, "move/", {"state": state})

    def _learn(self, incident: str, told: dict[str, Any]) -> None:
        known = self.api.every("learnings/", incident=incident)
        statement = told["learning"]
        learning = next((one for one in known if one["when"] == statement["when"]), None)
        if learning is None:
            learning = self.api.post("learnings/", {"incident": incident, **statement})
        items = {item["title"]: item for item in self._items_of({"uid": incident})}
        of_all = {"incident": incident, "learning": learning["uid"], "owner": self.owner}
        for wanted in told.get("action_items", ()):
            item = items.get(wanted["title"])
            item = item or self.api.post("action-items/", {**wanted, **of_all})
            if item["ticket"] is None and item["state"] == "open":
                self.api.post(f"action-items/{item['uid']}/ticket/")

    def _find(self, told: IncidentTold) -> Any | None:
        reference = told.incident["external_reference"]
        where = {"organization": self.organization, "external_reference": reference}
        return self.api.first("incidents/", **where)

    def _recorded(self) -> Iterator[Any]:
        found = (self._find(told) for told in self.story.incidents)
        return (incident for incident in found if incident)

    def _items_of(self, incident: Any) -> Iterator[Any]:
        return self.api.every("action-items/", incident=incident["uid"])

    def _outcome(self, incident: Any) -> dict[str, Any]:
        foresight = self.api.get(f"incidents/{incident['uid']}/foresight/")
        warnings = [entry["warning_seconds"] for entry in foresight if entry["warning_seconds"]]
        analysis = self.api.first("analyses/", incident=incident["uid"])
        items = list(self._items_of(incident))
        return {
            "key": incident["key"],
            "title": incident["title"],
            "foresight": dict(Counter(entry["confirmed"] for entry in foresight)),
            "days_of_warning": max(warnings, default=0) // 86_400,
            "analysis": analysis and analysis["state"],
            "action_items": dict(Counter(_end_of(item) for item in items)),
        }


def _was_decided(item: Any) -> bool:
    return bool(item["rejected_claims"] or item["regressions"])


def _end_of(item: Any) -> str:
    is_rejected = item["state"] == "open" and item["rejected_claims"]
    return "rejected" if is_rejected else str(item["state"])


def sentences(outcome: list[dict[str, Any]]) -> str:
    """One line for the terminal."""
    return " ".join(f"{_sentence(one)}." for one in outcome)


def _sentence(one: dict[str, Any]) -> str:
    known = ", ".join(
        name.replace("_", " ").replace("blind ", "blind: ") for name in one["foresight"]
    )
    days, items = one["days_of_warning"], one["action_items"]
    ends = sorted(items, reverse=True)  # verified before rejected
    parts = [f"{known} for {days} days" if days else known]
    if items:
        parts.append(f"action items: {', '.join(f'{items[end]} {end}' for end in ends)}")
    return f"{one['key']}: {'; '.join(parts)}"
