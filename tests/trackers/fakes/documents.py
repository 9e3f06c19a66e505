"""Which nodes the Atlassian Document Format lets stand in which; Jira Cloud refuses any other.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

LISTS = {"bulletList", "orderedList"}
INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
WITHIN = {"paragraph", "codeBlock", "mediaSingle", "mediaGroup", *LISTS}
CONTENT = {
    "doc": {*WITHIN, "heading", "blockquote", "rule", "panel", "table", "expand"},
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": {"text"},
    "blockquote": WITHIN,
    "listItem": WITHIN,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
}
BEGINS_AN_ITEM = {"paragraph", "codeBlock", "mediaSingle"}
KNOWN = set().union(*CONTENT.values())
"""Nodes of another kind are Jira's own, of a time to come: it takes them back."""
NEVER_EMPTY = {"listItem", "blockquote", *LISTS}


def wrong_in(node):
    """What is wrong in a document, in words; empty for one that Jira takes."""
    kind, content = node["type"], node.get("content", [])
    if kind == "text":
        return _wrong_in_text(node)
    if not content and kind in NEVER_EMPTY:
        return f"{kind} is empty"
    if kind == "listItem" and content[0]["type"] not in BEGINS_AN_ITEM:
        return f"a list item begins with {content[0]['type']}"
    for child in content:
        if child["type"] in KNOWN - CONTENT.get(kind, KNOWN):
            return f"{child['type']} stands in {kind}"
        if told := wrong_in(child):
            return told
    return ""


def _wrong_in_text(node):
    marks = {mark["type"]: mark for mark in node.get("marks", [])}
    if not node["text"]:
        return "a text is empty"
    if "link" in marks and not marks["link"]["attrs"]["href"]:
        return "a link leads nowhere"
    return "code has other marks" if "code" in marks and set(marks) - {"code", "link"} else ""
