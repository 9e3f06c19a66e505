"""Keeps a tracker in step with Cairn's tickets, through Cairn's REST API. Run it every minute.

    CAIRN_URL=... CAIRN_TOKEN=... CAIRN_CONNECTION=... TRACKER_URL=... sync_client.py STATE_FILE

The token has the scopes read and tickets:write; the connection is of the kind "through the API".
What was lost, told twice or cut short is settled by the next run, for it compares both sides as
they are. A run that finds them equal writes nothing.
"""

import json
import os
import pathlib
import re
import sys
from urllib.request import Request, urlopen

CAIRN, TRACKER = os.environ["CAIRN_URL"].rstrip("/"), os.environ["TRACKER_URL"].rstrip("/")
CONNECTION, TICKETS = os.environ["CAIRN_CONNECTION"], f"{CAIRN}/api/v1/tickets/"
THEIRS = {"open": ("todo", False), "doing": ("in_progress", False), "done": ("done", False)}
THEIRS["rejected"] = ("done", True)  # Cairn asks for a suppression, which others decide
OURS = {said: state for state, said in THEIRS.items()}
MARK = re.compile(r"<!-- cairn:([0-9a-f-]{36}) -->")  # in comments of ours, so as to know them


def call(method, url, body=None):
    request = Request(url, json.dumps(body).encode() if body else None, method=method)
    request.add_header("Content-Type", "application/json")
    if url.startswith(f"{CAIRN}/"):  # and to nobody else
        request.add_header("Authorization", f"Bearer {os.environ['CAIRN_TOKEN']}")
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def pages(url):
    while url:
        yield (page := call("GET", url))
        url = page["next"]


def wanted_of(ticket):
    state = OURS[ticket["status"], ticket["wont_do"]]
    return {"title": ticket["title"], "body": ticket["body"], "state": state}


def settle(uid):
    """Cairn is told of theirs first: done is a claim there. What differs then is Cairn's to say."""
    ticket = call("GET", f"{TICKETS}{uid}/")
    made = call("GET", f"{TRACKER}/issues?marker={uid}")["issues"]  # perhaps by a run that died
    new = {**wanted_of(ticket), "marker": uid}
    issue = made[0] if made else call("POST", f"{TRACKER}/issues", new)
    report = {"ticket": uid, "connection": CONNECTION, "external_id": issue["id"]}
    report |= {name: issue[name] for name in ("key", "url", "assignee")}
    status, wont_do = THEIRS[issue["state"]]
    report["status"] = {"status": status, "wont_do": wont_do, "at": issue["state_at"]}
    report["comments"] = [c for c in issue["comments"] if not MARK.search(c["body"])]
    wanted = wanted_of(call("POST", f"{TICKETS}upsert/", report))
    if changes := {name: value for name, value in wanted.items() if issue[name] != value}:
        call("PATCH", f"{TRACKER}/issues/{issue['id']}", changes)
    known = {mark for comment in issue["comments"] for mark in MARK.findall(comment["body"])}
    said = [c for page in pages(f"{TICKETS}{uid}/comments/") for c in page["results"]]
    for comment in reversed(said):
        if comment["origin"] != "tracker" and comment["uid"] not in known:
            body = f"{comment['author']}: {comment['body']}\n\n<!-- cairn:{comment['uid']} -->"
            call("POST", f"{TRACKER}/issues/{issue['id']}/comments", {"body": body})


def main(kept):
    state = json.loads(kept.read_text()) if kept.exists() else {}
    first = f"{TICKETS}?connection={CONNECTION}&updated_since=2000-01-01T00:00:00Z"
    ours = list(pages(state.get("ours", first)))
    theirs = call("GET", f"{TRACKER}/issues?since={state.get('theirs', 0)}")
    changed = [ticket["uid"] for page in ours for ticket in page["results"]]
    changed += [issue["marker"] for issue in theirs["issues"] if issue["marker"]]
    failures = 0
    for uid in dict.fromkeys(changed):
        try:
            settle(uid)
        except OSError as error:  # the others go on, and the next run begins where this one did
            failures += 1
            print(uid, error, file=sys.stderr)
    if not failures:
        state = {"ours": ours[-1]["resume"], "theirs": theirs["cursor"]}
        kept.with_suffix(".new").write_text(json.dumps(state))
        kept.with_suffix(".new").replace(kept)
    return failures


if __name__ == "__main__":
    sys.exit(min(main(pathlib.Path(sys.argv[1])), 1))
