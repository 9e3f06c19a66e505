import pytest

from tests.accounts.admin.conftest import without_sidebar  # noqa: F401  every page is without
from tests.factories.accounts import person_with
from tests.findings.admin.populated import lab_of_everything
from tests.flow.harness import for_a_module


@pytest.fixture(scope="module")
def lab_of_all(django_db_setup, django_db_blocker):
    """A scanned organization with a row of every model, made once."""
    with for_a_module(django_db_blocker):
        yield lab_of_everything()


@pytest.fixture
def lab(lab_of_all):
    lab_of_all.account.refresh_from_db()
    return lab_of_all


@pytest.fixture
def sign_in(client, lab):
    def as_role(role, **scope):
        person = person_with(role, **(scope or {"organization": lab.organization}))
        person.is_staff = True
        person.save()
        client.force_login(person)
        return person

    return as_role
