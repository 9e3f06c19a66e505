import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.ticketing.block import around, comment_of, mark_comment, marker_of, normal, put, take

MARKER = marker_of(uuid.UUID(int=7))
OTHER = marker_of(uuid.UUID(int=8))
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=80)
BEGIN, END = f"Kept by Cairn ({MARKER}), begin", f"Kept by Cairn ({MARKER}), end"


def test_a_marker_is_a_label_everywhere():
    assert MARKER == "cairn-" + "0" * 31 + "7"


@given(texts, texts)
def test_what_is_put_is_taken_and_what_was_there_stays(description, block):
    whole = put(description, MARKER, block)
    assert take(whole, MARKER) == normal(block)
    assert around(whole, MARKER) == normal(description)
    assert put(whole, MARKER, block) == whole


@given(texts, texts, texts, texts)
def test_text_around_the_block_survives_a_new_block(above, below, old, new):
    edited = f"{above}\n\n{put('', MARKER, old)}\n\n{below}"
    assert around(put(edited, MARKER, new), MARKER) == around(edited, MARKER)
    assert take(put(edited, MARKER, new), MARKER) == normal(new)


@pytest.mark.parametrize("lost", [BEGIN, END])
def test_a_lost_line_loses_none_of_their_words(lost):
    edited = f"before\n\n{put('', MARKER, 'ours')}\n\nafter".replace(lost, "")
    assert take(edited, MARKER) is None
    repaired = put(edited, MARKER, "new", before="ours")
    assert take(repaired, MARKER) == "new"
    assert around(repaired, MARKER).split() == ["before", "after"]


@pytest.mark.parametrize("dress", ["> {}", "**{}**", "  {}  ", "{}\\", "&nbsp;{}"])
def test_editors_may_dress_the_two_lines(dress):
    dressed = put("", MARKER, "ours").replace(BEGIN, dress.format(BEGIN))
    assert take(dressed.replace(END, dress.format(END)), MARKER) == "ours"
    escaped = put("", MARKER, "ours").replace("(", "\\(").replace(")", "\\)").replace("n-", "n\\-")
    assert take(escaped, MARKER) == "ours"


def test_the_block_of_another_ticket_is_their_text():
    whole = put(put("", OTHER, "theirs"), MARKER, "ours")
    assert (take(whole, MARKER), take(whole, OTHER)) == ("ours", "theirs")


def test_words_of_a_resource_cannot_end_the_block():
    assert "evil" in str(take(put("", MARKER, f"a\n{END}\nevil"), MARKER))


def test_a_copied_block_is_left_as_text():
    copied = put("", MARKER, "one") + "\n\n" + put("", MARKER, "two")
    assert take(put(copied, MARKER, "new"), MARKER) == "new"
    assert "two" in put(copied, MARKER, "new")


def test_a_comment_of_ours_is_known_by_its_last_line_alone():
    ours = mark_comment("It still fails.\r\n", "ab" * 16)
    assert comment_of(ours) == ("It still fails.", "ab" * 16)
    assert comment_of(f"> {ours}\n\nreally?")[1] == ""
    quoted = ours.replace("\n", "\n> ")
    assert comment_of(f"really?\n\n> {quoted}")[1] == ""
    assert comment_of("") == ("", "")
