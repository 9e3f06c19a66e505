from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request


def person_of(request: HttpRequest | Request) -> User:
    """The person signed in; pages and endpoints let in nobody who is not."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user
