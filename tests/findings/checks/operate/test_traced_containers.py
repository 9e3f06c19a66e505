"""O4: containers are traced."""

import pytest

from findings.checks.operate.traced_containers import repository_of
from tests.findings.checks.builders_ecs import container, definition, service
from tests.findings.checks.builders_tagging import tagged
from tests.findings.checks.cases import (
    FAIL,
    NOT_APPLICABLE,
    PASS,
    UNKNOWN,
    Case,
    account,
    assert_outcomes,
)
from tests.findings.checks.gaps import denied

SANDBOX = account(environment="sandbox", ou_path="Sandbox")
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
OTEL = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0"
DAEMON = "public.ecr.aws/xray/aws-xray-daemon:3.x"


def runs(*images, **fields):
    return service(containers=tuple(map(container, images)), **fields)


TABLE = {
    "ecs_task_traced": [
        Case("neither", FAIL, [service()], message="not met: collector; exporter"),
        *(
            Case(f"beside {image}", PASS, [runs("example/web", image)])
            for image in (
                OTEL,
                "otel/opentelemetry-collector-contrib",
                "amazon/cloudwatch-agent@sha256:0123",
                DAEMON,
            )
        ),
        Case("the name in a tag", FAIL, [runs("registry:5000/example/web:cloudwatch-agent")]),
        Case("another collector", FAIL, [runs("acme/agent")]),
        Case(
            "another collector that counts",
            PASS,
            [runs("acme/agent")],
            parameters={"collector_images": ["acme/agent"]},
        ),
        *(
            Case(f"by {name}", PASS, [service(containers=(container(variables=("A", name)),))])
            for name in (ENDPOINT, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        ),
        Case("by another variable", FAIL, [service(containers=(container(variables=("OTEL",)),))]),
        Case(
            "by another variable that counts",
            PASS,
            [service(containers=(container(variables=("ACME",)),))],
            parameters={"otel_env": ["ACME"]},
        ),
        Case(
            "variables in a file",
            UNKNOWN,
            [service(containers=(container(), container(has_variable_files=True)))],
        ),
        Case(
            "variables in a file, and a collector",
            PASS,
            [service(containers=(container(has_variable_files=True), container(OTEL)))],
        ),
        Case(
            "variables in a file, and the one that counts",
            PASS,
            [service(containers=(container(has_variable_files=True, variables=(ENDPOINT,)),))],
        ),
        Case("draining", NOT_APPLICABLE, [service(status="DRAINING")], message="DRAINING"),
        Case("inactive", NOT_APPLICABLE, [service(status="INACTIVE")]),
        Case("nothing runs", NOT_APPLICABLE, [service(containers=None)], message="nothing"),
        Case(
            "in a cluster with a collector on each node",
            NOT_APPLICABLE,
            [service()],
            parameters={"daemon_clusters": ["shop"]},
        ),
        Case("in another cluster", FAIL, [service()], parameters={"daemon_clusters": ["sho"]}),
        Case("in a sandbox account", NOT_APPLICABLE, [service()], account=SANDBOX),
        Case(
            "tagged as production there",
            FAIL,
            [service(), tagged(service().arn, Environment="prod")],
            account=SANDBOX,
        ),
        Case(
            "production by another selector",
            NOT_APPLICABLE,
            [service()],
            parameters={"production_selector": {"tag": "stage", "tag_values": ["live"]}},
        ),
        Case(
            "tags denied where they decide",
            UNKNOWN,
            [service()],
            gaps=[denied(tagged("a"))],
            account=SANDBOX,
        ),
        Case("definition denied", UNKNOWN, [service(containers=denied(service()))]),
    ],
    "xray_daemon_migrated_to_otel": [
        Case("without", PASS, [definition(container(), container(OTEL))]),
        Case("no containers", PASS, [definition()]),
        Case(
            "the daemon of the public registry",
            FAIL,
            [definition(container(), container(DAEMON, name="xray"))],
            message=f"runs as xray ({DAEMON})",
        ),
        Case("the daemon of Docker Hub", FAIL, [definition(container("amazon/aws-xray-daemon"))]),
        Case(
            "a copy in a registry of the organization",
            FAIL,
            [definition(container("registry:5000/mirror/aws-xray-daemon@sha256:0123"))],
        ),
        Case("the name in a tag", PASS, [definition(container("example/web:aws-xray-daemon"))]),
        Case(
            "two of them",
            FAIL,
            [
                definition(
                    container("b/aws-xray-daemon", name="b"),
                    container("a/aws-xray-daemon", name="a"),
                )
            ],
            message="a (a/aws-xray-daemon), b (b/aws-xray-daemon)",
        ),
    ],
}


def test_outcomes():
    assert_outcomes(TABLE)


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("web", "web"),
        ("web:1", "web"),
        ("web@sha256:0", "web"),
        ("web:1@sha256:0", "web"),
        ("example/web:1", "example/web"),
        ("registry:5000/example/web", "registry:5000/example/web"),
    ],
)
def test_the_repository_of_an_image(image, repository):
    assert repository_of(image) == repository
