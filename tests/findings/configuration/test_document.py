from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from findings.configuration.document import parse_document, write_document
from findings.configuration.fields import Day, Flag, Group, Json, Number, Text, TextMap, Texts
from findings.configuration.mistakes import ConfigurationRefused
from findings.configuration.shapes import Shape
from findings.configuration.yaml_nodes import MOST_BYTES

CRATES = Shape(
    name="crates",
    key=("name",),
    either=("shelf", "floor"),
    fields=(
        Text(name="name", required=True),
        Text(name="state", choices=("full", "empty"), otherwise="empty"),
        Text(name="shelf"),
        Text(name="floor"),
        Number(name="weight", otherwise=1),
        Number(name="price", nullable=True, otherwise=7),
        Flag(name="is_open"),
        Day(name="since"),
        Texts(name="labels"),
        Texts(name="owners", is_set=True),
        TextMap(name="codes"),
        Group(name="place", fields=(Text(name="hall"), Texts(name="rows"))),
        Json(name="extra"),
    ),
)
HALL = Shape(name="hall", is_single=True, fields=(Text(name="name", required=True),))
SHAPES = (HALL, CRATES)


def parse(text):
    content = text if isinstance(text, bytes) else text.encode()
    return parse_document(content, SHAPES)


def crate(text):
    """The values of a crate that is given by lines of its mapping."""
    [entry] = parse(f"version: 1\ncrates:\n- name: a\n  {text}\n")["crates"]
    return entry.values


def refusal(text):
    with pytest.raises(ConfigurationRefused) as caught:
        parse(text)
    return str(caught.value)


def refused_crate(text):
    return refusal(f"version: 1\ncrates:\n- name: a\n  {text}\n")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("state: full", "state", "full"),
        ("shelf: 012345678901", "shelf", "012345678901"),
        ("shelf: no", "shelf", "no"),
        ("shelf: 1:30", "shelf", "1:30"),
        ('shelf: "null"', "shelf", "null"),
        ("weight: -12", "weight", -12),
        ("price: null", "price", None),
        ("is_open: true", "is_open", True),
        ("since: 2026-03-01", "since", date(2026, 3, 1)),
        ("labels: [b, a]", "labels", ["b", "a"]),
        ("owners: [b, a]", "owners", ["a", "b"]),
        ("codes: {high: 10001, critical: 2}", "codes", {"critical": "2", "high": "10001"}),
        ("place: {rows: [], hall: H}", "place", {"hall": "H"}),
        (
            "extra: {b: [1, 0.5, true, null, 'x'], a: 2026-01-01}",
            "extra",
            {"a": "2026-01-01", "b": [1, 0.5, True, None, "x"]},
        ),
    ],
)
def test_a_field_reads_what_is_meant(text, name, value):
    read = crate(text)[name]
    assert read == value
    assert type(read) is type(value)


