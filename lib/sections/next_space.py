"""Where to search next, parameter by parameter: as words for sentences and as positions for a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.analysis.levels import text_of_level, texts_of_levels
from lib.charts.summary import Span
from lib.model.numbers import number

if TYPE_CHECKING:
    from lib.analysis.parameter_advice import Recommended
    from lib.model.parameter import Parameter
    from lib.results.report import Report

MOST_DOTS = 10


def spans_of(report: Report) -> tuple[Span, ...]:
    """Return each searched parameter with what was searched of it, what is recommended, and where the best runs are.

    Nothing where the runs say too little for a next sweep.
    """
    if report.next_sweep is None:
        return ()
    best = report.population.best_first[:MOST_DOTS]
    spans = []
    for one in report.recommendation.parameters:
        column = report.population.levels(one.name).iloc[best]
        label = recommended_words(one) if one.changed else "unchanged"
        if one.levels is not None:
            spans.append(_of_levels(one.parameter, one.levels, texts_of_levels(column), label))
        elif one.low is not None and one.high is not None:
            spans.append(_of_range(one.parameter, (float(one.low), float(one.high)), column, label))
    return tuple(spans)


def recommended_words(one: Recommended) -> str:
    """Write what is recommended for a parameter: "0.0001 to 0.0013", "8, 16, 32"."""
    if one.levels is not None:
        return ", ".join(number(level) for level in one.levels)
    return f"{number(one.low)} to {number(one.high)}"


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
    one = next((one for one in report.recommendation.parameters if one.name == name), None)
    if report.next_sweep is None or one is None or not one.changed:
        return None
    if one.levels is None:
        return _range_advice(one)
    tried = {text_of_level(value) for value in report.population.levels(name).dropna()}
    kept = [number(v) for v in one.levels if text_of_level(v) in tried]
    new = [number(v) for v in one.levels if text_of_level(v) not in tried]
    parts = [f"use {_either(kept)}"] if kept and len(kept) < len(tried) else []
    parts += [f"try {_either(new)}"] if new else []
    return ", ".join(parts) or None


def _range_advice(one: Recommended) -> str | None:
    low, high, searched = one.low, one.high, one.parameter
    if low is None or high is None or searched.low is None or searched.high is None:
        return None
    beyond = []
    if low < searched.low:
        beyond.append(f"try down to {number(low)}")
    if high > searched.high:
        beyond.append(f"try up to {number(high)}")
    inside_low, inside_high = low > searched.low, high < searched.high
    if inside_low and inside_high:
        return f"stay between {number(low)} and {number(high)}"
    if inside_high:
        return ", ".join([f"stay below {number(high)}", *beyond])
    if inside_low:
        return ", ".join([f"stay above {number(low)}", *beyond])
    return ", ".join(beyond) or None


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
