"""The merge and the adapters together: they agree, and then nothing more is written."""

import datetime as dt
import uuid

from findings.ticketing import block
from findings.ticketing.merge import Authority, three_way
from findings.ticketing.state import DesiredTicket, OurComment, StatusCategory, StatusDemand
from tests.trackers.test_texts import TEXTS
from workers.ticket_writes import carry_out, new_issue


def settle(lab, desired, external_id, base):
    """Rounds until a plan is empty; their number, and the base."""
    fields = lab.tracker.capabilities().fields
    for number in range(4):
        remote = lab.tracker.get(external_id)
        plan = three_way(base, desired, remote, Authority(fields=fields))
        if not (plan.writes or plan.comments or plan.move):
            return number, plan.base
        base = carry_out(
            tracker=lab.tracker,
            desired=desired,
            remote=remote,
            plan=plan,
            preferred={},
            fields={},
            keep=lambda *_: None,
        )
    raise AssertionError("it never settles")


def test_both_sides_agree_after_everybody_wrote_and_nothing_more_is_written(lab):
    marker = block.marker_of(uuid.uuid4())
    wanted = {"marker": marker, "title": "Buckets *are* public", "severity": "high"}
    desired = DesiredTicket(**wanted, block=TEXTS[0].strip(), labels=frozenset({"cairn"}))
    told = lab.tracker.create(lab.target, new_issue(desired, lab.tracker.capabilities()))
    lab.fake.asked.clear()
    base = settle(lab, desired, told.external_id, None)[1]
    assert lab.fake.writes == []
    lab.fake.write_around(told.external_id)
    lab.fake.comment(told.external_id, "theirs")
    lab.fake.edit(told.external_id, **{"summary" if lab.is_jira else "title": "theirs"})
    demand = StatusDemand(id="d1", category=StatusCategory.DONE)
    said = (OurComment(id=uuid.uuid4().hex, body="verified"),)
    desired = DesiredTicket(
        **wanted,
        block="**done**",
        labels=frozenset({"other"}),
        due_date=dt.date(2026, 12, 24),
        status=demand,
        comments=said,
    )
    _, base = settle(lab, desired, told.external_id, base)
    remote = lab.tracker.get(told.external_id)
    assert block.take(remote.description, marker) == "**done**"
    assert remote.title == desired.title
    assert remote.status_category is StatusCategory.DONE
    assert [comment.our_id for comment in remote.comments] == ["", said[0].id]
    assert {"other"} == remote.labels - {marker}
    lab.fake.asked.clear()
    assert settle(lab, desired, told.external_id, base)[0] == 0
    assert lab.fake.writes == []
