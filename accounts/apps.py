from django.apps import AppConfig
from django.db.models.signals import m2m_changed, post_delete, post_save


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Organizations, accounts and access"

    def ready(self) -> None:
        from accounts.models import Grant, Team
        from accounts.models.reach import forget_grants

        post_save.connect(forget_grants, sender=Grant)
        post_delete.connect(forget_grants, sender=Grant)
        m2m_changed.connect(forget_grants, sender=Team.members.through)
