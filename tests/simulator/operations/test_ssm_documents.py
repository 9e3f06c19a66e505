import pytest

from simulator.days import Change

ACCOUNT, REGION = "100000000003", "eu-west-1"


def standing(simulator, **variants):
    changes = [
        Change(day=1, facet=f"ssm.{facet}", variant=variant, account=ACCOUNT, region=REGION)
        for facet, variant in variants.items()
    ]
    return simulator(changes=changes).member("ssm", ACCOUNT, REGION)


def test_the_latest_version_is_told_when_it_is_asked_for(simulator):
    client = standing(simulator, documents_versioned="released")
    default = client.describe_document(Name="undrain")["Document"]
    latest = client.describe_document(Name="undrain", DocumentVersion="$LATEST")["Document"]
    assert (default["DefaultVersion"], default["LatestVersion"]) == ("3", "4")
    assert (default["DocumentVersion"], latest["DocumentVersion"]) == ("3", "4")
    assert default["CreatedDate"] < latest["CreatedDate"]
    assert "VersionName" not in latest


def test_a_document_has_a_text(simulator):
    client = standing(simulator, documents_written="secret", documents_versioned="released")
    assert "hunter2" in client.get_document(Name="dump")["Content"]
    assert client.get_document(Name="drain")["Content"].startswith("schemaVersion")


@pytest.mark.parametrize("method", ["describe_document", "get_document"])
def test_documents_of_others_or_of_nobody_are_not_there(simulator, method):
    client = standing(simulator, sharing="of_another_account")
    foreign = f"arn:aws:ssm:{REGION}:999999999999:document/collect-logs"
    for name in (foreign, "nothing"):
        with pytest.raises(client.exceptions.InvalidDocument):
            getattr(client, method)(Name=name)


def test_a_calendar_is_open_or_closed_or_tells_nothing(simulator):
    change = Change(
        day=1, facet="ssm.change_calendars", variant="closed_elsewhere", account=ACCOUNT
    )
    member = simulator(changes=[change]).member
    home, other = (member("ssm", ACCOUNT, region) for region in ("us-east-1", REGION))
    assert other.get_calendar_state(CalendarNames=["freezes"])["State"] == "CLOSED"
    with pytest.raises(home.exceptions.UnsupportedCalendarException):
        home.get_calendar_state(CalendarNames=["broken"])
    with pytest.raises(home.exceptions.InvalidDocument):
        home.get_calendar_state(CalendarNames=["freezes"])


def test_a_runbook_is_no_calendar(simulator):
    client = standing(simulator, documents_versioned="released")
    with pytest.raises(client.exceptions.InvalidDocumentType):
        client.get_calendar_state(CalendarNames=["drain"])
