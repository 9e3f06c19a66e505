"""Work of one organization after another, where the failure of one is none of the others."""

import logging
from collections.abc import Callable, Iterable

from accounts.models import Organization

logger = logging.getLogger(__name__)


def each(
    organizations: Iterable[Organization], what: str, work: Callable[[Organization], object]
) -> None:
    """Whatever fails is logged, and looked at again next time."""
    for organization in organizations:
        try:
            work(organization)
        except Exception:
            logger.exception("%s of %s", what, organization)
