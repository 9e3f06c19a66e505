from tests.accounts.admin.conftest import without_sidebar  # noqa: F401  every page is without
