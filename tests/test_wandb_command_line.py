"""W&B on the command line: the same report as from a file, exit statuses, progress, and being stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lib.__main__ import main
from lib.model.columns import plain
from lib.model.sweep import Sweep
from lib.sources.sample import read_sample
from testing.exports import to_csv
from testing.wandb_server.fixtures import SWEEP, server_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY, project_of
from testing.wandb_server.server import StandIn

ROOT = Path(__file__).resolve().parents[1]
HEADINGS = {"run_id": "ID", "name": "Name", "state": "State", "created_at": "Created", "runtime": "Runtime",
            "sweep": "Sweep", "tags": "Tags", "group": "Group"}  # fmt: skip


@pytest.fixture
def reachable(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setenv("WANDB_API_KEY", OWNER_KEY)
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    return server


def export_of(sweep: Sweep) -> str:
    rows = []
    for at, about in enumerate(sweep.runs.to_dict("records")):
        row = [about[name] for name in HEADINGS]
        row[3] = about["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
        rows.append(row + [plain(frame[name].iloc[at]) for frame in (sweep.config, sweep.summary) for name in frame])
    return to_csv([*HEADINGS.values(), *sweep.config.columns, *sweep.summary.columns], rows)


def numbers_of(report: Any) -> Any:
    """Return all of a JSON report but where it came from, and what an export alone lacks or has.

    It has no addresses on W&B, and findings on the data of its own.
    """
    if isinstance(report, dict):
        return {name: numbers_of(value) for name, value in report.items() if name not in ("source", "url")}
    if not isinstance(report, list):
        return report
    of_the_source = ("data_quality", "unequal_training")
    kept = (one for one in report if not (isinstance(one, dict) and one.get("kind") in of_the_source))
    return [numbers_of(value) for value in kept]


def test_a_report_is_the_same_through_the_sdk_an_export_and_a_snapshot(reachable: StandIn, tmp_path, capsys) -> None:
    sample = read_sample()
    reachable.store.add(project_of(sample))
    source = f"people/unet/{sample.declarations[0].id}"
    snapshot, export, config = (tmp_path / name for name in ("sweep.parquet", "runs.csv", "sweep.yaml"))
    assert main(["fetch", source, "--output", str(snapshot), "--quiet"]) == 0
    export.write_text(export_of(sample), encoding="utf-8")
    config.write_text(yaml.safe_dump(dict(sample.declarations[0].config or {})), encoding="utf-8")

    def report(*arguments: str) -> dict[str, Any]:
        assert main(["report", *arguments, "--format", "json", "--quiet"]) == 0
        return json.loads(capsys.readouterr().out)

    direct = report(source)
    assert direct["runs"]["total"] == 160
    assert direct["next_sweep"] is not None
    assert report(str(snapshot)) == direct
    assert numbers_of(report(str(export), "--sweep-config", str(config))) == numbers_of(direct)
    assert main(["next-sweep", source, "--quiet"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == direct["next_sweep"]


@pytest.mark.parametrize(("source", "fault", "status", "words"), [
    (SWEEP, {"kind": "status", "status": 401}, 3, "refused the configured W&B key"),
    (SWEEP, {"kind": "status", "status": 403}, 3, "does not let the configured W&B key read"),
    (SWEEP, {"kind": "html"}, 3, "not W&B's data"),
    ("team/absent", None, 3, "There is no team/absent"),
    ("https://evil.example/team/seg", None, 2, "is not a W&B website"),
])  # fmt: skip
def test_a_failure_is_one_sentence_and_nothing_is_written(
    reachable: StandIn, tmp_path, capsys, source: str, fault: dict[str, Any] | None, status: int, words: str
) -> None:
    if fault:
        reachable.fail(operation="Runs", **fault)
    assert main(["fetch", source, "--output", str(tmp_path / "sweep.parquet")]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1
    assert "canary" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def fetching(server: StandIn, tmp_path) -> Callable[[], subprocess.Popen[str]]:
    """Start `fetch` as a shell does, in a process group of its own."""

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "lib", "fetch", SWEEP, "--output", str(tmp_path / "sweep.parquet")]
        environment = {**os.environ, "WANDB_API_KEY": OWNER_KEY, "WANDB_BASE_URL": server.url}
        # A shell has what it starts in the background ignore the interrupt, and that is inherited.
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=-1,
            stderr=-1,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


def wait_for(server: StandIn, operation: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while server.operations().count(operation) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def test_progress_on_standard_error_counts_runs(server: StandIn, fetching) -> None:
    server.graphql.page_cap = 10
    server.fail("slow", "Runs", skip=1, times=1, seconds=2.5)
    _, err = fetching().communicate(timeout=120)
    assert "10 of 25 runs" in err
    assert "25 runs of team/seg/sweep01 written" in err.splitlines()[-1]


def test_a_fetch_that_is_interrupted_writes_nothing_and_ends_at_once(server: StandIn, fetching, tmp_path) -> None:
    server.graphql.page_cap = 10
    server.fail("stall", "Runs", skip=1, seconds=20)
    process = fetching()
    wait_for(server, "Runs", 1)
    time.sleep(0.5)
    started = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - started < 10
    assert err.splitlines()[-1] == "sweep report: stopped; nothing was written."
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
