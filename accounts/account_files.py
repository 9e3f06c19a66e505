"""Lists of accounts that people write, as CSV or YAML, read strictly. Pure.

CSV has a header with ``account_id`` and ``name``, and as wished ``email``, ``ou`` (as in
"Workloads/Prod") and ``tags`` (as in "Environment=prod;team=web"). YAML is a list of the same keys,
or that list under ``accounts``, with tags as a mapping. A column that is left out says nothing of
what is known. Everything wrong is reported at once, by line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

REQUIRED = ("account_id", "name")
COLUMNS = (*REQUIRED, "email", "ou", "tags")
MOST_LETTERS = {"name": 128, "email": 254, "ou": 1000}
ACCOUNT_ID = re.compile(r"[0-9]{12}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something wrong in a file, and where; line 0 is the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


class FileRefused(ValueError):
    """A file of accounts cannot be used; ``mistakes`` says all that is wrong with it."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(str(mistake) for mistake in mistakes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAccount:
    """One account of a file; None where the file has no such column."""

    line: int
    account_id: str
    name: str
    email: str | None
    ou_path: str | None
    tags: dict[str, str] | None


@dataclass(slots=True, kw_only=True)
class _Row:
    """One row as it was read, with what could not be read of it."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] | None = None
    mistakes: list[str] = field(default_factory=list)


def parse_accounts(content: bytes, file_name: str) -> tuple[ListedAccount, ...]:
    """The accounts of a file, by the ending of its name; raises :class:`FileRefused`."""
    readers = {"csv": _csv_rows, "yaml": _yaml_rows, "yml": _yaml_rows}
    ending = file_name.rpartition(".")[2].lower()
    if ending not in readers:
        raise _refused(f"{file_name}: give a file that ends in .csv, .yaml or .yml.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("The file is not UTF-8 text. Save it as CSV UTF-8 and try again.") from error
    rows = list(readers[ending](text))
    if not rows:
        raise _refused("The file lists no accounts.")
    if mistakes := list(_mistakes(rows)):
        raise FileRefused(*mistakes)
    return tuple(_account(row) for row in rows)


def _refused(message: str, line: int = 0) -> FileRefused:
    return FileRefused(Mistake(line=line, message=message))


def _csv_rows(text: str) -> Iterator[_Row]:
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _refuse_header(header)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _csv_row(header, cells, reader.line_num)
    except csv.Error as error:
        raise _refused(f"this is not CSV: {error}.", reader.line_num) from error


def _refuse_header(header: list[str]) -> None:
    if missing := [name for name in REQUIRED if name not in header]:
        columns = ", ".join(COLUMNS)
        raise _refused(f"the header has no {' and no '.join(missing)}; known are {columns}.", 1)
    if unknown := sorted(set(header) - set(COLUMNS)):
        raise _refused(_unknown(unknown), 1)
    if len(set(header)) < len(header):
        raise _refused("a column stands twice in the header.", 1)


def _unknown(names: list[str]) -> str:
    known = f"unknown {', '.join(names)}; known are {', '.join(COLUMNS)}."
    if "environment" in names:
        known += " Write the environment as a tag: Environment=production."
    return known


def _csv_row(header: list[str], cells: list[str], line: int) -> _Row:
    row = _Row(line=line)
    if len(cells) != len(header):
        row.mistakes.append(f"has {len(cells)} cells, the header has {len(header)}.")
        return row
    row.cells = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    if "tags" in header:
        row.tags = {}
        for pair in filter(None, (pair.strip() for pair in row.cells.pop("tags").split(";"))):
            key, equals, value = pair.partition("=")
            if not equals or not key.strip():
                row.mistakes.append(f"{pair!r} is not a tag; write key=value;key=value.")
            row.tags[key.strip()] = value.strip()
    return row


def _yaml_rows(text: str) -> Iterator[_Row]:
    # Nodes, not values: they keep line numbers, and 012345678901 stays what was written.
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _refused(f"this is not YAML: {error.problem}.", line) from error
    except yaml.YAMLError as error:
        raise _refused(f"this is not YAML: {error}.") from error
    if isinstance(root, yaml.MappingNode):
        root = next((value for key, value in root.value if key.value == "accounts"), None)
    if not isinstance(root, yaml.SequenceNode):
        raise _refused("Give a list of accounts, or a mapping with that list under accounts.")
    for node in root.value:
        yield _yaml_row(node)


def _yaml_row(node: yaml.Node) -> _Row:
    row = _Row(line=node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        row.mistakes.append(f"write an account as a mapping with {', '.join(REQUIRED)}.")
        return row
    for key, value in node.value:
        if key.value == "tags" and isinstance(value, yaml.MappingNode):
            row.tags = {_text(k): _text(v) for k, v in value.value}
        elif isinstance(value, yaml.ScalarNode) and key.value != "tags":
            row.cells[_text(key)] = _text(value)
        elif _text(value):
            row.mistakes.append(f"{key.value} has to be {_expected(key.value)}.")
    if unknown := sorted(set(row.cells) - set(COLUMNS)):
        row.mistakes.append(_unknown(unknown))
    return row


def _expected(key: str) -> str:
    return "a mapping, such as {Environment: prod}" if key == "tags" else "one text"


def _text(node: yaml.Node) -> str:
    if node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value).strip()


def _mistakes(rows: list[_Row]) -> Iterator[Mistake]:
    first_lines: dict[str, int] = {}
    for row in rows:
        unread = row.mistakes and not row.cells
        for message in [*row.mistakes, *(() if unread else _row_mistakes(row.cells))]:
            yield Mistake(line=row.line, message=message)
        account_id = row.cells.get("account_id", "")
        first_line = first_lines.setdefault(account_id, row.line)
        if account_id and first_line != row.line:
            yield Mistake(line=row.line, message=f"{account_id} is on line {first_line} already.")


def _row_mistakes(cells: dict[str, str]) -> Iterator[str]:
    account_id = cells.get("account_id", "")
    if not ACCOUNT_ID.fullmatch(account_id):
        yield (
            f"account_id {account_id!r} has to be 12 digits. Spreadsheets drop leading zeros: "
            "format the column as text."
        )
    if not cells.get("name"):
        yield "name is empty."
    for name, most in MOST_LETTERS.items():
        if len(cells.get(name, "")) > most:
            yield f"{name} is longer than {most} characters."
    if cells.get("email") and not EMAIL.fullmatch(cells["email"]):
        yield f"email {cells['email']!r} is not a mail address."
    if any(not 1 <= len(part.strip()) <= 128 for part in _ou_parts(cells.get("ou", ""))):
        yield f"ou {cells['ou']!r} has to be names between slashes, such as Workloads/Prod."


def _ou_parts(path: str) -> list[str]:
    return path.strip("/").split("/") if path.strip("/") else []


def _account(row: _Row) -> ListedAccount:
    ou = row.cells.get("ou")
    return ListedAccount(
        line=row.line,
        account_id=row.cells["account_id"],
        name=row.cells["name"],
        email=row.cells.get("email"),
        ou_path=None if ou is None else "/".join(part.strip() for part in _ou_parts(ou)),
        tags=row.tags,
    )
