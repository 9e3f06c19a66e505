import email.message
import json

import pytest

from findings.notifying.letters import (
    Letter,
    Line,
    mail_html,
    mail_subject,
    mail_text,
    slack_payload,
    words,
)

HOSTILE = [
    "<!channel> <@U1> <https://evil.example|click>",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "*bold* _it_ ~no~ `code` [click](https://evil.example)",
    "a\r\nBcc: everyone@example.com\r\n\r\nbody",
    "\u202egnp.exe \u2028 \x00 \x1b[31m",
    'quote " and & ampersand',
]


def letter(text, *, total=1, lines=1):
    line = Line(
        heading=text, text=text, at="2026-03-02 09:00 UTC", url="https://cairn.example.com/x/"
    )
    return Letter(
        subject=text,
        counts=[text],
        lines=[line] * lines,
        total=total,
        settings_url="https://cairn.example.com/settings/notifications/",
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_one_line_of_visible_characters(text):
    told = words(text)
    assert "\n" not in told
    assert "\r" not in told
    assert told.isprintable()


def test_words_end_where_they_are_too_long():
    assert words("x" * 500) == "x" * 199 + "…"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_subject_is_a_header_of_one_line(text):
    message = email.message.EmailMessage()
    message["Subject"] = mail_subject(letter(text))
    assert list(message) == ["Subject"]
    assert "://" not in mail_subject(letter(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_names_make_neither_tags_nor_links_in_a_mail(text):
    told = letter(text, total=2, lines=2)
    page = mail_html(told)
    assert "<script" not in page
    assert "<img" not in page
    assert "://evil" not in page
    assert page.count("<a ") == 3
    assert "://evil" not in mail_text(told)
    assert "\nBcc:" not in mail_text(told)


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_gets_names_as_literal_text(text):
    payload = slack_payload(letter(text, total=2, lines=2))
    assert "<" not in payload["text"]
    (block,) = payload["blocks"]
    assert block["type"] == "rich_text"
    kinds, links = set(), set()
    for element in walk(block["elements"]):
        kinds.add(element["type"])
        if element["type"] == "link":
            links.add(element["url"])
    assert kinds == {"rich_text_list", "rich_text_section", "text", "link"}
    assert all(link.startswith("https://cairn.example.com/") for link in links)
    assert json.loads(json.dumps(payload)) == payload


def walk(elements):
    for element in elements:
        yield element
        yield from walk(element.get("elements", ()))


def test_what_is_left_out_is_counted():
    told = letter("x", total=480, lines=20)
    assert "And 460 more." in mail_text(told)
    assert "And 460 more." in mail_html(told)
    assert "And 460 more." in json.dumps(slack_payload(told))
    assert "more" not in mail_text(letter("x"))


def test_without_an_address_there_are_no_links():
    bare = Letter(
        subject="x",
        counts=[],
        lines=[Line(heading="h", text="t", at="now")],
        total=1,
    )
    assert "://" not in mail_text(bare)
    assert "<a " not in mail_html(bare)
    assert '"link"' not in json.dumps(slack_payload(bare))
