"""Jira Cloud (REST v3) and Jira Data Center (v2), as far as an adapter may ask.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
https://developer.atlassian.com/server/jira/platform/rest/
"""

import base64
import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from tests.trackers.fakes.documents import wrong_in
from tests.trackers.fakes.server import Asked, FakeServer, Said

BEGIN = dt.datetime(2020, 5, 1, 12, tzinfo=dt.UTC)
"""Years behind ours: a time compared with one of ours would show."""
STATUSES = {
    "11": ("In Progress", "new"),
    "12": ("Done", "indeterminate"),
    "13": ("To Do", "done"),
    "14": ("Rejected", "done"),
}
"""Their names lie: only categories and ids count."""
USUAL = frozenset(
    {"project", "issuetype", "summary", "description", "labels", "duedate", "priority"}
)
USER, TOKEN = "bot@example.com", "jira-token-secret"


class FakeJira(FakeServer):
    def __init__(self, *, is_cloud: bool, prefix: str = "") -> None:
        super().__init__()
        self.is_cloud, self.prefix = is_cloud, prefix  # type: ignore[misc]
        self.api = "/rest/api/3" if is_cloud else "/rest/api/2"
        self.now = BEGIN
        self.reset()

    def reset(self) -> None:
        self.asked.clear()
        self.faults.clear()
        self.before_call = lambda asked: None
        self.issues: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.absent: set[str] = set()
        self.search_lag = dt.timedelta(0)
        self.required: dict[str, dict[str, Any]] = {}
        self.create_fields: dict[str, dict[str, Any]] = {}
        self.removed_moves: set[str] = set()
        self.time_zone = "America/New_York"
        self.projects = {"OPS", "NEW"}

    # --- what people do ---
    def tick(self, seconds: int = 1) -> str:
        self.now += dt.timedelta(seconds=seconds)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    def make(self, fields: dict[str, Any] | None = None, project: str = "OPS") -> str:
        number = str(10000 + self.made)
        self.made += 1
        now = self.tick()
        self.issues[number] = {
            "id": number,
            "key": f"{project}-{self.made}",
            "comments": [],
            "log": [],
            "fields": {
                "summary": "made by hand",
                "description": None,
                "labels": [],
                "status": self._status("11"),
                "resolution": None,
                "assignee": None,
                "priority": {"id": "3", "name": "Medium"},
                "duedate": None,
                "created": now,
                "updated": now,
                **(fields or {}),
            },
        }
        return number

    def edit(self, number: str, **fields: Any) -> None:
        issue = self.issues[number]
        now = self.tick()
        issue["log"] += [
            {"created": now, "items": [{"field": name}]}
            for name in ("status", "assignee")
            if name in fields
        ]
        issue["fields"] |= {**fields, "updated": now}

    def set_status(self, number: str, status: str, resolution: str = "Done") -> None:
        is_done = STATUSES[status][1] == "done"
        self.edit(
            number,
            status=self._status(status),
            resolution={"id": "1", "name": resolution} if is_done else None,
        )

    def raw_text(self, number: str) -> Any:
        return self.issues[number]["fields"]["description"]

    def write_around(self, number: str) -> tuple[list[Any], list[Any]] | tuple[str, str]:
        """Somebody writes before and after our part, also what no Markdown tells."""
        there = self.raw_text(number)
        if not self.is_cloud:
            before, after = (
                "h1. Theirs  \r\n\r\n\r\n||a||b|| \r\n|1|*2*|\r\n\r\n",
                "\r\n\r\n{panel}x{panel}  ",
            )
            self.edit(number, description=before + there + after)
            return before, after
        panel = {
            "type": "panel",
            "attrs": {"panelType": "info"},
            "content": [_paragraph("Theirs, * and _")],
        }
        later = {"type": "somethingNew", "attrs": {"localId": "a-1"}}
        mention = {
            "type": "paragraph",
            "content": [
                {"type": "mention", "attrs": {"id": "5b1", "text": "@Ann"}},
                {"type": "text", "text": " look", "marks": [{"type": "textColor"}]},
            ],
        }
        before, after = [panel, later], [mention, {"type": "paragraph", "content": []}]
        document = {**there, "content": [*before, *there["content"], *after]}
        self.edit(number, description=document)
        return before, after

    def around(self, number: str) -> Any:
        """What is not ours, raw: of the document's nodes, or of the text."""
        raw = self.raw_text(number)
        if not self.is_cloud:
            begin = raw.index("Kept by Cairn")
            return raw[:begin], raw[raw.rindex(", end") + 5 :]
        marks = [n for n, node in enumerate(raw["content"]) if "Kept by Cairn" in str(node)]
        return raw["content"][: marks[0]], raw["content"][marks[-1] + 1 :]

    def comment(self, number: str, text: str) -> None:
        body = {"type": "doc", "version": 1, "content": [_paragraph(text)]}
        self._comment(number, body if self.is_cloud else text)

    def move(self, number: str) -> str:
        """To another project: the key changes, the id does not."""
        self.issues[number]["key"] = f"NEW-{number}"
        self.edit(number)
        return f"NEW-{number}"

    def delete(self, number: str) -> None:
        del self.issues[number]

    # --- what it answers ---
    def answer(self, asked: Asked) -> Said:
        if not self._is_known(asked.headers.get("authorization", "")):
            return Said(401, {"message": "Client must be authenticated to access this resource."})
        path = asked.path.removeprefix(self.prefix)
        if not asked.path.startswith(self.prefix) or not path.startswith(self.api):
            return Said(404, {"errorMessages": ["no such path"]})
        parts = path.removeprefix(self.api).strip("/").split("/")
        match (asked.method, parts):
            case ("GET", ["myself"]):
                me = {"displayName": "Cairn", "timeZone": self.time_zone}
                return Said(
                    body=me | ({"accountId": "712020:b"} if self.is_cloud else {"key": "b"})
                )
            case ("GET", ["project", project, *rest]):
                return self._project(project, rest)
            case ("GET", ["issue", "createmeta", project, "issuetypes", *kind]):
                return self._createmeta(asked, project, kind)
            case ("GET", ["search", "jql"]) if self.is_cloud:
                return self._search(asked.query)
            case ("GET", ["search"]) if not self.is_cloud:
                return self._search(asked.query)
            case ("POST", ["issue"]):
                return self._create(asked.body["fields"])
            case (_, ["issue", number, *rest]):
                found = self.issues.get(number)
                if found is None:
                    return _refused(404, "Issue does not exist or you do not have permission.")
                return self._issue(asked, found, rest)
        return Said(404, {"errorMessages": ["no such path"]})

    def _is_known(self, given: str) -> bool:
        basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        return given in (
            f"Basic {basic}" if not self.prefix and self.is_cloud else "",
            f"Bearer {TOKEN}",
        )

    def _project(self, project: str, rest: list[str]) -> Said:
        if project not in self.projects:
            return _refused(404, f"No project could be found with key '{project}'.")
        if rest == ["statuses"]:
            return Said(body=[{"id": "1", "statuses": [self._status(s) for s in STATUSES]}])
        return Said(body={"key": project, "name": f"Project {project}"})

    def _createmeta(self, asked: Asked, project: str, kind: list[str]) -> Said:
        if project not in self.projects:
            return _refused(404, "No project could be found.")
        if not kind:
            kinds = [
                {"id": "5", "name": "Sub-task", "subtask": True},
                {"id": "3", "name": "Aufgabe", "subtask": False},
            ]
            return Said(body={"issueTypes" if self.is_cloud else "values": kinds})
        usual = USUAL - self.absent
        listed = [
            {"fieldId": name, "name": name, "required": name == "summary", "hasDefaultValue": False}
            for name in sorted(usual)
        ]
        listed += [{"fieldId": name, **more} for name, more in self.create_fields.items()]
        start = int(asked.query.get("startAt", "0"))
        page = listed[start : start + min(4, int(asked.query.get("maxResults", "50")))]
        name = "fields" if self.is_cloud else "values"
        return Said(body={name: page, "startAt": start, "total": len(listed)})

    def _create(self, fields: dict[str, Any]) -> Said:
        if fields["project"]["key"] not in self.projects:
            return _refused(400, project="valid project is required")
        wrong = self._misplaced(fields.keys() - self.create_fields.keys())
        wrong |= {
            name: f"{more['name']} is required."
            for name, more in self.create_fields.items()
            if more["required"] and name not in fields
        }
        if wrong := wrong or self._refused_values(fields):
            return _refused(400, **wrong)
        project = fields.pop("project")["key"]
        number = self.make(fields, project)
        return Said(201, {"id": number, "key": self.issues[number]["key"]})

    def _misplaced(self, names: Iterable[str]) -> dict[str, str]:
        return {
            name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            for name in set(names) - (USUAL - self.absent)
        }

    def _refused_values(self, fields: dict[str, Any]) -> dict[str, str]:
        wrong = {}
        if "\n" in fields.get("summary", ""):
            wrong["summary"] = "The summary is invalid because it contains newline characters."
        if any(map(str.isspace, "".join(fields.get("labels", [])))):
            wrong["labels"] = "The label contains spaces which is invalid."
        if told := self._wrong_in(fields.get("description")):
            wrong["description"] = f"It must be an Atlassian Document: {told}."
        return wrong

    def _wrong_in(self, text: Any) -> str:
        return wrong_in(text) if self.is_cloud and text else ""

    def _issue(self, asked: Asked, issue: dict[str, Any], rest: list[str]) -> Said:
        number = issue["id"]
        match (asked.method, rest):
            case ("GET", []):
                return Said(body=self._told(issue))
            case ("PUT", []):
                return self._put(number, asked.body)
            case ("GET", ["editmeta"]):
                return Said(body={"fields": {name: {} for name in USUAL - self.absent}})
            case ("GET", ["comment"]):
                start = int(asked.query.get("startAt", "0"))
                page = issue["comments"][start : start + int(asked.query["maxResults"])]
                return Said(body={"comments": page, "total": len(issue["comments"])})
            case ("POST", ["comment"]) if told := self._wrong_in(asked.body["body"]):
                return _refused(400, comment=told)
            case ("POST", ["comment"]):
                return Said(201, self._comment(number, asked.body["body"]))
            case ("GET", ["transitions"]):
                return Said(body={"transitions": self._moves(issue)})
            case ("POST", ["transitions"]):
                return self._transition(issue, asked.body)
        return Said(405)

    def _put(self, number: str, body: dict[str, Any]) -> Said:
        fields = dict(body.get("fields", {}))
        wrong = self._misplaced([*fields, *body.get("update", {})])
        if wrong := wrong or self._refused_values(fields):
            return _refused(400, **wrong)
        labels = list(self.issues[number]["fields"]["labels"])
        for change in body.get("update", {}).get("labels", []):
            labels = [label for label in labels if label != change.get("remove")]
            labels += [change["add"]] if change.get("add") not in (None, *labels) else []
        self.edit(number, **fields, labels=labels)
        return Said(204)

    def _comment(self, number: str, body: Any) -> dict[str, Any]:
        made = {
            "id": str(500 + len(self.issues[number]["comments"])),
            "body": body,
            "author": {"displayName": "Somebody"},
            "created": self.tick(),
        }
        self.issues[number]["comments"].append(made)
        self.edit(number)
        return made

    def _moves(self, issue: dict[str, Any]) -> list[dict[str, Any]]:
        here = issue["fields"]["status"]["id"]
        return [
            {
                "id": f"{status}1",
                "name": f"go {name}",
                "to": self._status(status),
                "fields": self.required.get(status, {}),
            }
            for status, (name, _) in STATUSES.items()
            if status != here and status not in self.removed_moves
        ]

    def _transition(self, issue: dict[str, Any], body: dict[str, Any]) -> Said:
        move = body["transition"]["id"]
        found = [each for each in self._moves(issue) if each["id"] == move]
        if not found:
            return _refused(400, "It seems that you have tried to perform an illegal move.")
        missing = {
            name: f"{field['name']} is required."
            for name, field in found[0]["fields"].items()
            if field["required"]
            and not field["hasDefaultValue"]
            and name not in body.get("fields", {})
        }
        if missing:
            return _refused(400, **missing)
        self.set_status(issue["id"], found[0]["to"]["id"])
        return Said(204)

    def _search(self, query: dict[str, str]) -> Said:
        """The little JQL that is used; times are of the account's zone, to the minute."""
        where, _, order = query["jql"].partition(" ORDER BY ")
        found = [i for i in self.issues.values() if self._is_indexed(i)]
        for condition in filter(None, where.split(" AND ")):
            if not re.match(r"^(project|labels|description|updated) (=|~|>=) \"", condition):
                return _refused(400, f"Error in the JQL Query: {condition}")
            name, sign, value = condition.split(" ", 2)
            found = [i for i in found if self._fits(i, name, sign, value.strip('"'))]
            if name == "project" and value.strip('"') not in self.projects:
                return _refused(400, f"The value {value} does not exist for the field 'project'.")
        by, direction = order.split(",")[0].split()
        found.sort(key=lambda i: i["fields"][by], reverse=direction == "DESC")
        start = int(query.get("nextPageToken", query.get("startAt", "0")).removeprefix("token-"))
        size = int(query.get("maxResults", "50"))
        names = query["fields"].split(",")
        told = [
            {**i, "fields": {n: i["fields"][n] for n in names}, "comments": None}
            for i in found[start : start + size]
        ]
        is_last = start + size >= len(found)
        if not self.is_cloud:
            return Said(body={"startAt": start, "total": len(found), "issues": told})
        after = {} if is_last else {"nextPageToken": f"token-{start + size}"}
        return Said(body={"issues": told, "isLast": is_last, **after})

    def _is_indexed(self, issue: dict[str, Any]) -> bool:
        return dt.datetime.fromisoformat(issue["fields"]["updated"]) + self.search_lag <= self.now

    def _fits(self, issue: dict[str, Any], name: str, sign: str, value: str) -> bool:
        fields = issue["fields"]
        if name == "project":
            return issue["key"].startswith(f"{value}-")
        if name == "labels":
            return value in fields["labels"]
        if name == "description":
            return value in str(fields["description"])
        since = dt.datetime.strptime(value, "%Y-%m-%d %H:%M").replace(
            tzinfo=ZoneInfo(self.time_zone)
        )
        return dt.datetime.fromisoformat(fields["updated"]) >= since

    def _told(self, issue: dict[str, Any]) -> dict[str, Any]:
        comments = issue["comments"][:2]  # the rest is paged
        return {
            "id": issue["id"],
            "key": issue["key"],
            "self": f"{self.url}{self.api}/issue/{issue['id']}",
            "fields": {
                **issue["fields"],
                "comment": {"comments": comments, "total": len(issue["comments"])},
            },
            "changelog": {"total": len(issue["log"]), "histories": issue["log"][::-1]},
        }

    def _status(self, number: str) -> dict[str, Any]:
        name, category = STATUSES[number]
        return {"id": number, "name": name, "statusCategory": {"id": 1, "key": category}}


def _paragraph(text: str) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text}]}


def _refused(status: int, *messages: str, **fields: str) -> Said:
    return Said(status, {"errorMessages": list(messages), "errors": fields})
