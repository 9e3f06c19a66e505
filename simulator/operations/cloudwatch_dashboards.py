"""Amazon CloudWatch: the dashboards of an account, whichever region is asked.

What a record of `cloudwatch.dashboards` shows is its `_body`: a dict, or a text that is no JSON.
"""

import json
from typing import Any

from simulator.errors import AwsError
from simulator.operations.base import Call, operation

DASHBOARDS = "cloudwatch.dashboards"


@operation("cloudwatch", "ListDashboards")
def list_dashboards(call: Call) -> dict[str, Any]:
    prefix = call.parameters.get("DashboardNamePrefix", "")
    found = [d for d in call.account_place.all(DASHBOARDS) if d["DashboardName"].startswith(prefix)]
    return call.page(found, "DashboardEntries", size=2, bad_token="InvalidParameterValue")  # noqa: S106 - the name of an error


@operation("cloudwatch", "GetDashboard")
def get_dashboard(call: Call) -> dict[str, Any]:
    name = call.parameters["DashboardName"]
    found = call.account_place.find(DASHBOARDS, DashboardName=name)
    if found is None:  # the model calls this error DashboardNotFoundError
        raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist")
    body = found["_body"]
    return {
        "DashboardName": name,
        "DashboardArn": found["DashboardArn"],
        "DashboardBody": body if isinstance(body, str) else json.dumps(body),
    }
