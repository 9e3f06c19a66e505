"""The account of the log archive, which holds what the trails of all others write."""

from simulator.organization import SimAccount
from simulator.places import AccountPlace, Place
from simulator.world import World


def archive_of(world: World) -> SimAccount | None:
    """None in a world too small to have one."""
    return next((a for a in world.accounts if a.name == "log-archive"), None)


def archive_place(world: World) -> AccountPlace | None:
    """What the organization's facets put there, where a scan sees it."""
    archive = archive_of(world)
    if archive is None or not world.is_reachable(archive):
        return None
    return world.organization_place.member(archive.id)


def in_archive(place: Place, owner: str) -> Place | None:
    """The place's region in the log archive, where that is the owner and a scan sees it."""
    archive = archive_of(place.world)
    found = archive_place(place.world)
    if archive is None or found is None or owner != archive.id:
        return None
    return found.region(place.region) if place.world.is_collected(archive, place.region) else None
