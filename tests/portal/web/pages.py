"""Reads pages as people do: by their words and links."""

import re
from html.parser import HTMLParser


class _Text(HTMLParser):
    """Text without scripts; a word that is only for the eye or only for the ear counts as well."""

    def __init__(self):
        super().__init__()
        self.parts, self.links, self._hidden = [], [], 0

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag in ("script", "style"):
            self._hidden += 1
        if tag == "a":
            self.links.append(found.get("href", ""))

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._hidden -= 1

    def handle_data(self, text):
        if not self._hidden:
            self.parts.append(text)


def _read(answer):
    parser = _Text()
    parser.feed(answer.content.decode())
    return parser


def text_of(answer):
    return re.sub(r"\s+", " ", " ".join(_read(answer).parts)).strip()


def main_text_of(answer):
    """Without the frame: what stands between <main> and </main>."""
    body = answer.content.decode()
    parser = _Text()
    parser.feed(body[body.index("<main") : body.index("</main>")])
    return re.sub(r"\s+", " ", " ".join(parser.parts)).strip()


def links_of(answer):
    return _read(answer).links


def title_of(answer):
    return re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1].strip()
