"""Keras Tuner's trials: the content of trial.json files, one trial a record; and its oracle.json, which has none.

The form is that of `Trial.get_state` in https://github.com/keras-team/keras-tuner (keras_tuner/src/engine/trial.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from lib.model.nesting import read_json
from lib.sources.export.column_parts import Verdict
from lib.sources.export.kinds.shape import Kind, Look, Shape

_VALUES, _METRICS = "hyperparameters.values.", "metrics.metrics."
_DIRECTION, _OBSERVED = ".direction", ".observations"
_GOALS = {"max": "maximize", "min": "minimize"}
# How Hyperband steers its trials; none of it is a setting of the model.
_OWN = "tuner/"
_ORACLE = frozenset(("ongoing_trials", "start_order", "end_order", "run_times", "retry_queue", "id_to_hash"))
NO_TRIALS = (
    "is the oracle of Keras Tuner: it says what was to be tried, not what came out. Give the trials, which lie beside "
    "it, in one file: cat trial_*/trial.json > trials.jsonl"
)


def is_trial(record: Mapping[str, Any]) -> bool:
    """Whether a JSON object is the content of a trial.json."""
    return {"trial_id", "hyperparameters"} <= set(record)


def is_oracle(record: Mapping[str, Any]) -> bool:
    """Whether a JSON object is the content of an oracle.json, which holds no trials."""
    return "hyperparameters" in record and bool(_ORACLE.intersection(record))


def _read(look: Look) -> Shape | None:
    values = [at for at, name in enumerate(look.names) if name.startswith(_VALUES)]
    observed = [at for at, n in enumerate(look.names) if n.startswith(_METRICS) and n.endswith(_OBSERVED)]
    if not values or not observed or "trial_id" not in look.names:
        return None
    names: list[str] = []
    columns: list[pa.Array] = []
    settled: dict[int, Verdict] = {}
    for at in values:
        if not (name := look.names[at].removeprefix(_VALUES)).startswith(_OWN):
            settled[len(names)] = Verdict("config", "a hyperparameter of Keras Tuner's trials")
            names.append(name)
            columns.append(look.table.columns[at])
    best = look.numbers(step) if (step := look.at("best_step")) is not None else None
    measured: dict[str, list[float | None]] = {}
    for at in observed:
        name = look.names[at].removeprefix(_METRICS).removesuffix(_OBSERVED)
        cells = look.table.columns[at].to_pylist()
        measured[name] = [_value(cell, None if best is None else best[row]) for row, cell in enumerate(cells)]
    for name, found in measured.items():
        settled[len(names)] = Verdict("summary", "a metric of Keras Tuner's trials, at the trial's best step")
        names.append(name if name not in names else f"{name} (metric)")
        columns.append(pa.array(["" if v is None else repr(v) for v in found], type=pa.large_string()))
    roles = {}
    for role, heading in (("run_id", "trial_id"), ("state", "status")):
        if heading in look.names:
            roles[role] = len(names)
            names.append(heading)
            columns.append(look.table.columns[look.names.index(heading)])
    table = replace(look.table, names=tuple(names), columns=tuple(columns), delimiter=",")
    config, said = _objective(look, measured)
    warning = f"{look.label} was read as trials of Keras Tuner: each metric is that of the trial's best step."
    return Shape("keras-tuner", table, settled, roles, config=config, warnings=(warning, *said))


def _value(cell: str, step: float | None) -> float | None:
    """Return the mean of a metric's observations at a step, else at the last one; None where there is none."""
    try:
        observations = read_json(cell) if cell else []
    except ValueError:
        return None
    if not isinstance(observations, list):
        return None
    found = [one for one in observations if isinstance(one, dict) and isinstance(one.get("value"), list)]
    at_step = [one for one in found if one.get("step") == step]
    chosen = (at_step or found)[-1:]
    values = [v for one in chosen for v in one["value"] if isinstance(v, (int, float)) and not isinstance(v, bool)]
    try:
        return math.fsum(values) / len(values) if values and all(map(math.isfinite, values)) else None
    except OverflowError:
        # An integer or a sum beyond the largest float.
        return None


def _objective(look: Look, measured: dict[str, list[float | None]]) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the metric that equals the trials' score, with the direction that the trials state of it."""
    at = look.at("score")
    scores = look.numbers(at) if at is not None else None
    if scores is None:
        return None, []
    for name, values in measured.items():
        pairs = [(s, v) for s, v in zip(scores, values, strict=True) if v is not None and math.isfinite(s)]
        direction = look.at(f"{_METRICS}{name}{_DIRECTION}")
        words = set() if direction is None else {text for text in look.table.columns[direction].to_pylist() if text}
        if pairs and len(words) == 1 and all(math.isclose(s, v, rel_tol=1e-6, abs_tol=1e-12) for s, v in pairs):
            goal = _GOALS.get(words.pop())
            if goal is not None:
                said = f"The objective is {name}, since the trials' score is its value; their records say to {goal} it."
                return {"metric": {"name": name, "goal": goal}}, [said]
    return None, []


KERAS_TUNER = Kind("Keras Tuner", _read)
