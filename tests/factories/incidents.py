import factory
from factory.django import DjangoModelFactory

from findings.models import (
    ActionItem,
    Analysis,
    ContributingFactor,
    Incident,
    Learning,
    TimelineEntry,
)
from tests.factories.accounts import OrganizationFactory, TeamFactory
from tests.factories.findings import NOW


class IncidentFactory(DjangoModelFactory):
    """An incident of the whole organization, unless ``accounts`` are given."""

    class Meta:
        model = Incident
        skip_postgeneration_save = True

    organization = factory.SubFactory(OrganizationFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = "Orders were lost"
    severity = "high"
    started_at = NOW
    recorded_at = NOW
    changed_at = NOW

    @factory.post_generation
    def accounts(self, create, extracted, **fields):
        if extracted:
            self.accounts.set(extracted)


class TimelineEntryFactory(DjangoModelFactory):
    class Meta:
        model = TimelineEntry

    incident = factory.SubFactory(IncidentFactory)
    at = NOW
    text = "the alarm rang"
    added_at = NOW


class FactorFactory(DjangoModelFactory):
    class Meta:
        model = ContributingFactor

    incident = factory.SubFactory(IncidentFactory)
    kind = "monitoring"
    text = "nobody was told"
    added_at = NOW


class AnalysisFactory(DjangoModelFactory):
    class Meta:
        model = Analysis

    incident = factory.SubFactory(IncidentFactory)
    template = "light"
    begun_at = NOW
    changed_at = NOW


class LearningFactory(DjangoModelFactory):
    class Meta:
        model = Learning

    incident = factory.SubFactory(IncidentFactory)
    organization = factory.SelfAttribute("incident.organization")
    when = "a trail does not log"
    then = "nobody knows who changed what"
    guard = "every account has a trail that logs"
    learnt_at = NOW
    state_since = NOW


class ActionItemFactory(DjangoModelFactory):
    class Meta:
        model = ActionItem
        skip_postgeneration_save = True

    incident = factory.SubFactory(IncidentFactory)
    organization = factory.SelfAttribute("incident.organization")
    owner_team = factory.SubFactory(
        TeamFactory, organization=factory.SelfAttribute("..organization")
    )
    title = "Let the trail log"
    check_id = "cloudtrail_multi_region_logging"
    due_at = NOW
    added_at = NOW
    changed_at = NOW

    @factory.post_generation
    def accounts(self, create, extracted, **fields):
        if extracted:
            self.accounts.set(extracted)
