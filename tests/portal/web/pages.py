"""Reads pages as people do: by their words and links."""

import re
from html.parser import HTMLParser

from tests.modules import undone


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


def badly_refused(send, cases, *models, shown=""):
    """Of (fields, words): what was not refused with these words.

    Nor on a page that shows others, or has them as its title; or made a row of the models all the
    same, or failed; why is in the log.
    """
    wrong = {}
    for fields, words in cases:
        before = [model._default_manager.count() for model in models]
        with undone():
            try:
                answer = send(fields)
            except Exception as error:
                wrong[str(fields)] = repr(error)
                continue
            is_saved = before != [model._default_manager.count() for model in models]
        if answer.status_code != 422 or is_saved:
            wrong[str(fields)] = f"is_saved: {is_saved}, {answer.status_code}"
            continue
        text, title = main_text_of(answer), title_of(answer)
        if words not in text or not (shown in text or shown == title):
            wrong[str(fields)] = f"{title}: {text}"
    return wrong
