"""Change calendars of accounts, and templates of Change Manager."""

from typing import Any

from simulator.facets.base import ACCOUNT, RARELY, Facet
from simulator.facets.production import in_production
from simulator.facets.runbooks import STRANGER, put_document
from simulator.places import AccountPlace, Place
from simulator.shapes import Undocumented

calendars = Facet("ssm.change_calendars", level=ACCOUNT)
templates = Facet("ssm.change_templates", level=ACCOUNT)

CALENDAR, APPROVED = "ssm_change_calendar_defined", "ssm_change_template_approved"


def _put_calendar(place: Place, state: str | None, name: str = "freezes") -> None:
    given: dict[str, Any] = {"DocumentType": "ChangeCalendar", "DocumentFormat": "TEXT"}
    put_document(place, name, "not_applicable", _state=state, _content="BEGIN:VCALENDAR", **given)


def _expect_calendar(account: AccountPlace, status: str) -> None:
    account.expect(CALENDAR, in_production(account, status))


@calendars.variant("open", characters={"exemplary": 3, "ordinary": 2, "locked_down": 2})
def open_(account: AccountPlace) -> None:
    _put_calendar(account.home, "OPEN")
    _expect_calendar(account, "pass")


@calendars.variant("closed_elsewhere", characters={"exemplary": 1, "ordinary": 1})
def closed_elsewhere(account: AccountPlace) -> None:
    """In another region, beside one that tells nothing."""
    _put_calendar(account.home, None, "broken")
    _put_calendar(account.regions()[min(1, len(account.regions()) - 1)], "CLOSED")
    _expect_calendar(account, "pass")


@calendars.variant("none", characters={"neglected": 3, "ordinary": 2, "new": 3})
def no_calendar(account: AccountPlace) -> None:
    _expect_calendar(account, "fail")


@calendars.variant("broken", characters={"ordinary": 1, "neglected": 1})
def broken(account: AccountPlace) -> None:
    _put_calendar(account.home, None)
    _expect_calendar(account, "fail")


@calendars.variant("shared", characters={"ordinary": 1, "locked_down": 1})
def shared(account: AccountPlace) -> None:
    """Another account's calendar, shared with this one."""
    home = account.home
    arn = f"arn:aws:ssm:{home.region}:{STRANGER}:document/freezes"
    given: dict[str, Any] = {"Owner": STRANGER, "DocumentType": "ChangeCalendar"}
    put_document(home, arn, "not_applicable", "not_applicable", _state="CLOSED", **given)
    _expect_calendar(account, "pass")


# templates of Change Manager
def _put_template(account: AccountPlace, review: str, name: str = "standard-change") -> None:
    given: dict[str, Any] = {"DocumentType": "Automation.ChangeTemplate", "ReviewStatus": review}
    put_document(account.home, name, "not_applicable", **given)


@templates.variant("none", characters={"exemplary": 2, "ordinary": 3, "new": 3, "neglected": 2})
def no_template(account: AccountPlace) -> None:
    account.expect(APPROVED, "not_applicable")


@templates.variant("approved", characters={"exemplary": 2, "locked_down": 2})
def approved(account: AccountPlace) -> None:
    _put_template(account, "APPROVED")
    account.expect(APPROVED, "pass")


@templates.variant("pending", characters={"ordinary": 1, "neglected": 1})
def pending(account: AccountPlace) -> None:
    """One of two."""
    _put_template(account, "APPROVED")
    _put_template(account, "PENDING", "urgent-change")
    account.expect(APPROVED, "fail")


@templates.variant("rejected", characters={"neglected": 1})
def rejected(account: AccountPlace) -> None:
    _put_template(account, "REJECTED")
    account.expect(APPROVED, "fail")


@templates.variant("not_reviewed", characters=RARELY)
def not_reviewed(account: AccountPlace) -> None:
    _put_template(account, "NOT_REVIEWED")
    account.expect(APPROVED, "fail")


@templates.variant("review_unheard_of", characters=RARELY)
def review_unheard_of(account: AccountPlace) -> None:
    _put_template(account, Undocumented("DEFERRED"))
    account.expect(APPROVED, "fail")


@templates.variant("review_untold", characters=RARELY)
def review_untold(account: AccountPlace) -> None:
    given: dict[str, Any] = {"DocumentType": "Automation.ChangeTemplate"}
    put_document(account.home, "standard-change", "not_applicable", **given)
    account.expect(APPROVED, "unknown")
