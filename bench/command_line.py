"""The report on the command line: seconds and peak memory, beside importing what it needs and reading the file.

    python -m bench.command_line                          # 480, 10,000 and 100,000 runs
    python -m bench.command_line --source runs.csv --sweep-config sweep.yaml

Every figure is a median of runs in new processes; "x" is the ratio to the floor, "growth" to the size before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from bench.tables import heading, median, row
from testing.made_sweeps import SIZES, made_snapshot

ROOT = Path(__file__).resolve().parents[1]
FORMATS = ("json", "markdown", "html")
# What every report needs, and the file read.
FLOOR = """
import sys
import numpy, pandas, scipy.stats, sklearn.ensemble, sklearn.model_selection
from testing.opening import opened
opened(sys.argv[1])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the report on the command line.")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--formats", nargs="*", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--source", help="a file of your own in place of the made ones")
    parser.add_argument("--sweep-config")
    given = parser.parse_args()
    sources = [given.source] if given.source else made(given.sizes)
    more = ["--sweep-config", given.sweep_config] if given.sweep_config else []
    heading("runs", "what", "seconds", "x", "growth", "peak MB")
    before: dict[str, float] = {}
    for name, source in zip([given.source] if given.source else given.sizes, sources, strict=True):
        label = name if given.source else f"{name:,}"
        floor, memory = measured(["-c", FLOOR, source], given.repeats)
        row(label, "floor: imports and the file", floor, 1.0, "", f"{memory:.0f}")
        for form in given.formats:
            seconds, memory = measured(["-m", "lib", "report", source, *more, "--format", form], given.repeats)
            row(
                label, form, seconds, seconds / floor, seconds / before[form] if form in before else "", f"{memory:.0f}"
            )
            before[form] = seconds


def made(sizes: Sequence[int]) -> list[str]:
    """Return the files of made sweeps, made in another process: Linux counts a parent's memory as its child's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        return [str(path) for path in other.map(made_snapshot, sizes)]


def measured(command: Sequence[str], repeats: int) -> tuple[float, float]:
    """Run Python some times; return the median seconds and the largest memory in MB."""
    seconds, memory = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command[:4])} ended with status {process.returncode}.")
        memory.append(usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2))
    return median(seconds), max(memory)


if __name__ == "__main__":
    main()
