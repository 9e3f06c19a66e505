from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from findings.checks.base import built_in
from findings.models import Export
from findings.services.exports import LEASE, ExportRefused, export_open
from findings.services.sweeping import work_left_behind
from tests.factories.accounts import AccountFactory, GrantFactory, UserFactory
from tests.factories.findings import ExportFactory, FindingFactory
from tests.services.hanging_exports import HANGS
from tests.services.waiting import wait_until
from workers.tasks.exports import write

MINUTE = timedelta(minutes=1)


@pytest.mark.one_database
def test_an_export_whose_process_was_killed_is_written_whole_by_the_next(
    start_worker, service_environment, short_path
):
    account, viewer = AccountFactory(), UserFactory()
    GrantFactory(user=viewer, organization=account.organization)
    FindingFactory.create_batch(3, account=account)
    export = ExportFactory(organization=account.organization, asked_by=viewer)
    directory = Path(service_environment["CAIRN_HOME"]) / "exports"
    sign = short_path / "sign"
    sign.touch()
    worker = start_worker({HANGS: str(sign)}, include="tests.services.hanging_exports")
    write.delay(export.pk)
    wait_until(sign.with_suffix(".hangs").exists, "a batch is written")
    sign.unlink()
    worker.kill_pool()
    wait_until(lambda: "succeeded in" in worker.log.read_text(), "its message came again")
    export.refresh_from_db()
    assert (export.state, export.attempts) == ("running", 1)
    (part,) = directory.iterdir()
    with pytest.raises(ExportRefused, match="There is no file"):
        export_open(actor=viewer, export=export, directory=directory, now=timezone.now())

    Export.objects.update(lease_until=export.lease_until - LEASE - MINUTE)  # so much time passes
    (work,) = work_left_behind(registry=built_in(), now=timezone.now())
    assert work == ("workers.tasks.exports.write", export.pk)
    write.delay(export.pk)
    wait_until(lambda: Export.objects.get().state == "done", "the next has written it")
    export.refresh_from_db()
    path = export_open(actor=viewer, export=export, directory=directory, now=timezone.now())
    assert path.read_bytes().count(b"\r\n") == 1 + 3
    assert set(directory.iterdir()) == {part, path}
