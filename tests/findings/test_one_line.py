import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.one_line import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("lost\r\nBcc: all@example.com", "lost Bcc: all@example.com"),
        ("a\u2028b\u2029c\x1b[31m\td", "a b c [31m d"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        (" \u200f \n", ""),
        ("a\0b", "a\0b"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)  # fmt: skip
def test_it_is_one_line_that_reads_in_its_own_order(text, line):
    assert one_line(text) == line


@given(st.text())
def test_once_is_enough_and_a_plain_line_stays(text):
    line = one_line(text)
    assert one_line(line) == line
    assert len(line.splitlines()) <= 1
