"""The pages of ``docs/catalogue``, written from the registry: one per row, and an index."""

from collections.abc import Iterator, Mapping

from findings.catalogue.pillar import ROWS, Phase, Principle, Row
from portal.catalogue import CheckPage, pages_by_row, practice_lines

HEAD = (
    "<!-- Written by `manage.py catalogue --write docs/catalogue`: change the checks, not this. -->"
)


def documents() -> Mapping[str, str]:
    """File name -> Markdown."""
    pages = pages_by_row()
    rows = {f"{row}.md": "\n".join(row_lines(row, pages[row])) for row in Row}
    return {"README.md": "\n".join(index_lines(pages)), **rows}


def index_lines(pages: Mapping[Row, list[CheckPage]]) -> Iterator[str]:
    number = sum(map(len, pages.values()))
    yield from (HEAD, "# Catalogue", "", f"{number} checks over ten rows in three phases.", "")
    yield from ("| phase | row | purpose | services | checks |", "|---|---|---|---|--:|")
    for row in Row:
        told = ROWS[row]
        link = f"[{row} {told.title}]({row}.md)"
        services = ", ".join(told.services)
        phase = row.phase.value.title()
        yield f"| {phase} | {link} | {told.purpose} | {services} | {len(pages[row])} |"
    yield from ("", "## AWS services", "", "How many checks read which service.", "")
    yield from service_lines(pages)
    yield from ("", "## Design principles", "", "| principle | checks |", "|---|--:|")
    for principle in Principle:
        found = [p for row in Row for p in pages[row] if principle in p.definition.check.principles]
        name = principle.name.replace("_", " ").capitalize()
        yield f"| {principle} {name} | {len(found)} |"
    yield from (
        "",
        "## Best practices",
        "",
        "| practice | risk | coverage | checks |",
        "|---|---|---|---|",
    )
    for line in practice_lines():
        practice = line.practice
        checks = ", ".join(f"`{check}`" for check in line.checks) or "none"
        link = f"[{practice.id}]({practice.source}) {practice.title}"
        yield f"| {link} | {practice.risk} | {line.coverage} | {checks} |"
    yield ""


def service_lines(pages: Mapping[Row, list[CheckPage]]) -> Iterator[str]:
    services = sorted({s for found in pages.values() for page in found for s in page.services})
    yield f"| service | {' | '.join(Row)} |"
    yield f"|---|{'--:|' * len(Row)}"
    for service in services:
        counts = [sum(service in page.services for page in pages[row]) for row in Row]
        yield f"| {service} | {' | '.join(str(count or '') for count in counts)} |"


def row_lines(row: Row, pages: list[CheckPage]) -> Iterator[str]:
    told = ROWS[row]
    yield from (HEAD, f"# {row} {told.title}", "", f"{told.purpose}. Phase: {row.phase.value}.", "")
    for phase in Phase:
        links = " · ".join(f"[{other}]({other}.md)" for other in Row if other.phase is phase)
        yield f"{phase.value.title()}: {links}  "
    for page in pages:
        yield from ("", *check_lines(page))
    yield ""


def check_lines(page: CheckPage) -> Iterator[str]:
    check = page.definition.check
    yield f"## {check.title}"
    yield f"`{page.id}` · {check.severity} · of {_article(page.scope)}"
    yield ""
    if check.not_applicable_when:
        yield f"- **Not applicable**: {check.not_applicable_when}"
    if page.alternatives:
        kinds = "; ".join(tool.label for tool in page.alternatives)
        yield f"- **Does not apply where a tool is declared for**: {kinds}"
    for line in page.parameters:
        unit = f" {line.unit}" if line.unit else ""
        yield f"- **Parameter** `{line.name}`: {line.default}{unit}"
    yield "- **Best practices**: " + ", ".join(
        f"[{practice.id}]({practice.source})" for practice in page.practices
    )
    yield f"- **Design principles**: {', '.join(check.principles)}"
    yield f"- **Reads**: {', '.join(f'`{name}`' for name in page.operations)}"
    yield ""
    yield f"**What to do.** {check.remediation}"
    if check.cli:
        yield from ("", "```sh", *check.cli, "```")
    if page.snippet:
        yield from ("", "```yaml", page.snippet.rstrip(), "```")


def _article(scope: str) -> str:
    wide = {"region": "a region", "account": "an account", "organization": "the organization"}
    return wide.get(scope, f"each `{scope}`")
