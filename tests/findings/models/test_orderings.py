"""How rows stand by default: every query pays for a join, and on PostgreSQL a lock reaches it."""

from django.apps import apps

BY_NAMES_OF_OTHERS = {
    "Attestation",
    "AwsJobSettings",
    "Connection",
    "ConnectionProject",
    "DeclaredTool",
    "AnalysisVersion",
    "ForesightEntry",
    "LearningLabel",
    "OwnershipRule",
    "Route",
    "Schedule",
    "ScoreSnapshot",
    "SlaRule",
    "Team",
    "WebhookEndpoint",
}
"""Few rows that people look through: they stand by the name of their organization."""
MODELS = [m for name in ("accounts", "findings") for m in apps.get_app_config(name).get_models()]


def test_orders_rows_without_joining_other_tables():
    joining = {m.__name__ for m in MODELS if " JOIN " in str(m._default_manager.all().query)}
    assert joining == BY_NAMES_OF_OTHERS
