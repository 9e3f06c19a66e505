"""E1: builds sign in to their sources by connections, not by what people hold."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import (
    Outcome,
    all_of,
    every,
    not_applicable,
    outcome,
    part,
    unknown,
)
from findings.facts.base import Facts, Scope, not_told
from findings.facts.codebuild import SourceCredential
from findings.facts.codeconnections import Connection

FEDERATED = {"CODECONNECTIONS", "SECRETS_MANAGER", "OAUTH"}


@Check(
    title="Connect sources through app connections, not personal tokens",
    row=Row.DELIVERY,
    scope=Scope.REGION,
    needs=(SourceCredential, Connection),
    severity=Severity.MEDIUM,
    best_practices=("OPS05-BP04",),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="The region has neither credentials of sources nor connections.",
    remediation="Create a connection in CodeConnections and finish its handshake, point the"
    " projects at it, and delete the imported token from CodeBuild.",
    cli=(
        "aws codeconnections create-connection --provider-type GitHub --connection-name CONNECTION",
        "aws codebuild delete-source-credentials --arn CREDENTIAL_ARN",
    ),
)
def codebuild_source_credentials_federated(facts: Facts, context: Context) -> Outcome:
    credentials, connections = facts.of(SourceCredential), facts.of(Connection)
    if not credentials and not connections:
        return not_applicable("there is no external source")
    return all_of(
        part("no personal credential", lambda: every(credentials, _is_federated)),
        part("connections available", lambda: every(connections, _is_available)),
    )


def _is_federated(credential: SourceCredential) -> Outcome:
    if credential.auth_type is None:
        return unknown(not_told(credential.kind, "codebuild:ListSourceCredentials"))
    told = f"{credential.server_type} by {credential.auth_type}"
    return outcome(credential.auth_type in FEDERATED, told)


def _is_available(connection: Connection) -> Outcome:
    if connection.status is None:
        return unknown(not_told(connection.kind, "codeconnections:ListConnections"))
    return outcome(connection.status == "AVAILABLE", f"{connection.name} is {connection.status}")
