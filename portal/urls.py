from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from portal import health
from portal.hooks import hook
from portal.web.sign_in import admin_login, favicon

admin.site.site_header = _("Administration of Cairn")
admin.site.site_title = "Cairn"
admin.site.index_title = _("What operators look at and change")

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("favicon.ico", favicon),
    path("admin/login/", admin_login),
    path("admin/", admin.site.urls),
    path("login/", auth_views.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("api/", include("portal.api.urls")),
    path("hooks/<str:uid>/", hook, name="hook"),
    path("hooks/<str:uid>", hook),  # whoever sends deliveries follows no redirect
    path("", include("portal.web.urls")),
]

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
