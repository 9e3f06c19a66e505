from celery import shared_task
from django.conf import settings
from django.utils import timezone

from findings.checks.base import built_in
from findings.services.export_writing import export_write
from findings.services.exports import export_claim
from workers.collectors.base import collectors


@shared_task
def write(export_id: int) -> None:
    """Write the file of an export; what another task has or has done is left alone."""
    export = export_claim(export_id=export_id, now=timezone.now())
    if export is not None:
        export_write(
            export=export,
            registry=built_in(),
            directory=settings.HOME / "exports",
            operations={kind: found.operations for kind, found in collectors().items()},
        )
