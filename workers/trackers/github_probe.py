"""Whether a repository can hold our tickets, tried without writing."""

from __future__ import annotations

from typing import Any

from workers.trackers.base import ProbeStep, Target
from workers.trackers.github_calls import GitHubCalls
from workers.trackers.probing import skipped, step
from workers.trackers.statuses import About, understood


def probe(calls: GitHubCalls, target: Target) -> tuple[ProbeStep, ...]:
    signed_in = step("authenticate", lambda: _authenticate(calls, target))
    if not signed_in.is_ok:
        later = ("project", "required fields", "transitions")
        return (signed_in, *(skipped(name) for name in later))
    project = step("project", lambda: _project(calls, target))
    rest = [
        ProbeStep(
            name="required fields", is_ok=True, detail="An issue of GitHub needs its title only."
        ),
        ProbeStep(
            name="transitions", is_ok=True, detail="Issues are closed with a reason and reopened."
        ),
    ]
    if not project.is_ok:
        rest = [skipped(each.name) for each in rest]
    return (signed_in, project, *rest)


def _authenticate(calls: GitHubCalls, target: Target) -> tuple[bool, str]:
    """An App's token has no user; getting it is the test. https://docs.github.com/rest/users/users"""
    about = About(operation="authenticate", project=target.project, scopes_denial=False)
    if calls.is_app:
        calls.read("/installation/repositories", about, {"per_page": "1"})
        return True, "The App has a token for its installation."
    me = calls.read("/user", about).body
    with understood(about.operation):
        return True, f"We are {me['login']}."


def _project(calls: GitHubCalls, target: Target) -> tuple[bool, str]:
    about = About(operation="project", project=target.project)
    found: Any = calls.read(f"/repos/{target.project}", about).body
    with understood(about.operation):
        name, has_issues = found["full_name"], found.get("has_issues", True)
        may = found.get("permissions") or {}
        is_archived = bool(found.get("archived"))
    if not has_issues:
        return False, f"{name} has no issues; switch them on in its settings."
    if is_archived:
        return False, f"{name} is archived: nothing can be written."
    if may and not calls.is_app and not (may.get("triage") or may.get("push")):
        return False, f"Give the account the role Triage in {name}, or labels are dropped."
    return True, f"It is {name}."
