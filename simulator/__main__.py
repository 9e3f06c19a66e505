"""`python -m simulator`: serve a world, print its answer key, or check that it can be."""

import argparse
import contextlib
import signal
import sys
from datetime import datetime
from pathlib import Path

from simulator.answers import as_json
from simulator.server import make_server
from simulator.unmet import refuse_unmet
from simulator.world import World


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument(
        "command", nargs="?", choices=("serve", "answers", "check"), default="serve"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--port-file", type=Path, help="the port is written here once it listens")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--accounts", type=int, default=24)
    parser.add_argument("--regions", type=int, default=3)
    parser.add_argument("--day", type=int, default=1)
    parser.add_argument("--epoch", type=datetime.fromisoformat, help="ISO 8601; default now")
    parser.add_argument("--fault", action="append", default=[], metavar="SPEC")
    parser.add_argument("--canary", metavar="TOKEN", help="put this into every free string")
    return parser


def main() -> int:
    options = arguments().parse_args()
    try:
        world = World(
            seed=options.seed,
            accounts=options.accounts,
            regions=options.regions,
            day=options.day,
            epoch=options.epoch,
            faults=options.fault,
        )
        refuse_unmet(world)
        if options.command == "check":
            return 0
        if options.command == "answers":
            print(as_json(world))
            return 0
        server = make_server(world, host=options.host, port=options.port, canary=options.canary)
    except (OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return 2
    # A supervisor ends its processes by SIGTERM; that is no failure.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if options.port_file:
        options.port_file.write_text(f"{server.server_address[1]}\n")
    print(server.url, flush=True)
    with contextlib.suppress(KeyboardInterrupt), server:
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
