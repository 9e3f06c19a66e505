"""CPU per AWS call: the engine, a bare loop over one shared client, and a session per account.

    python -m benchmarks.aws_calls --accounts 30 --calls 20

A server in a process of its own answers at once, so that only the client's work is measured. Only
ratios of one run mean something: the speed of a machine drifts.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials

from workers.aws.access import RoleAccess
from workers.aws.engine.clients import Clients
from workers.aws.engine.retries import Backoff
from workers.aws.sessions import AccountSession

REGION = "eu-west-1"
TRAIL = (
    '{"Name":"trail-%d","S3BucketName":"bucket","IsMultiRegionTrail":true,"HomeRegion":"eu-west-1",'
    '"TrailARN":"arn:aws:cloudtrail:eu-west-1:123456789012:trail/trail-%d"}'
)
BODY = ('{"trailList":[' + ",".join(TRAIL % (n, n) for n in range(5)) + "]}").encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: %d\r\n\r\n"
)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-len")]
        await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)
        writer.write(ANSWER % len(BODY) + BODY)


def _serve(told: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def engine(url: str, accounts: int, calls: int) -> None:
    """What a scan does: an account session each, clients shared, through the door."""
    clients = Clients(backoff=Backoff(sleep=lambda _seconds: None))
    for account in range(accounts):
        session = AccountSession(
            account=str(account),
            access=RoleAccess(endpoint_url=url, home_region=REGION),
            credentials=_Keys(f"AKID{account}"),
            clients=clients,
        ).region(REGION)
        with session.collecting("benchmark"):
            client = session.client("cloudtrail")
            for _ in range(calls):
                client.describe_trails()


def bare(url: str, accounts: int, calls: int) -> None:
    """One client, one set of credentials: the least that botocore can do."""
    session = botocore.session.Session()
    session.set_credentials("AKID", "secret")
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    client = session.create_client("cloudtrail", REGION, endpoint_url=url, config=config)
    for _ in range(accounts * calls):
        client.describe_trails()


def naive(url: str, accounts: int, calls: int) -> None:
    """A session and its clients for each account, for each listing, as scripts do."""
    for account in range(accounts):
        for _ in range(max(1, calls // CALLS_PER_CLIENT)):
            session = boto3.Session(f"AKID{account}", "secret", region_name=REGION)
            client = session.client("cloudtrail", endpoint_url=url)
            for _ in range(min(calls, CALLS_PER_CLIENT)):
                client.describe_trails()


CALLS_PER_CLIENT = 4
"""A scan makes few calls of one service in one region of an account."""


class _Keys:
    def __init__(self, name: str) -> None:
        self._frozen = ReadOnlyCredentials(name, "secret", "token", None)

    def frozen(self) -> ReadOnlyCredentials:
        return self._frozen

    def renew(self) -> bool:
        return False


def milliseconds(
    way: Callable[[str, int, int], None], url: str, accounts: int, calls: int
) -> float:
    """CPU time of this process per call."""
    started = time.process_time()
    way(url, accounts, calls)
    return (time.process_time() - started) * 1000 / (accounts * calls)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--calls", type=int, default=20, help="per account")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    ways = (engine, bare, naive)
    for way in ways:
        way(url, 1, 4)
    taken: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for _ in range(options.rounds):
        for way in ways:
            taken[way.__name__].append(milliseconds(way, url, options.accounts, options.calls))
    server.terminate()
    medians = {name: statistics.median(rounds) for name, rounds in taken.items()}
    for name, median in medians.items():
        print(f"{name:8} {median:6.2f} ms CPU per call, {median / medians['bare']:5.2f} x bare")
    print(f"engine against naive: {medians['naive'] / medians['engine']:.1f} x less CPU")


if __name__ == "__main__":
    main()
