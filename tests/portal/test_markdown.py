"""Words of people become HTML that does nothing, whatever they are."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.markdown import LONGEST, TAGS, markdown_html


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]


def read(html):
    reader = Reader()
    reader.feed(html)
    return reader


def assert_inert(html):
    found = read(html)
    assert set(found.tags) <= TAGS
    assert {name for _, name, _ in found.attributes} <= {"href", "title", "rel", "start"}
    for _, name, value in found.attributes:
        if name == "href":
            assert re.match(r"(https?:|mailto:|[^:]*$|[#/?])", value), value


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='//evil.example'></iframe>",
    "<style>@import 'https://evil.example'</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action=https://evil.example><input name=a></form>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=1'>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](https://example.com/\"onmouseover=\"alert(1))",
    "[x](https://example.com 'a\" onclick=\"alert(1)')",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x\" onerror=\"alert(1)](https://evil.example/pixel.gif)",
    "![](https://evil.example/pixel.gif?\"><script>)",
    "[ref]\n\n[ref]: javascript:alert(1)",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>`",
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "\0<scr\0ipt>alert(1)</scr\0ipt>",
    "> " * 500 + "<b>",
    "[" * 2000,
    "*" * 3000,
    "- " * 500,
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_inert(text):
    html = markdown_html(text)
    assert_inert(html)
    assert "<script" not in html
    assert "<img" not in html
    assert "\0" not in html


@given(st.text(alphabet="<>[]()!`*_#|-:\"'&;/ \njavscript:dt=x", max_size=80))
def test_no_mixture_of_signs_makes_more(text):
    assert_inert(markdown_html(text))


def test_what_people_write_reads_as_they_meant_it():
    html = markdown_html("# Cause\n\n*one* **two** ~~three~~ `four`\n\n3. a\n4. b\n\n> said")
    assert "<h3>Cause</h3>" in html
    for made in ("<em>one</em>", "<strong>two</strong>", "<s>three</s>", "<code>four</code>"):
        assert made in html
    assert '<ol start="3">' in html
    assert "<blockquote>" in html
    assert "<table>" in markdown_html("| a | b |\n|---|---|\n| 1 | 2 |")


def test_links_lead_out_without_saying_where_from():
    html = markdown_html("[a](https://example.com/x?y=1&z=2) <mailto:a@example.com>")
    assert '<a href="https://example.com/x?y=1&amp;z=2" rel="noopener nofollow">a</a>' in html
    assert 'href="mailto:a@example.com"' in html


def test_an_image_is_a_link_to_itself():
    html = markdown_html("![the graph](https://example.com/graph.png)")
    assert '<a href="https://example.com/graph.png" rel="noopener nofollow">the graph</a>' in html


def test_what_is_too_long_is_shown_as_it_is_up_to_a_limit():
    html = markdown_html("<b>" + "*a* " * LONGEST)
    assert html.startswith("<pre><code>&lt;b&gt;")
    assert "<em>" not in html
    assert len(html) < 12 * LONGEST


def test_no_letters_are_shown_in_another_order_than_they_stand_in():
    shown = markdown_html("`rm \u202e/tmp\u202c` \u202dnow,&#x202e; \u2067\u05e9\u05dc\u2069\u200f")
    assert shown == "<p><code>rm /tmp</code> now, \u2067\u05e9\u05dc\u2069\u200f</p>\n"
