"""What every page knows: the counts of the navigation, within what the person may see."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Organization
from findings.models import Alert, Finding, Scan


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Counts for the navigation and active alerts; read only by pages that show them."""
    return {"navigation": SimpleLazyObject(lambda: _navigation(request))}


def _navigation(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    return {
        "organizations": [o.name for o in Organization.objects.visible_to(user)],
        "findings": Finding.objects.visible_to(user).open().count(),
        "running_scans": Scan.objects.visible_to(user).live().count(),
        "alerts": list(Alert.objects.visible_to(user).active()[:3]),
    }
