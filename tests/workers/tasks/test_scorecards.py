import pytest

from findings.models import ScoreSnapshot
from tests.factories.accounts import AccountFactory
from workers.tasks.scorecards import snapshot_all


@pytest.mark.django_db
def test_the_running_day_of_every_organization_is_kept():
    accounts = AccountFactory.create_batch(2)
    snapshot_all()
    snapshot_all()
    kept = ScoreSnapshot.objects.filter(scope_kind="organization", row="")
    assert {row.scope_uid for row in kept} == {a.organization.uid for a in accounts}
    assert kept.count() == 2
