import pytest


@pytest.fixture
def sign_in_page(client, db):
    return client.get("/login/")


def test_scripts_and_styles_run_only_from_here_or_with_the_nonce_of_the_answer(sign_in_page):
    policy = sign_in_page["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy


def test_no_other_page_may_frame_this_one_and_no_type_is_guessed(sign_in_page):
    assert "frame-ancestors 'none'" in sign_in_page["Content-Security-Policy"]
    assert sign_in_page["X-Frame-Options"] == "DENY"
    assert sign_in_page["X-Content-Type-Options"] == "nosniff"


def test_a_stranger_is_sent_to_the_sign_in(client):
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_a_foreign_host_is_refused(client):
    assert client.get("/login/", headers={"host": "evil.example.com"}).status_code == 400
