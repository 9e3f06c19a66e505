from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

PAGES = (
    ("connection-list", "link", _("Connections"), _("Trackers in which tickets are kept.")),
    (
        "route-list",
        "sitemap",
        _("Routes"),
        _("Which findings get tickets, where, and whether by themselves."),
    ),
    (
        "sla-rule-list",
        "calendar-event",
        _("Due dates"),
        _("Within how many days findings are to be remedied."),
    ),
    (
        "webhook-list",
        "external-link",
        _("Webhooks"),
        _("Programs of yours that are told what happens here."),
    ),
    ("token-list", "key", _("API tokens"), _("With a token a program uses the API as you.")),
)


@require_safe
def settings_index(request: HttpRequest) -> HttpResponse:
    return render(request, "settings/index.html", {"pages": PAGES})
