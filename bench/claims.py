"""Holds every claim of the report against planted truth, and prints a table: python bench/claims.py --sweeps 200."""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from lib.analysis.correlation import correlations  # noqa: E402
from lib.analysis.effects import effects  # noqa: E402
from lib.analysis.groups import discrete_impacts  # noqa: E402
from lib.analysis.interactions import interactions  # noqa: E402
from lib.analysis.next_sweep import NextSweep, next_sweep  # noqa: E402
from testing.planted import CELLS, METRIC, Cell, Knob, Planted, Positions  # noqa: E402

REPLICATIONS = 40
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
Record = dict[str, Any]


def simulate(cell: Cell, seed: int, *, everything: bool = True) -> Record:
    """Plant one sweep, ask the program, and hold its answers against the truth."""
    planted = Planted(cell, seed)
    runs = planted.population()
    began = time.perf_counter()
    found = effects(runs)
    pairs = interactions(runs, found)
    following = next_sweep(runs, found, pairs)
    record: Record = {"seconds": time.perf_counter() - began}
    record |= _claims(planted, found, pairs)
    if following is not None:
        record |= _space(planted, following)
        if everything and record["changed"]:
            record |= _second_sweep(planted, following, seed)
    if everything and cell.name in PLAIN_CELLS:
        record |= _plain_intervals(planted, runs)
    return record


def _claims(planted: Planted, found: Any, pairs: Any) -> Record:
    matter = {name for term in planted.terms for name in term.names}
    single = {term.names[0]: term for term in planted.terms if len(term.names) == 1}
    joint = {frozenset(term.names) for term in planted.terms if len(term.names) == 2}
    claimed = {e.parameter for e in found if e.claimed}
    edges = {term.edge[0]: term.edge[1] for term in planted.terms if term.edge}
    together = {frozenset((p.first, p.second)) for p in pairs if p.claimed}
    record: Record = {
        "any": bool(claimed or together),
        "false": bool(claimed - matter) or bool(together - joint),
        "false_effect": bool(claimed - matter),
        "false_pair": bool(together - joint),
        "false_edge": [e.at_edge is not None and edges.get(e.parameter) != e.at_edge for e in found if e.claimed],
        "found": [name in claimed for name in single] + [pair in together for pair in joint],
        "gain": [],
        "gain_claimed": [],
        "optimum": [],
        "share": [],
    }
    for effect in found:
        if effect.parameter not in single or effect.gain_low is None or not planted.cell.exact_units:
            continue
        term, knob = single[effect.parameter], planted.knobs[effect.parameter]
        truth = planted.unit * (
            _alone(planted, term.names[0], knob, effect.better) - _alone(planted, term.names[0], knob, effect.worse)
        )
        held = bool(effect.gain_low <= truth <= effect.gain_high)
        record["gain"].append(held)
        if effect.claimed:
            record["gain_claimed"].append(held)
            if effect.best_low is not None and term.best is not None:
                ends = knob.positions([effect.best_low, effect.best_high])
                best = min(max(term.best[effect.parameter], 0.0), 1.0)
                record["optimum"].append(bool(ends[0] - 0.02 <= best <= ends[1] + 0.02))
    for pair in pairs:
        if frozenset((pair.first, pair.second)) in joint and pair.score is not None and planted.cell.exact_units:
            share = next(t.share for t in planted.terms if frozenset(t.names) == frozenset((pair.first, pair.second)))
            record["share"].append(bool(pair.score_low <= share <= pair.score_high))
    return record


def _alone(planted: Planted, name: str, knob: Knob, value: Any) -> float:
    x = {other: np.array([0.5]) for other in planted.knobs} | {name: knob.positions([value])}
    return float(planted.truth(x)[0])


