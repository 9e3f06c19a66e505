"""A tracker that Cairn knows nothing of, over HTTP, and the people who work in it."""

import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BEGIN = datetime(2020, 5, 1, tzinfo=UTC)
"""Its clock is years behind ours: a time compared with one of ours would show."""


class ForeignTracker:
    def __init__(self):
        self.issues, self.writes, self.ticks, self.url = {}, [], 0, ""

    def create(self, given):
        number = str(len(self.issues) + 1)
        self.issues[number] = {
            "id": number,
            "key": f"F-{number}",
            "url": f"https://foreign.example.com/{number}",
            "title": "",
            "body": "",
            "marker": "",
            "assignee": "",
            "comments": [],
        }
        return self.change(number, given)

    def change(self, number, given):
        self.ticks += 1
        issue = self.issues[number]
        if given.get("state", issue.get("state")) != issue.get("state"):
            issue["state_at"] = (BEGIN + timedelta(seconds=self.ticks)).isoformat()
        issue |= {**given, "changed": self.ticks}
        return issue

    def say(self, number, body, author=""):
        comments = self.issues[number]["comments"]
        comments.append({"external_id": f"{number}-{len(comments)}", "body": body})
        comments[-1]["author"] = author
        return self.change(number, {})

    def ask(self, query):
        marker, since = query.get("marker", [""])[0], int(query.get("since", ["-1"])[0])
        found = [
            issue
            for issue in self.issues.values()
            if (not marker or issue["marker"] == marker) and issue["changed"] > since
        ]
        return {"issues": found, "cursor": self.ticks}

    def answer(self, method, target, given):
        address = urlsplit(target)
        parts = address.path.strip("/").split("/")
        if method == "GET":
            return self.ask(parse_qs(address.query))
        self.writes.append(f"{method} {address.path}")
        if method == "PATCH":
            return self.change(parts[1], given)
        return self.say(parts[1], given["body"], "bot") if len(parts) == 3 else self.create(given)


@contextmanager
def serving(tracker):
    """Over HTTP on loopback, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length") or 0)
            given = json.loads(self.rfile.read(length)) if length else None
            body = json.dumps(tracker.answer(self.command, self.path, given)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PATCH = do_GET

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    tracker.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tracker
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
