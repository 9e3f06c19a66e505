"""Markdown, the Atlassian Document Format and wiki text: what is written is read again."""

import uuid

import pytest

from findings.ticketing import block
from findings.ticketing.content import Line, Story, block_of
from tests.trackers.fakes.documents import wrong_in
from workers.trackers import adf, adf_reading, wiki
from workers.trackers.splice import splice

HOSTILE = "a_b*c [x](y) <b> | ~ \\ {z} !i! +u+ @all #12 http://x.example ^s^ `q` - 1. {{m}} {code}"
STORY = Story(
    check_title="x",
    checks=1,
    severity="high",
    team=HOSTILE,
    remediation=HOSTILE,
    note="",
    due=None,
    lines=[
        Line(account="prod", region="eu-1", resource=HOSTILE, message=HOSTILE, state="open"),
        Line(
            account="dev", region="x", resource="", message="", state="verified", url="https://c/1"
        ),
    ],
)
TEXTS = [
    block_of(STORY),
    "# One\n\n### Three `code`\n\nwords **bold** and *slanted* `a*b`\nsecond line",
    "- a\n- b [link](https://e.example/a?b=c&d)\n\n- another list\n\n1. x\n2. y",
    "> quoted\n\n---\n\n```py\na = '*'\n\n\nb\n```\n\n\\# no heading\n\n1\\. no list",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_is_read_again(text):
    told = adf_reading.markdown_of(adf.document(adf.nodes_of(text)))
    assert told == block.normal(text)
    assert block.normal(wiki.markdown_of(wiki.wiki_of(block.normal(text)))) == block.normal(text)


NESTED = {
    "- > quoted\n- b": "- quoted\n- b",
    "> # head\n> words": "> head\n>\n> words",
    "> > nested": "> nested",
    "> ---": "> ---",
    "> - a\n>   > b": "> - a\n>   b",
    "1. ---": "1. ---",
    "- # head": "- head",
    "- - a": "-\n  - a",
    "-": "-",
    ">": ">",
    "[x]() and **[y](http://y.example)**": "x and [**y**](http://y.example)",
}


@pytest.mark.parametrize(("text", "told"), NESTED.items())
def test_what_may_not_stand_within_another_is_written_as_it_may(text, told):
    written = adf.document(adf.nodes_of(text))
    assert wrong_in(written) == ""
    assert adf_reading.markdown_of(written) == told


@pytest.mark.parametrize("text", [*TEXTS, HOSTILE, *NESTED, "\n\n".join(NESTED)])
def test_jira_takes_what_is_written(text):
    assert wrong_in(adf.document(adf.nodes_of(text))) == ""


@pytest.mark.parametrize(
    "node",
    [
        {"type": "paragraph", "content": "no list"},
        {"type": "heading", "content": [{"type": "text"}]},
        {"type": "bulletList", "content": [{"type": "listItem"}]},
        {"type": "text", "text": "alone", "marks": ["x", {"type": "strong"}]},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1"}}]},
        {},
    ],
)
def test_documents_of_any_form_are_told_and_kept(node):
    there = {"type": "doc", "version": 1, "content": [node, *adf.nodes_of("ours")]}
    told = adf_reading.markdown_of(there)
    assert told.endswith("ours")
    changed = told.removesuffix("ours") + "changed"
    assert adf_reading.spliced(there, changed)["content"] == [node, *adf.nodes_of("changed")]


@pytest.mark.parametrize("description", [None, "", {}, [], 7, {"content": None}, {"content": [1]}])
def test_no_document_is_an_empty_one(description):
    assert adf_reading.markdown_of(description) == ""
    assert adf_reading.spliced(description, "ours")["content"] == adf.nodes_of("ours")


def test_a_deep_document_has_an_end():
    node = {"type": "paragraph", "content": []}
    for _ in range(400):
        node = {"type": "blockquote", "content": [node]}
    assert "…" in adf_reading.markdown_of(adf.document([node]))


@pytest.mark.parametrize("lost", ["begin", "end"])
def test_wiki_text_that_lost_a_line_of_ours_says_it_once(lost):
    ours, marker = "**1 of 2**\n\n- High\n- `a_b` (open)", block.marker_of(uuid.UUID(int=7))
    raw = wiki.raw_of("", block.put("", marker, ours))
    lines = [line for line in raw.split("\n") if f", {lost}" not in line]
    edited = "\r\n".join(["h1. mine  ", "", *lines, "", "* mine  "])
    again = wiki.raw_of(edited, block.put(wiki.told_of(edited), marker, ours, before=ours))
    assert (again.count("1 of 2"), again.count("mine")) == (1, 2)
    assert block.take(wiki.told_of(again), marker) == ours
    assert wiki.raw_of(again, wiki.told_of(again)) == again


def test_what_did_not_change_stays_as_it_is():
    raw = "a  \r\n\r\n\r\n\r\nb\t\rours\n\n\nc  "
    assert splice(raw, "a\n\nb\nours\n\nc") == raw
    assert splice(raw, "a\n\nb\nnew\n\nc") == "a  \r\n\r\n\r\n\r\nb\t\rnew\n\n\nc  "
    assert splice("", "new") == "new"
    assert splice("a  ", "a\n\nnew") == "a  \n\nnew"
    assert splice("a\nb", "") == ""
