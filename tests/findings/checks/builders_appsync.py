"""GraphQL APIs for the tables of the checks."""

from findings.facts.appsync import GraphqlApi
from tests.findings.checks.cases import ACCOUNT, REGION


def api_arn(name, account=ACCOUNT):
    return f"arn:aws:appsync:{REGION}:{account}:apis/{name}"


def api(name="shop", is_traced=False, **fields):
    given = {"arn": api_arn(name), "type": "GRAPHQL", "sources": None}
    return GraphqlApi(name=name, is_traced=is_traced, **(given | fields))


def merged(*sources, **fields):
    """An API that is merged of others, and not traced itself."""
    arns = tuple(map(api_arn, sources))
    return api("all", **({"type": "MERGED", "sources": arns} | fields))
