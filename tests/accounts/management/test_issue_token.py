import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services.tokens import token_use
from tests.factories.accounts import AccountFactory, OuFactory, UserFactory, person_with

pytestmark = pytest.mark.django_db


def test_standard_output_is_the_token_alone(capsys):
    anna = UserFactory(username="anna")
    call_command("issue_token", "anna", "--name=deploy", "--days=7")
    text = capsys.readouterr().out.strip()
    assert token_use(plaintext=text, now=timezone.now()).user == anna
    lasts = ApiToken.objects.get().expires_at - ApiToken.objects.get().created_at
    assert lasts.days == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody", "--name=deploy"], "no person with the user name 'nobody'"),
        (["anna", "--name=deploy", "--days=4000"], "from 1 to 365"),
        (["anna", "--name= "], "name: This field cannot be blank"),
        (["anna", "--name=deploy", "--scope=write"], "invalid choice: 'write'"),
        (["anna", "--name=deploy", "--ou=Prod"], "no OU Prod"),
        (["anna", "--name=deploy", "--account=1"], "no account 1"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments, told):
    UserFactory(username="anna")
    with pytest.raises(CommandError, match=told):
        call_command("issue_token", *arguments)
    assert not ApiToken.objects.exists()


def test_it_is_for_reading_unless_told_otherwise():
    anna = person_with("viewer", organization=(prod := OuFactory(name="Prod")).organization)
    account = AccountFactory(organization=prod.organization)
    call_command("issue_token", anna.username, "--name=a")
    call_command(
        "issue_token", anna.username, "--name=b", "--scope=admin", "--scope=read", "--ou=Prod",
        f"--account={account.account_id}",
    )  # fmt: skip
    plain, limited = ApiToken.objects.order_by("id")
    assert (plain.scopes, plain.is_limited) == (["read"], False)
    assert (limited.scopes, limited.is_limited) == (["read", "admin"], True)
    assert (list(limited.ous.all()), list(limited.accounts.all())) == ([prod], [account])


def test_a_limit_that_the_person_does_not_reach_is_refused():
    UserFactory(username="anna")
    OuFactory(name="Prod")
    with pytest.raises(CommandError, match="ous: anna may not see Prod"):
        call_command("issue_token", "anna", "--name=a", "--ou=Prod")
