"""What is wrong or unwise in how a W&B sweep config stops runs early."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lib.model.config_issue import Issue, nearest, specs_in
from lib.model.metric_names import read_name
from lib.model.numbers import number

_HYPERBAND_KEYS = ("type", "min_iter", "max_iter", "s", "eta", "strict")
# W&B's own, where the config has none.
_ETA = 3.0
_LIMITS = frozenset(("n", "num", "number", "of", "max", "total", "train", "training", "trainer"))


def lint_stopping(config: Mapping[str, Any]) -> Iterator[Issue]:
    """Check how a sweep config stops runs early."""
    stop, path = config.get("early_terminate"), ("early_terminate",)
    if stop is None:
        return
    if "scheduler" in config:
        what = "Both early_terminate and scheduler are there, which W&B refuses"
        yield Issue("error", "early_terminate", path, what, "Remove early_terminate; the scheduler stops runs itself")
    if not isinstance(stop, Mapping) or stop.get("type") != "hyperband":
        fix = "Write early_terminate: {type: hyperband, min_iter: ...}"
        yield Issue("error", "early_terminate", path, "W&B knows only early termination of type hyperband", fix)
        return
    for key in map(str, stop):
        if key not in _HYPERBAND_KEYS:
            near = nearest(key, _HYPERBAND_KEYS)
            fix = f"Write {near}" if near else "Remove it"
            yield Issue("error", "unknown_key", (*path, key), f"{key!r} is no key of early_terminate", fix)
    if "min_iter" not in stop and not {"max_iter", "s"} <= set(stop):
        what = "Hyperband needs min_iter, or max_iter together with s"
        yield Issue(
            "error", "early_terminate", path, what, "Add min_iter: the first step at which a run may be stopped"
        )
    if config.get("metric") is None:
        what = "Runs are stopped early, but by no metric"
        yield Issue("error", "early_terminate", path, what, "Add metric: with the name of what each step logs")
    yield from _stops_nothing(config, stop)


def _stops_nothing(config: Mapping[str, Any], stop: Mapping[str, Any]) -> Iterator[Issue]:
    """Say where Hyperband looks at a run for the first time when every run has ended, if each epoch logs once."""
    first, parameters = _first_look(stop), config.get("parameters")
    if first is None or not isinstance(parameters, Mapping):
        return
    for path, spec in specs_in(parameters, ("parameters",)):
        longest = _largest(spec)
        if not _counts_epochs(path) or longest is None or first < longest:
            continue
        look, most = number(first), number(longest)
        what = f"Hyperband looks at a run at its step {look} first, and no run has more than {most} epochs"
        fix = f"Where each epoch logs once nothing is stopped: write min_iter below {most}"
        yield Issue("warning", "stops_nothing", ("early_terminate",), what, fix, (first, longest))
        return


def _first_look(stop: Mapping[str, Any]) -> float | None:
    """Return the step at which runs are compared first; None where that isn't stated in numbers."""
    if _is_number(stop.get("min_iter")):
        return float(stop["min_iter"])
    ends: list[Any] = [stop.get("max_iter"), stop.get("s"), stop.get("eta", _ETA)]
    if not all(_is_number(end) for end in ends) or not 0 <= ends[1] <= 100 or ends[2] <= 1:
        return None
    return float(ends[0] / ends[2] ** ends[1])


def _counts_epochs(path: tuple[str, ...]) -> bool:
    *before, last = read_name(path[-1]).words or ("",)
    return last in ("epoch", "epochs") and _LIMITS.issuperset(before)


def _largest(spec: Mapping[str, Any]) -> float | None:
    """Return the largest value that a parameter can have; None where that isn't stated in numbers."""
    values = spec.get("values", [spec[key] for key in ("value", "max") if key in spec][:1])
    if not isinstance(values, list) or not values or not all(_is_number(value) for value in values):
        return None
    return float(max(values))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