def _space(planted: Planted, following: NextSweep) -> Record:
    matter = {name for term in planted.terms for name in term.names}
    changed = {c.parameter: c.action for c in following.changes if c.action != "kept"}
    record: Record = {
        "changed": bool(changed),
        "useless_changed": bool(set(changed) - matter),
        "holds": [],
        "volume": following.volume_ratio if changed else None,
        "extended": [],
        "wrongly_extended": False,
    }
    edges = {}
    joint = {name for term in planted.terms if term.corners for name in term.names}
    for term in planted.terms:
        if term.edge:
            edges[term.edge[0]] = term.edge[1]
    for name in changed:
        low, high = _ends(planted.knobs[name], following.config["parameters"][name])
        went = "high" if high > 1.001 else "low" if low < -0.001 else None
        if went is not None and edges.get(name) != went and name not in joint:
            record["wrongly_extended"] = True
    for name, side in edges.items():
        low, high = _ends(planted.knobs[name], following.config["parameters"][name])
        record["extended"].append(bool(high > 1.001 if side == "high" else low < -0.001))
    for term in planted.terms:
        if not set(term.names) & set(changed):
            continue
        options = term.corners or (term.best or {},)
        held = [all(_includes(planted, following, name, best) for name, best in option.items()) for option in options]
        record["holds"].append(any(held))
    return record


def _ends(knob: Knob, spec: dict[str, Any]) -> tuple[float, float]:
    values = spec.get("values") or ([spec["value"]] if "value" in spec else [spec["min"], spec["max"]])
    positions = knob.positions(values)
    return float(positions.min()), float(positions.max())


def _includes(planted: Planted, following: NextSweep, name: str, best: float) -> bool:
    """Whether the new space holds the best place; where that lies outside the first space, the end towards it."""
    knob, spec = planted.knobs[name], following.config["parameters"][name]
    best = min(max(best, 0.0), 1.0)
    values = spec.get("values") or ([spec["value"]] if "value" in spec else None)
    if values is not None:
        return bool(np.any(np.abs(knob.positions(values) - best) < 0.01))
    low, high = _ends(knob, spec)
    return low - 1e-6 <= best <= high + 1e-6


def _draw_from(planted: Planted, config: dict[str, Any], random: np.random.Generator, n: int) -> Positions:
    x = {}
    for name, knob in planted.knobs.items():
        spec = config["parameters"][name]
        values = spec.get("values") or ([spec["value"]] if "value" in spec else None)
        if values is not None:
            x[name] = knob.positions(values)[random.integers(0, len(values), n)]
            continue
        low, high = _ends(knob, spec)
        u = low + random.random(n) * (high - low)
        x[name] = knob.positions(knob.values(u)) if knob.scale == "whole" else u
    return x


def _second_sweep(planted: Planted, following: NextSweep, seed: int) -> Record:
    """Compare a second sweep in the new space with as many further runs in the first, by the truth of the winner."""
    random = np.random.default_rng([seed, 7])
    sign = 1 if planted.cell.goal == "maximize" else -1
    won: list[list[float]] = [[], []]
    means = []
    for _ in range(REPLICATIONS):
        spaces = (planted.draw(random, following.runs), _draw_from(planted, following.config, random, following.runs))
        for at, x in enumerate(spaces):
            truth = planted.truth(x)
            won[at].append(float(truth[int(np.argmax(sign * planted.observe(x, random)))]))
    record: Record = {"beats": float(np.mean(won[1])) > float(np.mean(won[0]))}
    record["beats_once"] = float(np.mean(np.array(won[1]) > np.array(won[0])))
    record["better_by"] = float(np.mean(won[1]) - np.mean(won[0]))
    if following.expected_low is not None and planted.cell.exact_units and not planted.cell.diverged:
        x = _draw_from(planted, following.config, random, 20_000)
        inside = np.all([(x[name] >= -1e-9) & (x[name] <= 1 + 1e-9) for name in x], axis=0)
        means = planted.in_units(planted.truth(x))[inside]
        if len(means) > 100:
            record["expected"] = bool(following.expected_low <= means.mean() <= following.expected_high)
    return record


