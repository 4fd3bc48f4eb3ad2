"""Exports at the ends of what a run table may hold, by name: every page and every format has to take each of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from testing.exports import to_csv
from testing.sweeps import sweep_of

LONG = "ein_sehr.langer/Name " * 15
NASTY = (
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "\"quoted\" 'name'",
    "$x^2$ and $$y$$",
    "a_b*c*__d__~~e~~",
    "a[0]['b']",
    "opt.lr:N",
    ":smile: :material/home:",
    "שלום \u202eabc\u202c",
    "datum.score + 1",
    "=HYPERLINK(1)",
    "![x](http://evil.example/y.png)",
    "[x](http://evil.example) www.evil.example a@evil.example",
    "🚀🧪",
    "{{ 7*7 }} {x} %s \\n",
    "-5 | `tick`",
)
NASTY_METRIC = "val/$score$ <b>**x**</b>"


def _table(columns: dict[str, Sequence[Any]], runs: int, *, sweeps: int = 1, state: str = "finished") -> str:
    """Write columns beside the metadata of W&B's own; run i is made on minute i."""
    head = ["Name", "State", "Created", "Runtime", "Sweep"]
    rows = [
        [f"run-{i}", state, f"2025-01-01T{i // 60:02d}:{i % 60:02d}:00Z", 60 + i, f"sweepid{i % sweeps}"]
        + [values[i] for values in columns.values()]
        for i in range(runs)
    ]
    return to_csv([*head, *columns], rows)


def _search(runs: int, **more: Sequence[Any]) -> dict[str, Sequence[Any]]:
    rng = np.random.default_rng(3)
    lr = 10 ** rng.uniform(-5, -1, runs)
    return {
        "batch_size": [int(b) for b in rng.choice([4, 8, 16], runs)],
        "lr": [float(x) for x in lr],
        "optimizer": [str(x) for x in rng.choice(["adam", "sgd"], runs)],
        "val_score": [float(y) for y in np.log10(lr) + rng.normal(0, 0.3, runs)],
    } | more


def _of(runs: int, **more: Sequence[Any]) -> str:
    return _table(_search(runs, **more), runs)


def _nasty_names() -> str:
    rng = np.random.default_rng(4)
    runs = 18
    names = dict.fromkeys(f"{name} {i}" for i, name in enumerate(NASTY))
    columns: dict[str, Sequence[Any]] = {
        name: [float(x) for x in rng.uniform(0, 1, runs)]
        if i % 2
        else [NASTY[int(k)] for k in rng.integers(0, 3, runs)]
        for i, name in enumerate(names)
    }
    columns[NASTY_METRIC] = [float(x) for x in rng.normal(0, 1, runs)]
    head = ["Name", "State", "Created", "Runtime", "Tags", "Sweep", *columns]
    rows = [
        [NASTY[i % len(NASTY)], "finished", f"2025-01-01T00:00:{i:02d}Z", 60 + i]
        + [NASTY[(i + 1) % len(NASTY)], NASTY[i % 2]]
        + [values[i] for values in columns.values()]
        for i in range(runs)
    ]
    return to_csv(head, rows)


def _long_names() -> str:
    runs = 24
    base = _search(runs)
    levels = [f"{LONG}{i % 3}" for i in range(runs)]
    columns = {
        f"{LONG}rate": base["lr"],
        f"{LONG}optimizer": levels,
        f"{LONG}level": [1 + i % 3 for i in range(runs)],
        f"val_{LONG}loss": base["val_score"],
    }
    head = ["Name", "State", *columns]
    return to_csv(head, [[f"{LONG}{i}", "finished", *(v[i] for v in columns.values())] for i in range(runs)])


def _many_parameters() -> str:
    rng = np.random.default_rng(5)
    runs = 40
    columns: dict[str, Sequence[Any]] = {f"setting_{i:03d}": rng.uniform(0, 1, runs).tolist() for i in range(500)}
    return _table(columns | {"val_score": rng.normal(0, 1, runs).tolist()}, runs)


def _duplicates() -> str:
    runs = 20
    base = _search(runs)
    head = ["Name", "State", "lr", "lr", "lr", "optimizer", "Optimizer", "val_score", "val_score", "", ""]
    rows = [
        [f"same name {i % 2}", "finished"]
        + [base["lr"][i], i, -base["lr"][i], base["optimizer"][i], "A", base["val_score"][i], -i, i % 3, "x"]
        for i in range(runs)
    ]
    return to_csv(head, rows)


