import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services.tokens import token_use
from tests.factories.accounts import UserFactory

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
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(arguments, told):
    UserFactory(username="anna")
    with pytest.raises(CommandError, match=told):
        call_command("issue_token", *arguments)
    assert not ApiToken.objects.exists()
