"""Run the stand-in by hand: `python -m testing.wandb_server --port 8100 --runs 480 --delay 0.05`."""

from __future__ import annotations

import argparse
import contextlib
import threading

from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, made_store
from testing.wandb_server.server import StandIn


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--runs", type=int, default=480)
    parser.add_argument("--parameters", type=int, default=8)
    parser.add_argument("--metrics", type=int, default=13)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--page-cap", type=int, default=None, help="the most runs that a page gives")
    parser.add_argument("--remember", action="store_true", help="make each answer once only (for benchmarks)")
    given = parser.parse_args()
    store = made_store(given.runs, parameters=given.parameters, metrics=given.metrics)
    server = StandIn(store, delay=given.delay, port=given.port, page_cap=given.page_cap, remember=given.remember)
    with server:
        print(f"WANDB_BASE_URL={server.url} WANDB_API_KEY={OWNER_KEY}", flush=True)
        print(f"another key, for other/private alone: {VISITOR_KEY}; sources: {', '.join(store.projects)}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
