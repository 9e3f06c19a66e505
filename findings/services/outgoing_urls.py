"""Addresses that people name for Cairn to call: what can be told of them when they are saved.

A name is judged when it is called, by all that it leads to then (``workers.outgoing.client``).
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from findings.outgoing_addresses import AllowList, is_public, written_address


def outgoing_url_check(field: str, url: str, *, allows_private: bool = False) -> None:
    """Raise ValidationError for one that could never be called; none at all may be right.

    ``allows_private``: its own host may be private, but for metadata services.
    """
    if not url:
        return
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port == 0 or any(letter.isspace() for letter in url):
        raise ValidationError({field: "Enter a valid URL of a server."})
    allow = AllowList.parse(settings.OUTGOING_ALLOW)
    if allows_private:
        allow = replace(allow, hosts=allow.hosts | {host.lower()})
    address = written_address(host)
    if address is not None and not (allow.allows(host, address) or is_public(address)):
        raise ValidationError(
            {field: f"{host} is no public address. CAIRN_OUTGOING_ALLOW can name it."}
        )
    is_named = allow.names(host) or bool(allow.networks)
    if parts.scheme == "http" and not is_named:
        raise ValidationError({field: "It is called by https only: begin with https://."})
