"""What looks like a secret in plain text: rules on names and values, from which only hits are kept.

A hit names where something was found and by which rule, never the value. ``RULES_VERSION`` goes up
with every change of a rule: a stored hit can be told from one that today's rules would find.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise
from urllib.parse import urlsplit

from findings.facts.base import Record

RULES_VERSION = 1


class SecretHit(Record):
    """``location`` says where (``variable NAME``), ``pattern`` which rule it was."""

    location: str
    pattern: str


VALUE_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
        "AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        "GitHub token": r"\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
        "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
        "Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
        "Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]{20,}",
        "Google API key": r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])",
        "Stripe key": r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}",
        "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
        "PyPI token": r"\bpypi-[A-Za-z0-9_-]{50,}",
        "SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        "Azure account key": r"\bAccountKey=[A-Za-z0-9+/]{40,}",
        "JSON web token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        "authorization header": r"(?i)\b(?:basic|bearer)\s+[a-z0-9+/=._~-]{16,}",
        "credentials in a URL": r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s/:@]*:(?![${<*])[^\s/@]+@",
    }.items()
}
"""Rules on values, by name. The first that matches is the hit."""

AWS_CREDENTIALS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SENSITIVE_WORD = re.compile(
    "password|passwd|passphrase|passcode|pwd|pass|secrets?|token|credentials?|pat"
    "|apikey|authkey|privatekey|secretkey|accesskey"
)
_SENSITIVE_PAIRS = {
    ("api", "key"),
    ("access", "key"),
    ("account", "key"),
    ("auth", "key"),
    ("encryption", "key"),
    ("private", "key"),
    ("signing", "key"),
    ("connection", "string"),
}
_TELLS_ABOUT = re.compile(
    "age|algorithm|arn|audience|bucket|count|days|enabled|endpoint|expiration|expiry|file|format"
    "|header|host|hours|id|issuer|length|lifetime|location|manager|max|min|minutes|names?|parameter"
    "|path|policy|prefix|provider|ref|region|required|rotation|scope|seconds|service|size|source"
    "|store|ttl|type|uri|url|user|username|vault|version"
)
_NO_SECRET = re.compile(
    r"""(?ix) ( true | false | yes | no | on | off | none | null | nil | 0 | 1
    | \*+ | <[^<>]*> | \$\w+ | \$\{[^{}]*\} | \$\([^()]*\) | \{\{.*\}\}
    | arn:[a-z0-9-]+:.* | alias/.* | /[a-z0-9_.-]+(/[a-z0-9_.-]+)+ | https?://[^@]* )"""
)
_RANDOM = re.compile(r"[A-Za-z0-9+_-]{32,}={0,2}")
_AWS_SECRET_KEY = re.compile(r"[A-Za-z0-9+/]{40}")


def secret_in(name: str, value: str) -> str | None:
    """The rule by which a named value looks like a secret in plain text, or None."""
    value = value.strip()
    if not value:
        return None
    return secret_in_value(value) or secret_in_name(name, value)


def secret_in_value(value: str) -> str | None:
    """The rule by which a text holds a secret, whatever it is called."""
    for name, pattern in VALUE_PATTERNS.items():
        if pattern.search(value):
            return name
    if _AWS_SECRET_KEY.fullmatch(value) and _is_mixed(value) and entropy(value) >= 4.3:
        return "AWS secret key"
    if _RANDOM.fullmatch(value) and _is_scattered(value) and entropy(value) >= 4.2:
        return "random text"
    return None


def secret_in_name(name: str, value: str) -> str | None:
    """The rule by which a name says that its value is secret.

    References to where a secret is kept, switches and placeholders are none, and neither are names
    that tell about a secret, like ``TOKEN_URL`` or ``SECRET_ARN``.
    """
    if name.upper() in AWS_CREDENTIALS:
        return "AWS credential variable"
    if _NO_SECRET.fullmatch(value):
        return None
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or _TELLS_ABOUT.fullmatch(words[-1]):
        return None
    is_sensitive = any(_SENSITIVE_WORD.fullmatch(word) for word in words)
    has_key = any(pair in _SENSITIVE_PAIRS for pair in pairwise(words))
    return "name of a secret" if is_sensitive or has_key else None


def secret_in_url(url: str) -> str | None:
    """The rule by which a source's address carries credentials: any user information but SSH's."""
    try:
        has_user = "@" in urlsplit(url).netloc
    except ValueError:
        has_user = "@" in url
    if has_user and not url.lower().startswith("ssh:"):
        return "user information in a URL"
    return secret_in_value(url)


def entropy(text: str) -> float:
    """Shannon entropy in bits per character; random base64 of 32 characters has about 4.6."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _is_mixed(text: str) -> bool:
    return all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9+/]"))


def _is_scattered(text: str) -> bool:
    """Letters of both cases, and digits in at least three places, unlike in composed names."""
    return _is_mixed(text) and len(re.findall("[0-9]+", text)) >= 3
