import datetime as dt
import re

from markdown_it import MarkdownIt

from findings.ticketing.content import (
    LISTED,
    Line,
    Story,
    block_of,
    progress,
    quoted,
    rejection_of,
    title_of,
)


def line(number=1, state="open", **fields):
    given = {"account": "shop", "region": "eu-west-1", "message": "it fails"}
    given["resource"] = f"trail-{number:03}"
    return Line(state=state, **(given | fields))


def story(*lines, **fields):
    given = {
        "check_title": "Seal every box",
        "checks": 1,
        "severity": "high",
        "team": "Shop",
        "remediation": "Seal it.",
        "note": "",
        "due": dt.date(2026, 4, 1),
    }
    return Story(lines=lines, **(given | fields))


def test_how_far_it_is_counts_only_verified_ones_as_done():
    states = ["verified"] * 7 + ["open", "claimed", "claimed", "resource_gone", "out_of_scope"]
    told = progress([line(n, state) for n, state in enumerate(states)])
    assert told == "7 of 12 verified, 2 claimed, 1 gone, 1 no longer apply"


def test_a_title_says_what_and_where_and_no_resource():
    assert title_of(story(line())) == "Seal every box: shop, eu-west-1"
    assert title_of(story(line(1), line(2))) == "Seal every box: 2 findings in shop"
    many = story(line(1), line(2, account="data"), checks=3, check_title="x\n\0y")
    assert title_of(many) == "x y and 2 more checks: 2 findings in 2 accounts"
    assert len(title_of(story(line(), check_title="x" * 900))) == 200


def test_a_block_has_what_is_open_first_and_counts_what_it_does_not_list():
    lines = [line(0, "verified"), *(line(n) for n in range(1, LISTED + 5))]
    block = block_of(story(*lines))
    assert block.startswith(
        f"**1 of {LISTED + 5} verified**\n\n- Severity: high\n- Due: 2026-04-01"
    )
    assert block.count("trail-") == LISTED
    assert "trail-000" not in block
    assert "And 5 more." in block
    assert block_of(story(*reversed(lines))) == block


def test_foreign_words_become_no_markup():
    hostile = "[x](http://evil) ![y](z) <img> **b** _c_ `d` ~~e~~ <http://evil>\n# h\0"
    assert set(re.findall(r"<(\w+)", MarkdownIt().render(quoted(hostile)))) == {"p"}
    assert quoted("@team #12 a://b") == "@\u2060team #\u206012 a:\u2060//b"
    words = block_of(story(line(message=hostile, resource="a`b\nc"), note=hostile))
    assert "`a'b c`" in words
    html = MarkdownIt().render(words)
    assert set(re.findall(r"<(\w+)", html)) == {"p", "ul", "li", "strong", "code"}
    assert html.count("<strong>") == 1


def test_a_rejection_names_what_still_fails_alone():
    told = rejection_of([line(1, "verified"), line(2, url="https://cairn.example.com/f/2")])
    assert "1 of 2 verified" in told
    assert "trail-001" not in told
    assert "`trail-002` (open) it fails [open in Cairn](https://cairn.example.com/f/2)" in told
