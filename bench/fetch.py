"""Fetching from W&B: requests, seconds, memory and bytes; ours, the usual loop, and a plain HTTP client.

    python -m bench.fetch                 # 480 and 10,000 runs, 50 ms a request
    python -m bench.fetch --large         # 100,000 runs too

The server is the tests' stand-in, in its own process. Every way runs in a process of its own, after a small fetch that
pays for importing the SDK and starting its helper process; seconds are medians. The plain client sends the same
requests for the same bytes. The usual loop is stopped after some runs and its figures scaled up ("*").
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.sources.record import Address
from lib.sources.wandb.access import Access
from testing.wandb_server.made_data import OWNER_KEY

ROOT = Path(__file__).resolve().parents[1]
SWEEP = Address("sweep", "team/seg/sweep01", None, "team", "seg", "sweep01")
# What our fetch sends for a page of runs.
QUERY = """\
query Runs($project: String!, $entity: String!, $cursor: String, $perPage: Int, $order: String, $filters: JSONString!) {
  project(name: $project, entityName: $entity) {
    internalId runCount(filters: $filters) readOnly
    runs(filters: $filters, after: $cursor, first: $perPage, order: $order) {
      edges { node { projectId ...RunFragment } cursor }
      pageInfo { endCursor hasNextPage }
    }
  }
}
fragment RunFragment on Run {
  id tags name displayName sweepName state config group readOnly createdAt heartbeatAt summaryMetrics
  user { name username }
}"""
WARM_UP = Address("project", "other/private", None, "other", "private")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure fetching from W&B against the stand-in server.")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds a request takes")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="100,000 runs too, once")
    parser.add_argument("--sizes", type=int, nargs="*", default=[480, 10_000])
    parser.add_argument("--naive-runs", type=int, default=480, help="how many runs the usual loop reads at most")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        print(json.dumps(WAYS[given.child](given)))
        return
    print(f"{given.delay * 1000:.0f} ms a request, medians of {given.repeats}\n")
    print("| runs | way | requests | seconds | to plain HTTP | peak MB (python + helper) | MB received |")
    print("|---|---|---|---|---|---|---|")
    for size in [*given.sizes, *([100_000] if given.large else [])]:
        measure_size(given, size)


def measure_size(given: argparse.Namespace, size: int) -> None:
    command = [sys.executable, "-m", "testing.wandb_server", "--runs", str(size), "--delay", str(given.delay)]
    command.append("--remember")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[0].partition("=")[2]
        repeats = 1 if size > 10_000 else given.repeats
        try:
            results = {way: child(way, url, repeats, given.naive_runs) for way in WAYS}
        finally:
            server.terminate()
    floor = statistics.median(results["plain HTTP, parsed"]["seconds"])
    for way, result in results.items():
        scale, star = (size / result["of"], "*") if result["of"] < size else (1.0, "")
        seconds = statistics.median(result["seconds"]) * scale
        requests = round(result["requests"] * scale)
        memory = f"{result['python_mb']:.0f} + {result['helper_mb']:.0f}"
        print(
            f"| {size:,} | {way} | {requests:,}{star} | {seconds:.2f}{star} | {seconds / floor:.1f} | {memory} "
            f"| {result['bytes'] * scale / 1e6:.2f} |",
            flush=True,
        )


def child(way: str, url: str, repeats: int, naive_runs: int) -> dict[str, Any]:
    environment = {**os.environ, "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false", "BENCH_QUERY": QUERY}
    command = [sys.executable, "-m", "bench.fetch", "--child", way, "--url", url]
    command += ["--repeats", str(repeats), "--naive-runs", str(naive_runs)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def timed(url: str, repeats: int, work: Callable[[], int], before: Callable[[], None] | None = None) -> dict[str, Any]:
    """Do the work some times; the log of the last time tells requests and bytes. The SDK's log-in is not counted."""
    seconds, runs = [], 0
    for _ in range(repeats):
        if before is not None:
            before()
        control(url, "DELETE", "log")
        started = time.perf_counter()
        runs = work()
        seconds.append(time.perf_counter() - started)
    log = [request for request in control(url, "GET", "log") if request["operation"] != "Viewer"]
    return {
        "seconds": seconds,
        "of": runs,
        "requests": len(log),
        "bytes": sum(request["bytes_sent"] for request in log),
        "python_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "helper_mb": helper_peak_mb(),
    }


