import pytest
from django.core.exceptions import ValidationError

from accounts.access import Denied
from accounts.models import AuditEntry, Organization
from accounts.roles import Role
from accounts.services.organizations import organization_create, organization_save
from tests.factories.accounts import (
    NOW,
    AccountFactory,
    OrganizationFactory,
    UserFactory,
    person_with,
)

pytestmark = pytest.mark.django_db


def create(actor=None, **settings):
    given = {"name": "Example", "management_account_id": "123456789012", **settings}
    return organization_create(actor=actor, now=NOW, **given)


def refusal(**settings):
    with pytest.raises(ValidationError) as caught:
        create(**settings)
    return caught.value.message_dict


def test_an_organization_is_created_with_what_was_given():
    organization = create(
        role_name="Scanner", external_id="x-1", regions=["eu-west-1"], session_tags={"a": "b"}
    )
    stored = Organization.objects.get()
    assert stored == organization
    assert (stored.role_name, stored.external_id) == ("Scanner", "x-1")
    assert (stored.regions, stored.session_tags) == (["eu-west-1"], {"a": "b"})
    assert not stored.scans_all_regions


def test_without_a_list_every_region_is_scanned():
    assert create().scans_all_regions


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("name", " ", "cannot be blank"),
        ("management_account_id", "12345678901", "exactly 12 digits"),
        ("management_account_id", "123456789012\n", "exactly 12 digits"),
        ("role_name", "arn:aws:iam::1:role/Scanner", "not its ARN"),
        ("external_id", "a b", "An external ID has"),
        ("session_name", "x", "A session name has"),
        ("session_tags", {"a": 1}, "object of texts"),
        ("session_tags", {"": "x"}, "key of 1-128"),
        ("session_tags", {str(n): "" for n in range(51)}, "at most 50"),
        ("home_region", "Ireland", "not the name of an AWS region"),
        ("regions", ["eu-west-1", "eu-west"], "'eu-west' is not the name"),
        ("regions", ["eu-west-1", "eu-west-1"], "named twice"),
        ("regions", ["cn-north-1"], "cn-north-1: not in the partition aws"),
        ("partition", "azure", "not a valid choice"),
        ("time_zone", "Mars/Olympus", "not a time zone"),
        ("environment_rules", [{}], "either a tag or an ou"),
    ],
)
def test_a_wrong_setting_says_what_to_write(setting, value, said):
    assert said in " ".join(refusal(**{setting: value})[setting])
    assert not Organization.objects.exists()


def test_a_region_has_to_be_of_the_partition():
    told = refusal(partition="aws-cn")
    assert told["home_region"] == ["us-east-1: not in the partition aws-cn."]
    assert create(partition="aws-cn", home_region="cn-north-1").pk


def test_names_and_management_accounts_are_unique():
    create()
    assert "name" in refusal(management_account_id="210987654321")
    assert "Another organization has this management account." in str(refusal(name="Other"))


def test_several_organizations_may_have_no_management_account():
    create(name="One", management_account_id="")
    create(name="Two", management_account_id="")
    assert Organization.objects.count() == 2


def test_creating_is_for_superusers_and_audited():
    with pytest.raises(Denied):
        create(actor=person_with(Role.ADMINISTRATOR, organization=OrganizationFactory()))
    admin = UserFactory(is_superuser=True)
    create(actor=admin)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.before) == (admin, "organization.create", None)
    assert entry.after["role_name"] == "CairnScanner"


def test_a_change_is_audited_with_what_changed_only():
    organization = create()
    organization.role_name = "Other"
    organization_save(
        actor=person_with(Role.ADMINISTRATOR, organization=organization),
        organization=organization,
        now=NOW,
    )
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.organization) == ("organization.change", organization)
    assert (entry.before, entry.after) == ({"role_name": "CairnScanner"}, {"role_name": "Other"})


def test_saving_without_a_change_is_not_audited():
    organization = create()
    organization_save(actor=None, organization=organization, now=NOW)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_only_administrators_change_an_organization(role):
    organization = create()
    organization.role_name = "Other"
    actor = person_with(role, organization=organization)
    with pytest.raises(Denied, match="You may not administer on Example"):
        organization_save(actor=actor, organization=organization, now=NOW)
    assert Organization.objects.get().role_name == "CairnScanner"


def test_new_environment_rules_hold_at_once():
    organization = create()
    account = AccountFactory(organization=organization, tags={"stage": "live"})
    organization.environment_rules = [{"tag": "stage"}]
    organization_save(actor=None, organization=organization, now=NOW)
    account.refresh_from_db()
    assert account.environment == "live"
    assert account.events.get().kind == "environment_changed"
