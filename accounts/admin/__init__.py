from accounts.admin import access, organizations, people, tokens

__all__ = ["access", "organizations", "people", "tokens"]
