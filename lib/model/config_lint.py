"""What is wrong or unwise in a W&B sweep config, as issues with a place, a reason and a fix.

What W&B refuses is an error (the schema of its `sweeps` package and its grid search:
https://github.com/wandb/sweeps/blob/master/src/sweeps/config/schema.json; keys as documented at
https://docs.wandb.ai/models/sweeps/sweep-config-keys); what it takes for something that is hardly meant is a warning.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lib.model.config_issue import Issue, Path, nearest, specs_in
from lib.model.config_lint_parameters import lint_parameters
from lib.model.config_lint_stopping import lint_stopping
from lib.model.metric_names import read_name

_KEYS = [
    "apiVersion",
    "kind",
    "controller",
    "description",
    "program",
    "entity",
    "project",
    "method",
    "command",
    "name",
    "metric",
    "metrics",
    "early_terminate",
    "parameters",
    "run_cap",
    "scheduler",
    "job",
    "image_uri",
]
_METHODS = ("grid", "random", "bayes", "custom")
_GOALS = ("minimize", "maximize")
_METRIC_KEYS = ("name", "goal", "target", "impute", "impute_while_running")
MOST_CELLS = 1_000
_MANY = 10**18
_GRID_KINDS = ("int_uniform", "q_uniform", "categorical", "constant")


def lint(config: Mapping[str, Any]) -> tuple[Issue, ...]:
    """Check a loaded sweep config, as its YAML holds it or as W&B returns it; issues in the order of its parts.

    Numbers that are text (`'1e-5'`) are seen only in a config that was not read as numbers yet.
    """
    found = [*_keys(config), *_method(config), *_metric(config), *lint_stopping(config)]
    parameters = config.get("parameters")
    if isinstance(parameters, Mapping) and parameters:
        found += [*lint_parameters(parameters, ("parameters",)), *_cells(config, parameters), *_searched(parameters)]
        found += [*_optimized_seeds(config, parameters), *_measured_settings(config, parameters)]
    elif not isinstance(config.get("scheduler"), Mapping) and "parameters" not in _misspelt(config).values():
        fix = "Name what is searched below parameters:"
        found.append(Issue("error", "parameters", ("parameters",), "There are no parameters", fix))
    return tuple(found)


def _misspelt(config: Mapping[str, Any]) -> dict[str, str]:
    near = {str(key): nearest(key, [k for k in _KEYS if k not in config]) for key in config if key not in _KEYS}
    return {key: known for key, known in near.items() if known is not None}


def _keys(config: Mapping[str, Any]) -> Iterator[Issue]:
    misspelt = _misspelt(config)
    for key in map(str, config):
        if key in misspelt:
            yield Issue(
                "error", "unknown_key", (key,), f"{key!r} is no key of a sweep config", f"Write {misspelt[key]}"
            )
        elif key not in _KEYS:
            fix = "Remove it, or move it below parameters: if your program reads it"
            yield Issue(
                "warning", "unknown_key", (key,), f"{key!r} is no key of a sweep config, so it does nothing", fix
            )
    if not any(key in config for key in ("program", "command", "job", "image_uri")):
        what = "No program is named, which `wandb sweep` needs"
        yield Issue(
            "note", "program", ("program",), what, "Add program: train.py, unless a function is given in Python"
        )
    if not config.get("name"):
        what = "The sweep has no name, so W&B's lists show its id"
        yield Issue("note", "name", ("name",), what, "Add name: with what it searches")


def _method(config: Mapping[str, Any]) -> Iterator[Issue]:
    method, path = config.get("method"), ("method",)
    if method is None:
        if "method" not in _misspelt(config).values():
            yield Issue("error", "method", path, "There is no method", "Write method: random, bayes or grid")
    elif method not in _METHODS:
        fix = f"Write {nearest(str(method).lower(), _METHODS) or 'random, bayes or grid'}"
        yield Issue("error", "method", path, f"{method!r} is no method", fix)
    elif method == "custom" and not isinstance(config.get("scheduler"), Mapping):
        fix = "Add scheduler:, or write method: random, bayes or grid"
        yield Issue("warning", "method", path, "The method is custom, but no scheduler is named", fix)


def _metric(config: Mapping[str, Any]) -> Iterator[Issue]:
    if "metric" in config and "metrics" in config:
        what = "Both metric and metrics are there, which W&B refuses"
        yield Issue("error", "metric_and_metrics", ("metrics",), what, "Keep one of them")
    if config.get("metric") is None and config.get("metrics") is None:
        if {"metric", "metrics"} & set(_misspelt(config).values()):
            return
        bayes = config.get("method") == "bayes"
        what = "No metric is named, which a Bayesian search needs" if bayes else "No metric is named"
        fix = "Add metric: {name: ..., goal: maximize or minimize}"
        yield Issue("error" if bayes else "warning", "metric", ("metric",), what, fix)
        return
    if config.get("metric") is not None:
        yield from _one_metric(config["metric"], ("metric",))
    if config.get("metrics") is not None:
        metrics = config["metrics"]
        if not isinstance(metrics, list) or not metrics:
            fix = "Write - {name: ..., goal: ...} for each"
            yield Issue("error", "metric", ("metrics",), "The metrics are no list", fix)
            return
        for at, one in enumerate(metrics):
            yield from _one_metric(one, ("metrics", str(at)))


def _one_metric(metric: Any, path: Path) -> Iterator[Issue]:
    if not isinstance(metric, Mapping) or not metric.get("name"):
        yield Issue("error", "metric", path, "The metric has no name", "Write name: and goal: below it")
        return
    for key in map(str, metric):
        if key not in _METRIC_KEYS:
            near = nearest(key, _METRIC_KEYS)
            fix = f"Write {near}" if near else "Remove it"
            yield Issue("error", "unknown_key", (*path, key), f"{key!r} is no key of a metric", fix)
    name, goal = str(metric["name"]), metric.get("goal")
    better = read_name(name).goal
    if goal is None:
        if "goal" in (nearest(key, _METRIC_KEYS) for key in metric if key not in _METRIC_KEYS):
            return
        wrong = better == "maximize"
        what = f"No goal is stated for {name}, so W&B minimizes it"
        yield Issue("warning" if wrong else "note", "goal", path, what, f"Add goal: {better or 'maximize or minimize'}")
    elif goal not in _GOALS:
        near = "maximize" if str(goal).lower().startswith("max") else "minimize"
        yield Issue("error", "goal", (*path, "goal"), f"{goal!r} is no goal", f"Write {near}")
    elif better is not None and goal != better:
        what = f"The goal is to {goal} {name}, of which more is usually {'better' if better == 'maximize' else 'worse'}"
        fix = f"Write {better}, if {name} means what it usually does"
        yield Issue("warning", "goal", (*path, "goal"), what, fix)


def _cells(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Issue]:
    cap, grid = config.get("run_cap"), config.get("method") == "grid"
    if cap is not None and (isinstance(cap, bool) or not isinstance(cap, int) or cap < 1):
        yield Issue("error", "run_cap", ("run_cap",), f"run_cap is {cap!r}", "Write a whole number above 0")
        cap = None
    if not grid:
        if cap is None and "run_cap" not in config and config.get("method") in ("random", "bayes"):
            what = f"A {config['method']} search goes on until it is stopped"
            yield Issue("note", "run_cap", ("run_cap",), what, "Add run_cap: with how many runs you can afford")
        return
    specs = list(specs_in(parameters, ("parameters",)))
    ranges = [(path, spec) for path, spec in specs if _is_range(spec)]
    for path, _ in ranges:
        what = "A grid search can't draw from a range, so W&B refuses it"
        yield Issue("error", "grid_of_ranges", path, what, "Write values: with the levels to try, or method: random")
    if ranges:
        return
    cells = 1
    for _, spec in specs:
        # Beyond what anyone counts; the product of many could have more digits than Python writes.
        cells = min(cells * _levels(spec), _MANY)
    if cap is not None and cap < cells:
        what = (
            f"run_cap stops the grid after {cap:,} of its {cells:,} cells, in order: the first parameters hardly vary"
        )
        fix = "Write method: random, or a smaller grid"
        yield Issue("warning", "run_cap_below_grid", ("run_cap",), what, fix, (cap, cells))
    elif cap is None and cells > MOST_CELLS:
        what = f"The grid has {cells:,} cells, one run each"
        yield Issue(
            "warning", "large_grid", ("parameters",), what, "Write method: random with run_cap, or fewer levels"
        )


def _searched(parameters: Mapping[str, Any]) -> Iterator[Issue]:
    specs = [spec for _, spec in specs_in(parameters, ("parameters",))]
    constant = [
        spec for spec in specs if "value" in spec or (isinstance(v := spec.get("values"), list) and len(v) == 1)
    ]
    if specs and len(constant) == len(specs):
        what = "Every parameter has one value, so all runs are of one configuration"
        fix = "Give what is to be searched values: or a range, unless repeats are meant"
        yield Issue("note", "nothing_searched", ("parameters",), what, fix)


def _measured_settings(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Issue]:
    metric = config.get("metric")
    name = metric.get("name") if isinstance(metric, Mapping) else None
    if isinstance(name, str) and name in parameters:
        what = f"The metric {name} is a parameter of the sweep"
        yield Issue("warning", "metric", ("metric", "name"), what, "Name what the runs log as their result")


def _optimized_seeds(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[Issue]:
    from lib.model.search_space import named_like_a_block

    if config.get("method") != "bayes":
        return
    for path, spec in specs_in(parameters, ("parameters",)):
        values = spec.get("values")
        varies = "value" not in spec and not (isinstance(values, list) and len(values) < 2)
        if varies and named_like_a_block(path[-1]):
            what = f"A bayes search takes {path[-1]} for a hyperparameter, and returns to values of it that were lucky"
            fix = "Write method: random or grid, or give it one value: and repeat the best runs"
            yield Issue("warning", "optimized_seed", path, what, fix)


def _is_range(spec: Mapping[str, Any]) -> bool:
    if "value" in spec or "values" in spec:
        return False
    distribution = spec.get("distribution")
    if distribution is None:
        return not all(isinstance(spec.get(end), int) for end in ("min", "max"))
    return distribution not in _GRID_KINDS


def _levels(spec: Mapping[str, Any]) -> int:
    if isinstance(spec.get("values"), list):
        return max(len(spec["values"]), 1)
    low, high, step = spec.get("min"), spec.get("max"), spec.get("q", 1)
    ends = [x for x in (low, high, step) if isinstance(x, (int, float)) and not isinstance(x, bool)]
    if len(ends) < 3 or not ends[2] > 0 or not ends[1] > ends[0] or not math.isfinite(ends[1] - ends[0]):
        return 1
    steps = (ends[1] - ends[0]) / ends[2]
    return int(steps) + 1 if steps < _MANY else _MANY
