import logging

import pytest

from tests.factories.accounts import OrganizationFactory
from workers.tasks import suppressions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("task", [suppressions.follow, suppressions.renew])
def test_the_failure_of_one_organization_is_none_of_the_others(monkeypatch, caplog, task):
    broken, other = OrganizationFactory(), OrganizationFactory()
    asked = []

    def service(*, organization, **_):
        asked.append(organization)
        if organization == broken:
            raise RuntimeError("broken")

    for name in ("suppressions_follow", "suppressions_renew"):
        monkeypatch.setattr(suppressions, name, service)
    with caplog.at_level(logging.ERROR):
        task()
    assert set(asked) == {broken, other}
    assert [record.getMessage() for record in caplog.records] == [f"suppressions of {broken}"]
