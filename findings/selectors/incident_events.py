"""What happened to incidents, under the names by which the feed and webhooks tell it."""

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from findings.models import ActionItem, IncidentEvent

Kind = IncidentEvent.Kind
TYPES = {
    Kind.RECORDED: "incident.recorded",
    Kind.CHANGED: "incident.changed",
    Kind.TIMELINE: "incident.timeline_added",
    Kind.ANALYSIS: "analysis.moved",
    Kind.PUBLISHED: "incident.published",
    Kind.LEARNED: "learning.changed",
    Kind.REGRESSED: "learning.regressed",
    Kind.ACTION_ADDED: "action_item.added",
    Kind.ACTION_CHANGED: "action_item.changed",
    Kind.ACTION_CLAIMED: "action_item.claimed",
    Kind.ACTION_REJECTED: "action_item.rejected",
    Kind.ACTION_VERIFIED: "action_item.verified",
    Kind.ACTION_REGRESSED: "action_item.regressed",
    Kind.ACTION_OVERDUE: "action_item.overdue",
}
"""An incident is published when its analysis is."""
OF_ACTION_ITEMS = tuple(kind for kind, name in TYPES.items() if name.startswith("action_item."))


def incident_events_seen(user: User | AnonymousUser) -> QuerySet[IncidentEvent]:
    """Those of incidents that a person sees; of action items only if they see these as well."""
    seen: QuerySet[IncidentEvent] = IncidentEvent.objects.visible_to(user)
    items = ActionItem.objects.visible_to(user).values("uid")
    return seen.filter(~Q(kind__in=OF_ACTION_ITEMS) | Q(subject__in=items))
