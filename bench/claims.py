"""Holds every claim of the report against planted truth, and prints a table: python -m bench.claims --sweeps 200.

The shapes are those of `testing.planted` (one thing at a time) and of `testing.planted_shapes` (as people have them).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from bench.judged import Record, judged  # noqa: E402
from lib.analysis.correlation import correlations  # noqa: E402
from lib.analysis.groups import discrete_impacts  # noqa: E402
from testing.planted import CELLS, Cell, Planted  # noqa: E402
from testing.planted_shapes import SHAPES, Shape, Shaped  # noqa: E402

Kind = Cell | Shape
KINDS: tuple[Kind, ...] = (*SHAPES, *CELLS)
# Where intervals of plain correlations and level means are held against the truth too.
PLAIN_CELLS = (
    "noise",
    "noise, 30 runs",
    "noise, heavy tails",
    "line, R2 0.3",
    "peak, R2 0.3",
    "levels, R2 0.3",
    "peak and line",
)
COLUMNS = (
    ("false claim", "false"),
    ("false edge", "false_edge"),
    ("found", "found"),
    ("by an oracle", "oracle"),
    ("gain held", "gain"),
    ("best place held", "place"),
    ("optimum kept", "holds"),
    ("second sweep better", "better"),
    ("expected mean held", "mean"),
    ("winner held", "winner"),
    ("noise within 0.8 to 1.25", "noise"),
    ("changed", "changed"),
    ("useless changed", "useless_changed"),
    ("edge found", "edge"),
    ("correlations held", "correlation"),
    ("level means held", "level_mean"),
    ("volume", "volume"),
    ("seconds", "seconds"),
)
_MEDIANS = {"volume", "seconds"}
# What is asked of every shape, in percent, by the key of its column.
GOALS = {
    "false": "≤ 5",
    "false_edge": "≤ 5",
    "found": "≥ 95",
    "gain": "≥ 90",
    "place": "≥ 93",
    "holds": "≥ 95",
    "better": "≥ 90",
    "mean": "≥ 93",
    "winner": "≥ 93",
}


def simulate(kind: Kind, seed: int, *, winner: bool = False) -> Record:
    """Plant one sweep, ask the program, and hold its answers against the truth."""
    if isinstance(kind, Shape):
        return judged(Shaped(kind, seed), seed, winner=winner)
    planted = Planted(kind, seed)
    record = judged(planted, seed, winner=winner)
    return record | _plain_intervals(planted) if kind.name in PLAIN_CELLS else record


def _plain_intervals(planted: Planted) -> Record:
    random = np.random.default_rng(3)
    x = planted.draw(random, 20_000)
    y = planted.observe(x, random)
    runs = planted.population()
    record: Record = {"correlation": [], "level_mean": []}
    for one in correlations(runs):
        if one.ci_low is None:
            continue
        values = planted.knobs[one.parameter].values(x[one.parameter]).astype(float)
        truth = stats.pearsonr(values, y)[0] if one.method == "pearson" else stats.spearmanr(values, y)[0]
        record["correlation"].append(bool(one.ci_low <= truth <= one.ci_high))
    for impact in discrete_impacts(runs):
        values = planted.knobs[impact.parameter].values(x[impact.parameter])
        for group in impact.groups:
            if group.ci_low is not None:
                truth = y[values == group.value].mean()
                record["level_mean"].append(bool(group.ci_low <= truth <= group.ci_high))
    return record


def table(results: dict[str, list[Record]]) -> str:
    """Write the results as a Markdown table, one line a shape, and one over all."""
    head = [
        "| shape | sweeps | " + " | ".join(title for title, _ in COLUMNS) + " |",
        "|---|" + "---:|" * (len(COLUMNS) + 1),
        "| **goal** | | " + " | ".join(GOALS.get(key, "") for _, key in COLUMNS) + " |",
    ]
    every = [record for records in results.values() for record in records]
    return "\n".join([*head, *(line(name, records) for name, records in results.items()), line("**all**", every)])


def line(name: str, records: list[Record]) -> str:
    """Write the line of one shape: percentages, but medians of volume (a ratio) and seconds."""
    cells = []
    for _, key in COLUMNS:
        found = [record[key] for record in records if record.get(key) is not None]
        values = [v for one in found for v in (one if isinstance(one, list) else [one])]
        if not values:
            cells.append("–")
        else:
            cells.append(f"{np.median(values):.2f}" if key in _MEDIANS else f"{100 * np.mean(values):.0f}")
    return f"| {name} | {len(records)} | " + " | ".join(cells) + " |"


def _job(work: tuple[int, int, bool]) -> tuple[int, Record]:
    at, seed, winner = work
    return at, simulate(KINDS[at], seed, winner=winner)


def read(path: Path) -> dict[str, list[Record]]:
    """Return what runs of this bench kept in a file, by shape."""
    results: dict[str, list[Record]] = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        name, record = json.loads(text)
        results.setdefault(name, []).append(record)
    return results


def main() -> None:
    """Simulate the sweeps on all cores and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweeps", type=int, default=200, help="sweeps a shape (default 200)")
    parser.add_argument(
        "--only", default="", help="part of the names of the shapes, joined by semicolons (default all)"
    )
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    parser.add_argument(
        "--winner", action="store_true", help="hold what is said of the best run too, which takes longer"
    )
    parser.add_argument("--jobs", type=int, default=None, help="processes (default: one a core)")
    parser.add_argument("--keep", type=Path, help="a file that each sweep's result is added to, one JSON line each")
    parser.add_argument("--table", type=Path, help="print the table of such a file, and simulate nothing")
    options = parser.parse_args()
    if options.table:
        print(table(read(options.table)))
        return
    wanted = [part.strip() for part in options.only.split(";") if part.strip()]
    chosen = [at for at, kind in enumerate(KINDS) if not wanted or any(part in kind.name for part in wanted)]
    # Shape by shape within each seed, so that what is there when it is stopped is of all shapes.
    work = [(at, options.seed + i, options.winner) for i in range(options.sweeps) for at in chosen]
    results: dict[str, list[Record]] = {KINDS[at].name: [] for at in chosen}
    began = time.perf_counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for at, record in pool.imap(_job, work):
            results[KINDS[at].name].append(record)
            if options.keep:
                with options.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([KINDS[at].name, record]) + "\n")
    print(table(results))
    print(f"\n{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