def test_what_is_left_out_has_its_default():
    values = crate("labels: []")
    assert (values["state"], values["weight"], values["price"]) == ("empty", 1, 7)
    assert (values["labels"], values["place"], values["since"]) == ([], {}, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("state: fulll", "line 4: crates[0].state: 'fulll' is none of full, empty."),
        ("shelf: [a]", "line 4: crates[0].shelf: give one text."),
        ("shelf:", "line 4: crates[0].shelf: nothing is given."),
        ('shelf: "a\\0"', "line 4: crates[0].shelf: this holds what is no text."),
        ('shelf: "\\ud800"', "line 4: crates[0].shelf: this holds what is no text."),
        ("weight: 0x10", "line 4: crates[0].weight: '0x10' is not a whole number."),
        (f"weight: {'9' * 5000}", "is not a whole number."),
        ("weight: 1.5", "line 4: crates[0].weight: '1.5' is not a whole number."),
        ("is_open: yes", "line 4: crates[0].is_open: 'yes' is neither true nor false."),
        ("since: 2026-02-30", "'2026-02-30' is not a day, such as 2026-03-31."),
        ("labels: a", "line 4: crates[0].labels: give a list; [] is one of nothing."),
        ("labels: [a, a]", "line 4: crates[0].labels: something stands here twice."),
        ("labels: [a, [b]]", "line 4: crates[0].labels[1]: give one text."),
        ("codes: [a]", "line 4: crates[0].codes: give a mapping of keys and values."),
        ("place: {hal: H}", "line 4: crates[0].place.hal: there is no such key here; known are"),
        ("extra: [.inf]", "line 4: crates[0].extra[0]: write '.inf' as in JSON"),
        ("extra: 1.0e+999", "line 4: crates[0].extra: write '1.0e+999' as in JSON"),
        ("extra: 0o17", None),
        ("extra: 017", "line 4: crates[0].extra: write '017' as in JSON"),
        ("extra: off", "line 4: crates[0].extra: write 'off' as in JSON"),
        ("extra: {a: 1, a: 2}", "line 4: crates[0].extra.a: this stands on line 4 already."),
        ("shelf: a\n  floor: b", "line 3: crates[0]: give shelf or floor, not both."),
        ("<<: {shelf: a}", "line 4: crates[0].<<: there is no such key here"),
        ("? [a]\n  : b", "line 4: crates[0]: give one text."),
    ],
)
def test_a_field_refuses_what_is_not_meant(text, told):
    if told is None:
        assert crate(text)["extra"] == "0o17"
    else:
        assert told in refused_crate(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The file says nothing."),
        ("hello", "line 1: give a mapping of keys and values."),
        ("- version: 1", "line 1: give a mapping of keys and values."),
        ("crates: []", "The file has no version; this is how it begins: version: 1"),
        ("version: 2", "line 1: version: '2' is not known; this Cairn reads 1."),
        ("version: [1]", "line 1: version: give one text."),
        (
            "version: 1\ncrate: []",
            "line 2: crate: there is no such section; known are hall, crates",
        ),
        ("version: 1\ncrates:", "line 2: crates: give a list; [] is one of nothing."),
        ("version: 1\ncrates: {a: b}", "line 2: crates: give a list"),
        ("version: 1\nhall: [a]", "line 2: hall: give a mapping"),
        ("version: 1\nversion: 1", "line 2: version: this stands on line 1 already."),
        ("version: 1\ncrates: [{state: full}]", "line 2: crates[0]: give name."),
        (
            "version: 1\ncrates:\n- name: a\n- name: a\n",
            "line 4: crates[1]: a stands on line 3 already.",
        ),
        ("version: &v 1\ncrates: *v", "line 1: this cannot be read as YAML: anchors and aliases"),
        ("version: 1\ncrates: *v", "line 2: this cannot be read as YAML: anchors and aliases"),
        (
            "version: !!python/object/apply:os.system [id]",
            "line 1: this cannot be read as YAML: tags",
        ),
        ("version: 1\nhall: !<x> {}", "line 2: this cannot be read as YAML: tags are not read"),
        ("version: 1\ncrates: [", "this cannot be read as YAML: "),
        ("version: 1\n---\nversion: 1", "but found another document"),
        (b"version: 1\ncrates: \0", "line 2: the character U+0000 may not stand"),
        (b"version: \xff", "The file is not UTF-8 text."),
        ("version: 1\ncrates: " + "[" * 400_000, "nested more than 20 levels deep"),
        ("version: 1\nhall: " + "{a: " * 100_000, "nested more than 20 levels deep"),
        (b"#" * (MOST_BYTES + 1), "The file is larger than 1,000,000 bytes."),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(text, told):
    assert told in refusal(text)


def test_all_mistakes_are_told_at_once_by_line():
    told = refusal(
        "version: 1\ncrates:\n- name: a\n  state: x\n  weight: y\n- shelf: b\nhall: {}\nmore: 1\n"
    )
    assert [line.partition(":")[0] for line in told.splitlines()] == [
        "line 4",
        "line 5",
        "line 6",
        "line 7",
        "line 8",
    ]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e17, max_value=1e17)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(
    name=TEXT,
    shelf=TEXT,
    labels=st.lists(TEXT, unique=True),
    codes=st.dictionaries(TEXT, TEXT),
    extra=JSON,
)
def test_what_is_written_is_read_as_it_was(name, shelf, labels, codes, extra):
    values = {field.name: field.default for field in CRATES.fields}
    values |= {"name": name, "shelf": shelf, "labels": labels, "codes": codes, "extra": extra}
    entry = CRATES.of_row(values | {"since": date(2026, 3, 1), "price": None})
    written = write_document({"crates": (entry,)}, SHAPES)
    [read] = parse(written)["crates"]
    assert read.values == entry.values
    assert write_document({"crates": (read,)}, SHAPES) == written
