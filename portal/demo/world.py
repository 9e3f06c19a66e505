"""What the simulator says of its organization: where to begin and with which credentials."""

import http.client
import json
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class World:
    """The simulated organization as its management account would describe it."""

    management_account: str
    role_name: str
    external_id: str
    regions: tuple[str, ...]
    epoch: str
    access_key_id: str
    secret_access_key: str

    @property
    def credentials(self) -> dict[str, str]:
        """Environment variables with which AWS's SDK enters the management account."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }


def read_world(port: int) -> World:
    """Asks the simulator at this port of this machine. Raises OSError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/_simulator/health")
    told = json.load(connection.getresponse())
    connection.close()
    told["regions"] = tuple(told["regions"])
    return World(**{field.name: told[field.name] for field in fields(World)})
