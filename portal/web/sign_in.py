from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """The administration has no sign-in of its own; it sends here whom it does not let in."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("The administration is for members of staff."))
    wanted = urlencode({"next": request.GET.get("next", reverse("admin:index"))})
    return redirect(f"{reverse('login')}?{wanted}")


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it on pages that name no icon, such as those of the administration."""
    return redirect(static("app/cairn.svg"), permanent=True)