def ours(given: argparse.Namespace) -> dict[str, Any]:
    from lib.sources.wandb.api import fetch

    access = Access(OWNER_KEY, owner=True, base_url=given.url, allowed=("*",))
    fetch(WARM_UP, access=access)
    return timed(given.url, given.repeats, lambda: len(fetch(SWEEP, access=access)))


def refresh(given: argparse.Namespace) -> dict[str, Any]:
    from lib.sources.wandb.api import fetch

    access = Access(OWNER_KEY, owner=True, base_url=given.url, allowed=("*",))
    held = [fetch(SWEEP, access=access)]

    def change_five() -> None:
        held.append(fetch(SWEEP, access=access, since=held[-1]))
        control(given.url, "POST", "touch", {"project": "team/seg", "runs": 5})
        # Pay for making the answers again before the clock starts.
        fetch(SWEEP, access=access, since=held[-1])

    return timed(given.url, given.repeats, lambda: len(fetch(SWEEP, access=access, since=held[-1])), change_five)


def usual_loop(given: argparse.Namespace) -> dict[str, Any]:
    import wandb

    api = wandb.Api(api_key=OWNER_KEY, overrides={"base_url": given.url})
    next(iter(api.runs("other/private"))).config  # noqa: B018

    def loop() -> int:
        api.flush()
        rows = []
        for run in api.runs("team/seg", filters={"sweep": "sweep01"}):
            rows.append({**run.summary, **run.config})
            if len(rows) >= given.naive_runs:
                break
        return len(rows)

    return timed(given.url, 1, loop)


def plain(parse: bool) -> Callable[[argparse.Namespace], dict[str, Any]]:
    """Return the measurement of an HTTP client that sends what our fetch sends."""

    def measure(given: argparse.Namespace) -> dict[str, Any]:
        import requests

        session = requests.Session()
        session.auth = ("api", OWNER_KEY)
        query = os.environ["BENCH_QUERY"]
        variables = {"project": "seg", "entity": "team", "order": "+created_at", "filters": '{"sweep": "sweep01"}'}
        variables |= {"perPage": 1000}

        def read() -> int:
            count, cursor, more = 0, None, True
            while more:
                body = {"query": query, "variables": {**variables, "cursor": cursor}}
                content = session.post(f"{given.url}/graphql", json=body).content
                if parse:
                    page = json.loads(content)["data"]["project"]["runs"]
                    for edge in page["edges"]:
                        json.loads(edge["node"]["config"]), json.loads(edge["node"]["summaryMetrics"])
                    count += len(page["edges"])
                    cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
                else:
                    count += content.count(b'"cursor"')
                    more = b'"hasNextPage": true' in content[-300:]
                    cursor = content[-300:].split(b'"endCursor": "')[1].split(b'"')[0].decode()
            return count

        read()
        return timed(given.url, given.repeats, read)

    return measure


def control(url: str, method: str, what: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/stand-in/{what}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def helper_peak_mb() -> float:
    """The most memory that the SDK's helper process held (Linux)."""
    peak = 0.0
    for children in Path("/proc/self/task").glob("*/children"):
        for process in children.read_text().split():
            for line in Path(f"/proc/{process}/status").read_text().splitlines():
                if line.startswith("VmHWM"):
                    peak = max(peak, int(line.split()[1]) / 1024)
    return peak


WAYS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    # First, and after an unmeasured round: it pays for the server's making of the pages that ours asks for as well.
    "plain HTTP, bytes only": plain(parse=False),
    "plain HTTP, parsed": plain(parse=True),
    "this project": ours,
    "this project, refresh (5 changed)": refresh,
    "the usual loop": usual_loop,
}

if __name__ == "__main__":
    main()
