"""E1: images are what they were when released, and a deployment that fails is taken back."""

from __future__ import annotations

from findings.catalogue.pillar import Principle, Row, Severity
from findings.checks.base import Check
from findings.checks.context import Context
from findings.checks.outcomes import Outcome, any_of, not_applicable, outcome, part, passed
from findings.checks.parameters import SelectorParameter
from findings.facts.base import Facts
from findings.facts.ecr import Repository
from findings.facts.ecs import Guard, Service
from findings.facts.tagging import TaggedResource, tags_of

GRADUAL = ("BLUE_GREEN", "CANARY", "LINEAR")


@Check(
    title="Guard service deployments with a circuit breaker or alarms",
    row=Row.DELIVERY,
    resource=Service,
    severity=Severity.MEDIUM,
    best_practices=("OPS06-BP03", "OPS06-BP04"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES, Principle.ANTICIPATE_FAILURE),
    not_applicable_when="The service is not active, runs a task on each node (DAEMON), or is"
    " deployed by an external controller.",
    remediation="Enable the deployment circuit breaker with rollback in the template of the"
    " service, or alarms that roll back.",
    cli=(
        "aws ecs update-service --cluster CLUSTER --service SERVICE --deployment-configuration"
        " 'deploymentCircuitBreaker={enable=true,rollback=true}'",
    ),
)
def ecs_deployment_guarded(service: Service, facts: Facts, context: Context) -> Outcome:
    if service.status != "ACTIVE":
        return not_applicable(f"it is {service.status}")
    if service.scheduling == "DAEMON":
        return not_applicable("it runs a task on each node")
    if service.controller == "EXTERNAL":
        return not_applicable("its deployments are controlled from outside")
    if service.controller == "CODE_DEPLOY":
        return passed("CodeDeploy shifts its traffic, and its deployment group is judged by itself")
    return any_of(
        part("circuit breaker", lambda: _takes_back(service.circuit_breaker)),
        part("alarms", lambda: _takes_back(service.alarms)),
        part("gradual strategy", lambda: service.strategy in GRADUAL),
    )


def _takes_back(guard: Guard | None) -> bool:
    return guard is not None and guard.is_enabled and guard.rolls_back


@Check(
    title="Make released image tags immutable",
    row=Row.DELIVERY,
    resource=Repository,
    needs=(TaggedResource,),
    severity=Severity.LOW,
    best_practices=("OPS05-BP04", "OPS05-BP01"),
    principles=(Principle.SMALL_REVERSIBLE_CHANGES,),
    parameters=(
        SelectorParameter("cache_selector", {"tag": "Purpose", "tag_values": ["cache"]}),
        SelectorParameter(
            "development_selector",
            {"tag": "Environment", "tag_values": ["dev", "development"]},
        ),
    ),
    not_applicable_when="The repository is tagged as a cache or for development.",
    remediation="Make the tags of the repository immutable where it is declared, and tag images"
    " with the commit they are built from.",
    cli=(
        "aws ecr put-image-tag-mutability --repository-name REPOSITORY"
        " --image-tag-mutability IMMUTABLE",
    ),
)
def ecr_tags_immutable(repository: Repository, facts: Facts, context: Context) -> Outcome:
    tags = tags_of(facts.of(TaggedResource), repository.arn)
    for selector in (context.cache_selector, context.development_selector):
        if selector.matches_tags(tags):
            return not_applicable(f"it is tagged {selector.tag}={tags[selector.tag]}")
    return outcome(_is_immutable(repository), f"its tags are {repository.tag_mutability}")


def _is_immutable(repository: Repository) -> bool:
    """Exclusions that match every tag turn the setting around."""
    turned = any(set(pattern) == {"*"} for pattern in repository.exclusions)
    protecting = "MUTABLE_WITH_EXCLUSION" if turned else "IMMUTABLE_WITH_EXCLUSION"
    return repository.tag_mutability in ("IMMUTABLE", protecting)
