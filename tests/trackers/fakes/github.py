"""GitHub's REST interface for issues, as far as an adapter may ask. https://docs.github.com/rest"""

import base64
import datetime as dt
import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from tests.trackers.fakes.server import Asked, FakeServer, Said

BEGIN = dt.datetime(2020, 5, 1, 12, tzinfo=dt.UTC)
TOKEN = "ghp_secret_token"


class FakeGitHub(FakeServer):
    def __init__(self, app_key: RSAPublicKey | None = None) -> None:
        super().__init__()
        self.app_key = app_key
        self.now = BEGIN
        self.tokens: dict[str, dt.datetime] = {}
        self.reset()

    def reset(self) -> None:
        self.asked.clear()
        self.faults.clear()
        self.before_call = lambda asked: None
        self.issues: dict[str, dict[str, Any]] = {}
        self.made = 0
        self.labels: dict[str, str] = {}
        self.renamed: set[str] = set()
        self.moved: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.tokens.clear()
        self.repository: dict[str, Any] = {"has_issues": True, "permissions": {"push": True}}

    # --- what people do ---
    def tick(self, seconds: int = 1) -> str:
        self.now += dt.timedelta(seconds=seconds)
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")

    def make(self, fields: dict[str, Any] | None = None, project: str = "acme/ops") -> str:
        self.made += 1
        number, now = self.made, self.tick()
        name = f"{project}#{number}"
        self.issues[name] = {
            "number": number,
            "repository_url": f"{self.url}/repos/{project}",
            "html_url": f"https://github.example.com/{project}/issues/{number}",
            "title": "made by hand",
            "body": None,
            "state": "open",
            "state_reason": None,
            "closed_at": None,
            "created_at": now,
            "updated_at": now,
            "assignee": None,
            "assignees": [],
            "labels": [],
            "locked": False,
            "said": [],
            **(fields or {}),
        }
        return name

    def edit(self, name: str, **fields: Any) -> None:
        self.issues[name] |= {**fields, "updated_at": self.tick()}

    def set_status(self, name: str, status: str) -> None:
        is_open = status == "open"
        self.edit(
            name,
            state="open" if is_open else "closed",
            state_reason="reopened" if is_open else status,
            closed_at=None if is_open else self.tick(),
        )

    def raw_text(self, name: str) -> Any:
        return self.issues[name]["body"]

    def write_around(self, name: str) -> tuple[str, str]:
        before = "# Theirs  \r\n\r\n\r\n<details>x</details>\t\r\n\r\n"
        after = "\r\n\r\n| a | b |  \r\n|---|---|  "
        self.edit(name, body=before + self.raw_text(name) + after)
        return before, after

    def around(self, name: str) -> tuple[str, str]:
        raw = self.raw_text(name)
        return raw[: raw.index("Kept by Cairn")], raw[raw.rindex(", end") + 5 :]

    def comment(self, name: str, text: str) -> None:
        self._comment(name, text)

    def move(self, name: str) -> str:
        """A transfer: another repository, another number; the old address redirects."""
        issue = self.issues.pop(name)
        other = f"acme/new#{issue['number'] + 70}"
        issue |= {
            "number": issue["number"] + 70,
            "repository_url": f"{self.url}/repos/acme/new",
            "html_url": f"https://github.example.com/acme/new/issues/{issue['number'] + 70}",
        }
        self.issues[other], self.moved[name] = issue, other
        self.edit(other)
        return other

    def delete(self, name: str) -> None:
        del self.issues[name]
        self.deleted.add(name)

    # --- what it answers ---
    def answer(self, asked: Asked) -> Said:
        parts = asked.path.strip("/").split("/")
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if parts[-1] in ("access_tokens", "installation"):
            return self._installation(given, parts)
        if not self._is_known(given):
            return Said(401, {"message": "Bad credentials"})
        match (asked.method, parts):
            case ("GET", ["user"]):
                return Said(body={"login": "cairn-bot"})
            case ("GET", ["installation", "repositories"]):
                return Said(body={"total_count": 1, "repositories": []})
            case ("GET", ["repos", owner, name]):
                return self._repository(f"{owner}/{name}")
            case (_, ["repos", owner, name, "issues", *rest]) if f"{owner}/{name}" in self.renamed:
                path = "/".join(["/repositories/9/issues", *rest])
                status = 301 if asked.method == "GET" else 307
                return Said(status, {"url": self.url + path}, {"Location": self.url + path})
            case (_, ["repositories", "9", "issues", *rest]):
                return self._issues(asked, "acme/ops", rest)
            case (_, ["repos", owner, name, "issues", *rest]):
                project = f"{owner}/{name}"
                if project not in ("acme/ops", "acme/new"):
                    return Said(404, {"message": "Not Found"})
                return self._issues(asked, project, rest)
        return Said(404, {"message": "Not Found"})

    def _repository(self, project: str) -> Said:
        if project not in ("acme/ops", "acme/new"):
            return Said(404, {"message": "Not Found"})
        return Said(body={"full_name": project, **self.repository})

    def _installation(self, jwt: str, parts: list[str]) -> Said:
        if self.app_key is None or not self._is_signed(jwt):
            return Said(401, {"message": "A JSON web token could not be decoded"})
        if parts[-1] == "installation":
            return Said(body={"id": 77})
        token = f"ghs_{len(self.tokens)}_installation_secret"
        self.tokens[token] = self.now + dt.timedelta(hours=1)
        return Said(201, {"token": token, "expires_at": self.tokens[token].isoformat()})

    def _is_signed(self, jwt: str) -> bool:
        head, claims, signature = jwt.split(".")
        told = json.loads(_bytes(claims))
        assert json.loads(_bytes(head))["alg"] == "RS256"
        self.app_key.verify(  # type: ignore[union-attr]
            _bytes(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256()
        )
        return told["iss"] == "4711" and 0 < told["exp"] - told["iat"] <= 660

    def _is_known(self, token: str) -> bool:
        if self.app_key is None:
            return token == TOKEN
        return token in self.tokens and self.now < self.tokens[token]

    def _issues(self, asked: Asked, project: str, rest: list[str]) -> Said:
        match (asked.method, rest):
            case ("GET", []):
                return self._list(asked, project)
            case ("POST", []):
                if not self.repository["has_issues"]:
                    return Said(410, {"message": "Issues has been disabled in this repository."})
                named = self._named(asked.body.pop("labels", []))
                name = self.make({**asked.body, "labels": named}, project)
                return Said(201, self._told(name))
        name = f"{project}#{rest[0]}"
        if name in self.moved:
            path = "/repos/{}/issues/{}".format(*self.moved[name].split("#"))
            return Said(301, {"message": "Moved"}, {"Location": f"{self.url}{path}"})
        if name in self.deleted:
            return Said(410, {"message": "This issue was deleted"})
        if name not in self.issues:
            return Said(404, {"message": "Not Found"})
        return self._issue(asked, name, rest[1:])

    def _issue(self, asked: Asked, name: str, rest: list[str]) -> Said:
        labels = self.issues[name]["labels"]
        match (asked.method, rest):
            case ("GET", []):
                return Said(body=self._told(name))
            case ("PATCH", []):
                return self._patch(name, dict(asked.body))
            case ("GET", ["comments"]):
                return self._paged(asked, self.issues[name]["said"])
            case ("POST", ["comments"]):
                if self.issues[name]["locked"]:
                    return Said(403, {"message": "Unable to create comment: issue is locked"})
                return Said(201, self._comment(name, asked.body["body"]))
            case ("POST", ["labels"]):
                named = self._named(asked.body["labels"])
                self.edit(name, labels=[*labels, *(n for n in named if n not in labels)])
                return Said(body=self.issues[name]["labels"])
            case ("DELETE", ["labels", label]):
                if {"name": label} not in labels:
                    return Said(404, {"message": "Label does not exist"})
                self.edit(name, labels=[each for each in labels if each["name"] != label])
                return Said(body=self.issues[name]["labels"])
        return Said(404, {"message": "Not Found"})

    def _named(self, labels: list[str]) -> list[dict[str, str]]:
        """A label has one case in the repository, however it is asked for."""
        return [{"name": self.labels.setdefault(n.lower(), n)} for n in labels]

    def _patch(self, name: str, body: dict[str, Any]) -> Said:
        if "state" in body:
            closed = body["state"] == "closed"
            self.set_status(name, body.get("state_reason", "completed") if closed else "open")
        self.edit(name, **{key: body[key] for key in ("title", "body") if key in body})
        return Said(body=self._told(name))

    def _list(self, asked: Asked, project: str) -> Said:
        found = [self._told(n) for n in self.issues if n.startswith(f"{project}#")]
        since = asked.query.get("since")
        found = [i for i in found if not since or i["updated_at"] >= since]
        by = f"{asked.query.get('sort', 'created')}_at"
        is_falling = asked.query.get("direction", "desc") == "desc"
        found.sort(key=lambda issue: issue[by], reverse=is_falling)
        if "page" in asked.query:
            return Said(422, {"message": "Pagination with the page parameter is not supported"})
        return self._paged(asked, found, "after")

    def _paged(self, asked: Asked, found: list[Any], by: str = "page") -> Said:
        """By number, or by a cursor that only the link tells."""
        size = min(100, int(asked.query.get("per_page", "30")))
        number = int(asked.query.get(by, "1").removeprefix("Y3Vyc29y="))
        page = found[(number - 1) * size : number * size]
        etag = f'W/"{hashlib.sha256(json.dumps(page).encode()).hexdigest()}"'
        if asked.headers.get("if-none-match") == etag:
            return Said(304, headers={"ETag": etag})
        headers = {"ETag": etag}
        if len(found) > number * size:
            sign = "Y3Vyc29y=" if by == "after" else ""
            query = urlencode({**asked.query, by: f"{sign}{number + 1}"})
            headers["Link"] = (
                f'<{self.url}{asked.path}>; rel="first", '
                f'<{self.url}{asked.path}?{query}>; rel="next"'
            )
        return Said(body=page, headers=headers)

    def _comment(self, name: str, text: str) -> dict[str, Any]:
        made = {
            "id": 500 + len(self.issues[name]["said"]),
            "body": text,
            "user": {"login": "somebody"},
            "created_at": self.tick(),
        }
        self.issues[name]["said"].append(made)
        self.edit(name)
        return made

    def _told(self, name: str) -> dict[str, Any]:
        issue = dict(self.issues[name])
        issue["comments"] = len(issue.pop("said"))
        return issue


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