def _mixed() -> str:
    kinds = [16, "auto", 0.5, True, [1, 2], {"a": 1}, None, "NaN", "1e5", "None"]
    return _of(20, mixed=[kinds[i % len(kinds)] for i in range(20)], val_loss=[["x", 1.0][i % 2] for i in range(20)])


def _infinities() -> str:
    odd = [math.inf, -math.inf, math.nan, 0.0, 1.5]
    runs = 20
    return _of(runs, dropout=[odd[i % 5] for i in range(runs)], val_score=[odd[(i // 2) % 5] for i in range(runs)])


def _ends_of_floats() -> str:
    ends = [1e300, -1e300, 1e-300, 1.7e308, -1.7e308, 5e-324, 1.0, 0.0]
    runs = 24
    return _of(
        runs,
        weight_decay=[ends[i % len(ends)] for i in range(runs)],
        val_score=[ends[(i * 3) % len(ends)] for i in range(runs)],
        gap=[abs(ends[i % len(ends)]) for i in range(runs)],
    )


def _odd_times() -> str:
    times = ["", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday", "2025-01-01T00:00:00Z"]
    lengths = ["", -5, 1e300, "NaN", 0, "1h 2m 3s", 60]
    base = _search(21)
    head = ["Name", "State", "Created", "Runtime", *base]
    rows = [[f"r{i}", "finished", times[i % 5], lengths[i % 7], *(v[i] for v in base.values())] for i in range(21)]
    return to_csv(head, rows)


def _histories() -> bytes:
    from lib.sources.snapshot.file import snapshot_bytes

    runs, odd = 12, [math.nan, math.inf, -math.inf, 1e300, 0.0, 0.5, 1.0]
    sweep = sweep_of(
        {"lr": [10.0**-i for i in range(runs)], "act": ["a", "b"] * 6},
        {"score": [i / runs for i in range(runs)]},
        histories={
            f"r{i:04d}": {"score": [odd[(i + s) % 7] for s in range(i)], "loss <b>": [s / 3 for s in range(i)]}
            for i in range(1, runs)
        },
    )
    return snapshot_bytes(sweep)


def nasty_histories() -> bytes:
    """Return a snapshot whose names, levels, metrics and label are all NASTY, with histories."""
    from lib.sources.snapshot.file import snapshot_bytes

    runs = len(NASTY)
    values = [(i * 7 % runs) / runs for i in range(runs)]
    sweep = sweep_of(
        {f"{NASTY[0]} level": [NASTY[i % 3] for i in range(runs)], f"{NASTY[3]} rate": values},
        {NASTY_METRIC: values, f"train {NASTY_METRIC}": values},
        names=NASTY,
        histories={f"r{i:04d}": {NASTY_METRIC: [values[i] * s for s in range(5)]} for i in range(runs)},
        label=f"{NASTY[1]} $x$.csv",
    )
    return snapshot_bytes(sweep)


EXTREMES: dict[str, Callable[[], str | bytes]] = {
    "one run": lambda: _of(1),
    "two runs": lambda: _of(2),
    "three runs": lambda: _of(3),
    "no run finished": lambda: _table(_search(20), 20, state="crashed"),
    "equal objectives": lambda: _of(30, val_score=[0.5] * 30),
    "objectives all NaN": lambda: _of(20, val_score=["NaN"] * 20),
    "infinities": _infinities,
    "ends of the floats": _ends_of_floats,
    "integers past 2^53": lambda: _of(
        24,
        width=[2**53 + i for i in range(24)],
        huge=[2**70 + i for i in range(24)],
        steps=[2**62 + i for i in range(24)],
    ),
    "long names": _long_names,
    "nasty names": _nasty_names,
    "500 parameters": _many_parameters,
    "a level a run": lambda: _of(60, host=[f"machine-{i}" for i in range(60)], seed=list(range(60))),
    "duplicate names": _duplicates,
    "mixed types": _mixed,
    "constant parameters": lambda: _of(20, lr=[0.1] * 20, batch_size=[8] * 20, optimizer=["adam"] * 20),
    "odd times": _odd_times,
    "five sweeps": lambda: _table(_search(25), 25, sweeps=5),
    "a sweep a run": lambda: _table(_search(30), 30, sweeps=30),
    "odd histories": _histories,
}
