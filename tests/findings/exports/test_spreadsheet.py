import csv
import datetime as dt
import io

import pytest

from findings.exports.spreadsheet import csv_head, csv_lines

CEST = dt.timezone(dt.timedelta(hours=2))


def cells(value):
    text = csv_lines(("a", "b"), [{"a": value, "b": "end"}]).decode()
    return next(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "|x",
        "\tx",
        "\r=x",
        "\n=x",
        " =1",
        "\N{NO-BREAK SPACE}=1",
        "\N{ZERO WIDTH NO-BREAK SPACE}=1",
        "\N{RIGHT-TO-LEFT OVERRIDE} \N{SOFT HYPHEN}@x",
        "\0=1",
        "\N{FULLWIDTH EQUALS SIGN}1",
    ],
)
def test_what_a_spreadsheet_would_run_is_text(formula):
    assert cells(formula)[0].startswith("'")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a;=1", "a;'=1"),
        ("a; \t@x", "a; \t'@x"),
        ("a\n=1", "a\n'=1"),
        ("a\r\n+1\r-2", "a\n'+1\n'-2"),
        ("a\t=1", "a\t'=1"),
        ('";=1;"', '";\'=1;"'),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("a;\u200b=1", "a;\u200b'=1"),
        ("=1;=2\n=3", "'=1;'=2\n'=3"),
        ('a\n""=1', 'a\n""\'=1'),
    ],
)
def test_where_another_reader_would_part_cells_a_formula_is_text_as_well(text, told):
    assert cells(text) == [told, "end"]


@pytest.mark.parametrize("run", ["\n", '; "', "\t", " "])
def test_long_runs_of_what_parts_cells_are_read_once(run):
    """Read again from each of their letters, they would take hours."""
    assert csv_lines(("a", "b"), [{"a": run * 100_000 + "x", "b": "end"}]).endswith(b",end\r\n")


@pytest.mark.parametrize("parted_by", [",", ";", "\t"])
@pytest.mark.parametrize("reads_quotes", [True, False])
def test_however_a_reader_parts_cells_none_begins_a_formula(parted_by, reads_quotes):
    hostile = ['x";=cmd|x', "x\n=1", '"\n"=1', "x\t=1", ";\n=1", "x\r=1;+2"]
    rows = [{"a": one, "b": other} for one in hostile for other in hostile]
    text = csv_lines(("a", "b"), rows).decode()
    quoting = csv.QUOTE_MINIMAL if reads_quotes else csv.QUOTE_NONE
    found = csv.reader(io.StringIO(text, newline=""), delimiter=parted_by, quoting=quoting)
    cells_read = [cell for row in found for cell in row]
    assert [cell for cell in cells_read if cell.lstrip().startswith(("=", "+", "@"))] == []


@pytest.mark.parametrize(
    "harmless", ["arn:aws:s3:::x", "a=b", "a-b", "a, -1", "a;b", "it's", "", "é𝄞"]
)
def test_other_text_is_left_alone(harmless):
    assert cells(harmless) == [harmless, "end"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ""),
        (True, "true"),
        (-3, "-3"),
        (dt.datetime(2026, 3, 2, 11, tzinfo=CEST), "2026-03-02T09:00:00Z"),
        (["=x", "é"], r'["=x", "\u00e9"]'),
    ],
)
def test_values_are_told_one_way(value, told):
    assert cells(value) == [told, "end"]


def test_quotes_commas_and_line_breaks_stay_in_their_cell():
    assert cells('say "a, b"\r\nand\rc') == ['say "a, b"\nand\nc', "end"]


def test_a_half_of_a_surrogate_pair_does_not_end_the_export():
    assert cells("a\ud800") == ["a?", "end"]


def test_excel_is_told_that_it_is_utf_8_if_wanted():
    assert csv_head(("a", "b"), byte_order_mark=True) == b"\xef\xbb\xbfa,b\r\n"
    assert csv_head(("a", "b")) == b"a,b\r\n"
