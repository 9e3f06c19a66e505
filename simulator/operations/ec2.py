"""EC2: instances of a region, one to a reservation; a record of `ec2.instances` is one instance."""

from typing import Any

from simulator.operations.base import Call, operation


@operation("ec2", "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    reservations = [
        {
            "ReservationId": f"r-{instance['InstanceId'].removeprefix('i-')}",
            "OwnerId": call.account.id,
            "Instances": [instance],
        }
        for instance in call.place.all("ec2.instances")
    ]
    return call.page(reservations, "Reservations", size=10, bad_token="InvalidParameterValue")  # noqa: S106
