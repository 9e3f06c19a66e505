"""Who calls the API: a person's session, or a program with a person's token.

The header is that of RFC 6750: ``Authorization: Bearer cairn_...``.
"""

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, TokenScope
from accounts.services.tokens import token_use

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """What the token may do is what its person may do, within its scopes and limits."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = token_use(plaintext=given.strip(), now=timezone.now())
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="Cairn"'


class TokenScopes(BasePermission):
    """A token may be used for what its scopes say; a session for whatever its person may do.

    Reading needs ``read``. Everything else needs the viewset's ``write_scope``, which an action may
    replace: ``@action(detail=True, methods=["post"], write_scope=TokenScope.TICKETS)``. Where none
    is said it needs ``admin``, which stands for all scopes.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        needed = TokenScope.READ
        if request.method not in SAFE_METHODS:
            needed = getattr(view, "write_scope", TokenScope.ADMIN)
        if not request.auth.permits(needed):
            raise PermissionDenied(f"This token lacks the scope {needed.value}.")
        return True


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": SCHEME.lower()}
