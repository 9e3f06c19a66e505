from accounts.admin import access, organizations, people

__all__ = ["access", "organizations", "people"]
