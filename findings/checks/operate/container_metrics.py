"""O3: clusters of containers report metrics."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.catalogue.tools import Tool
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, not_applicable, outcome
from findings.facts.base import Facts
from findings.facts.ecs import Cluster


@Check(
    title="Collect container metrics on every cluster",
    row=Row.MONITORING,
    resource=Cluster,
    severity=Severity.LOW,
    best_practices=("OPS04-BP02", "OPS08-BP01"),
    principles=(Principle.MANAGED_SERVICES_AND_OBSERVABILITY,),
    not_applicable_when="No task runs in the cluster, and it has no service.",
    alternatives=(Tool.MONITORING,),
    remediation="Set Container Insights as the default of the account, and on the clusters that"
    " exist already.",
    cli=(
        "aws ecs put-account-setting-default --name containerInsights --value enhanced",
        "aws ecs update-cluster-settings --cluster CLUSTER"
        " --settings name=containerInsights,value=enhanced",
    ),
)
def ecs_container_insights_enabled(cluster: Cluster, facts: Facts, context: Context) -> Outcome:
    if cluster.active_services + cluster.running_tasks == 0:
        return not_applicable("nothing runs in it")
    collected = cluster.container_insights in ("enabled", "enhanced")
    return outcome(collected, f"Container Insights is {cluster.container_insights}")
