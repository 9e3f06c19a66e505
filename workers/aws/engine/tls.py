"""One TLS context for all clients of the process.

botocore reads the bundle of certificate authorities from disk again at every new connection, which
costs more than the call itself. Here the bundle is loaded once per process. This leans on
botocore's internals; where they are not as expected, or a proxy or client certificate is in use,
the client is left as botocore made it.
"""

from __future__ import annotations

import logging
import ssl
from functools import cache
from typing import Any

from botocore.httpsession import URLLib3Session, create_urllib3_context, get_cert_path

logger = logging.getLogger(__name__)


def share_context(client: Any) -> bool:
    """Let a client use the context of the process; whether it does."""
    try:
        http = client._endpoint.http_session
        if not _is_plain(http):
            return False
        context = _context(get_cert_path(http._verify))
        settings = http._manager.connection_pool_kw
        if "ssl_context" not in settings or not callable(http._setup_ssl_cert):
            return False
        settings["ssl_context"] = context
        http._setup_ssl_cert = _require_certificates
    except OSError:
        return False  # there is no such bundle: botocore says so at the first call
    except (AttributeError, TypeError) as moved:
        _warn_once(str(moved))
        return False
    return True


def _is_plain(http: Any) -> bool:
    """Whether a session verifies certificates and has no proxy or certificate of its own."""
    if type(http) is not URLLib3Session:
        return False
    inside: Any = http
    return bool(inside._verify and not inside._cert_file and not inside._proxy_config._proxies)


def _require_certificates(connection: Any, url: str, verify: bool | str) -> None:
    """In place of botocore's: the context already holds the authorities."""
    connection.cert_reqs = "CERT_REQUIRED"
    connection.ca_certs = None


@cache
def _context(authorities: str) -> ssl.SSLContext:
    context: ssl.SSLContext = create_urllib3_context()
    context.load_verify_locations(cafile=authorities)
    return context


@cache
def _warn_once(what: str) -> None:
    logger.warning("botocore has changed (%s): TLS contexts are not shared, calls cost more", what)
