"""Where to search next, parameter by parameter: as words for sentences and as positions for a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.analysis.population import text_of_level, texts_of_levels
from lib.charts.summary import Span
from lib.model.numbers import number

if TYPE_CHECKING:
    from lib.model.sweep import Parameter
    from lib.results.report import Report

MOST_DOTS = 10
_OVER_EXPONENTS = ("log_uniform", "q_log_uniform")


@dataclass(frozen=True, slots=True)
class NextValues:
    """What the next sweep searches of one parameter: a range, or a list of levels."""

    low: float | None = None
    high: float | None = None
    levels: tuple[Any, ...] | None = None


def next_values(config: Mapping[str, Any], name: str) -> NextValues | None:
    """Return what a sweep config searches of a parameter, also of a nested one; None where it doesn't name it."""
    spec = _spec(config.get("parameters") or {}, name)
    if spec is None:
        return None
    if spec.get("values") is not None:
        return NextValues(levels=tuple(spec["values"]))
    if "value" in spec:
        return NextValues(levels=(spec["value"],))
    low, high = spec.get("min"), spec.get("max")
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    if spec.get("distribution") in _OVER_EXPONENTS:
        low, high = math.exp(low), math.exp(high)
    return NextValues(float(low), float(high))


def _spec(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    if isinstance(parameters.get(name), dict):
        found: Mapping[str, Any] = parameters[name]
        return found
    for head, spec in parameters.items():
        if name.startswith(f"{head}.") and isinstance(spec, dict) and isinstance(spec.get("parameters"), dict):
            return _spec(spec["parameters"], name[len(head) + 1 :])
    return None


def spans_of(report: Report) -> tuple[Span, ...]:
    """Return each searched parameter with what was searched of it, what is next, and where the best runs are."""
    recommended = report.next_sweep
    if recommended is None:
        return ()
    after = {change.parameter: change for change in recommended.changes}
    best = report.population.best_first[:MOST_DOTS]
    spans = []
    for parameter in report.population.searched:
        change = after.get(parameter.name)
        wanted = next_values(recommended.config, parameter.name)
        if change is None or wanted is None:
            continue
        label = "unchanged" if change.action == "kept" else change.after
        column = report.population.levels(parameter.name).iloc[best]
        if wanted.levels is not None:
            spans.append(_of_levels(parameter, wanted.levels, texts_of_levels(column), label))
        elif wanted.low is not None and wanted.high is not None:
            spans.append(_of_range(parameter, (wanted.low, wanted.high), column, label))
    return tuple(spans)


def _of_levels(parameter: Parameter, wanted: Sequence[Any], best: Iterable[str], label: str) -> Span:
    searched = [text_of_level(value) for value in parameter.values or ()]
    after = [text_of_level(value) for value in wanted]
    every = [*searched, *(text for text in after if text not in searched)]
    if all(isinstance(value, (int, float)) for value in (*(parameter.values or ()), *wanted)):
        order = sorted({*(parameter.values or ()), *wanted})
        every = [text_of_level(value) for value in order]
    width = 1 / max(len(every), 1)
    places = {text: at * width for at, text in enumerate(every)}
    gap = 0.06 * width

    def stretches(texts: Iterable[str]) -> tuple[tuple[float, float], ...]:
        return tuple((places[t] + gap, places[t] + width - gap) for t in texts if t in places)

    dots = tuple(places[text] + width / 2 for text in dict.fromkeys(best) if text in places)
    return Span(parameter.name, stretches(searched), stretches(after), dots, label)


def _of_range(parameter: Parameter, wanted: tuple[float, float], column: Any, label: str) -> Span:
    values = np.array([float(v) for v in column if isinstance(v, (int, float, np.number)) and v == v])
    low = parameter.low if parameter.low is not None else min(wanted[0], *values) if len(values) else wanted[0]
    high = parameter.high if parameter.high is not None else max(wanted[1], *values) if len(values) else wanted[1]
    ends = (min(float(low), wanted[0]), max(float(high), wanted[1]))
    along = np.log10 if parameter.scale == "log" and ends[0] > 0 else np.asarray

    def place(value: float) -> float:
        start, end, at = (float(along(one)) for one in (*ends, value))
        return 0.5 if end <= start else float(np.clip((at - start) / (end - start), 0, 1))

    return Span(
        parameter.name,
        ((place(float(low)), place(float(high))),),
        ((place(wanted[0]), place(wanted[1])),),
        tuple(place(value) for value in values if value > 0 or along is np.asarray),
        label,
    )


def advice(report: Report, name: str) -> str | None:
    """Say in a few words what to do with a parameter: "stay below 0.0013", "use 8 or 16, try 32"; None for nothing."""
    recommended = report.next_sweep
    change = None
    if recommended is not None:
        change = next((c for c in recommended.changes if c.parameter == name and c.action != "kept"), None)
    if recommended is None or change is None:
        return None
    parameter = next(p for p in report.population.searched if p.name == name)
    wanted = next_values(recommended.config, name)
    if wanted is None:
        return None
    if wanted.levels is not None:
        tried = {text_of_level(value) for value in report.population.levels(name).dropna()}
        kept = [number(v) for v in wanted.levels if text_of_level(v) in tried]
        new = [number(v) for v in wanted.levels if text_of_level(v) not in tried]
        parts = [f"use {_either(kept)}"] if kept and len(kept) < len(tried) else []
        parts += [f"try {_either(new)}"] if new else []
        return ", ".join(parts) or None
    return _range_advice(parameter, wanted)


def _range_advice(parameter: Parameter, wanted: NextValues) -> str | None:
    low, high = wanted.low, wanted.high
    if low is None or high is None or parameter.low is None or parameter.high is None:
        return None
    beyond = []
    if low < parameter.low:
        beyond.append(f"try down to {number(low)}")
    if high > parameter.high:
        beyond.append(f"try up to {number(high)}")
    inside_low, inside_high = low > parameter.low, high < parameter.high
    if inside_low and inside_high:
        return f"stay between {number(low)} and {number(high)}"
    if inside_high:
        return ", ".join([f"stay below {number(high)}", *beyond])
    if inside_low:
        return ", ".join([f"stay above {number(low)}", *beyond])
    return ", ".join(beyond) or None


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
