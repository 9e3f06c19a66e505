import pytest
from django.urls import reverse

from tests.factories.accounts import UserFactory
from tests.portal.web.pages import text_of, title_of

PASSWORD = "correct horse"
LOGIN, ADMIN = reverse("login"), reverse("admin:index")


@pytest.fixture
def anna(db):
    user = UserFactory(username="anna")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, password=PASSWORD, **fields):
    return client.post(LOGIN, {"username": "anna", "password": password, **fields})


def test_a_person_signs_in_and_comes_to_the_page_that_was_asked_for(client, anna):
    assert title_of(client.get(LOGIN)) == "Sign in · Cairn"
    asked = client.get("/findings/?row=O2")
    assert asked.url == "/login/?next=/findings/%3Frow%3DO2"
    assert sign_in(client, next="/findings/?row=O2").url == "/findings/?row=O2"


def test_a_person_is_not_sent_to_another_site(client, anna):
    assert sign_in(client, next="https://evil.example/").url == "/"


def test_a_wrong_password_says_so_and_not_which_half_is_wrong(client, anna):
    told = text_of(sign_in(client, password="wrong"))
    assert "Please enter a correct username and password" in told
    unknown = client.post(LOGIN, {"username": "nobody", "password": "wrong"})
    assert "Please enter a correct username and password" in text_of(unknown)


def test_signing_out_takes_a_click_and_ends_the_session(client, anna):
    client.force_login(anna)
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/account/"])
def test_the_administration_is_entered_through_the_portals_own_sign_in(client, db, path):
    answer = client.get(path, follow=True)
    assert answer.request["PATH_INFO"] == LOGIN
    assert path in answer.request["QUERY_STRING"].replace("%2F", "/")


def test_the_administration_has_no_sign_in_of_its_own(client, db):
    answer = client.post(f"{ADMIN}login/?next=/admin/accounts/", {"username": "x"})
    assert answer.url == "/login/?next=%2Fadmin%2Faccounts%2F"


def test_who_is_not_staff_is_refused_instead_of_being_asked_to_sign_in_again(client, anna):
    client.force_login(anna)
    answer = client.get(ADMIN, follow=True)
    assert answer.status_code == 403
    assert "The administration is for members of staff." in text_of(answer)


def test_the_administration_leads_back(client, db):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    body = client.get(ADMIN).content.decode()
    assert '<a href="/">View site</a>' in body
    assert "Administration of Cairn" in body