def _plain_intervals(planted: Planted, runs: Any) -> Record:
    random = np.random.default_rng(3)
    x = planted.draw(random, 20_000)
    y = planted.observe(x, random)
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


COLUMNS = (
    ("any claim", "any", "share"),
    ("false claim", "false", "share"),
    ("useless effect", "false_effect", "share"),
    ("false pair", "false_pair", "share"),
    ("false edge", "false_edge", "share"),
    ("found", "found", "share"),
    ("gain held", "gain", "share"),
    ("gain held, claimed", "gain_claimed", "share"),
    ("best place held", "optimum", "share"),
    ("pair share held", "share", "share"),
    ("correlations held", "correlation", "share"),
    ("level means held", "level_mean", "share"),
    ("changed", "changed", "share"),
    ("useless changed", "useless_changed", "share"),
    ("keeps optimum", "holds", "share"),
    ("volume", "volume", "median"),
    ("extended", "extended", "share"),
    ("wrongly extended", "wrongly_extended", "share"),
    ("second sweep better", "beats", "share"),
    ("in one try", "beats_once", "share"),
    ("mean held", "expected", "share"),
    ("seconds", "seconds", "median"),
)


# What is asked of every cell, in percent, by the key of its column.
GOALS = {
    "false": "≤ 5",
    "false_edge": "≤ 5",
    "gain": "≥ 90",
    "optimum": "≥ 93",
    "holds": "≥ 95",
    "beats": "≥ 90",
    "expected": "≥ 93",
}


def table(results: dict[str, list[Record]]) -> str:
    """Write the results as a Markdown table, one line a cell."""
    head = ["| cell | " + " | ".join(title for title, _, _ in COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    head.append("| goal | " + " | ".join(GOALS.get(key, "") for _, key, _ in COLUMNS) + " |")
    return "\n".join([*head, *(line(name, records) for name, records in results.items())])


def line(name: str, records: list[Record]) -> str:
    """Write the line of one cell."""
    cells = []
    for _, key, how in COLUMNS:
        found = [r[key] for r in records if r.get(key) is not None]
        values = [v for one in found for v in (one if isinstance(one, list) else [one])]
        if not values:
            cells.append("–")
        elif how == "median":
            cells.append(f"{np.median(values):.2f}")
        else:
            cells.append(f"{100 * np.mean(values):.1f}")
    return f"| {name} | " + " | ".join(cells) + " |"


def _job(work: tuple[int, int]) -> tuple[int, Record]:
    at, seed = work
    return at, simulate(CELLS[at], seed)


def main() -> None:
    """Simulate the sweeps on all cores and print the table: percentages, but volume (a ratio) and seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sweeps", type=int, default=200, help="sweeps a cell (default 200)")
    parser.add_argument("--cells", default="", help="part of the names of the cells, joined by commas (default all)")
    parser.add_argument("--seed", type=int, default=0, help="first seed")
    options = parser.parse_args()
    wanted = [part.strip() for part in options.cells.split(";" if ";" in options.cells else ",") if part.strip()]
    chosen = [at for at, cell in enumerate(CELLS) if not wanted or any(part in cell.name for part in wanted)]
    work = [(at, options.seed + i) for at in chosen for i in range(options.sweeps)]
    results: dict[str, list[Record]] = {CELLS[at].name: [] for at in chosen}
    began = time.perf_counter()
    with multiprocessing.Pool() as pool:
        for at, record in pool.imap(_job, work, chunksize=max(1, math.ceil(options.sweeps / 8))):
            name = CELLS[at].name
            results[name].append(record)
            if len(results[name]) == options.sweeps:
                print(line(name, results[name]), file=sys.stderr, flush=True)
    print(f"{options.sweeps} sweeps a cell of {METRIC}; percentages, but volume (a ratio) and seconds.\n")
    print(table(results))
    print(f"\n{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
