from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # Both register themselves: the Celery application that tasks are sent through, the checks.
        from portal import celery, system_checks  # noqa: F401
