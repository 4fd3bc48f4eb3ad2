"""What colours the lines of parallel coordinates, and the key of it, which stands within the plot at its top."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level
from lib.analysis.population import Population
from lib.charts.marks import Names, objective_colour, places_in
from lib.charts.names import title_of
from lib.charts.palette import CATEGORICAL, GREY, SEQUENTIAL
from lib.model.sweep import SWEEP

QUARTILES = ("worst quarter", "third quarter", "second quarter", "best quarter")
OTHERS, MISSING = "others", "missing"
# The key of the colours stands within the plot, at its top; how many pixels it takes, and a row of it.
_KEY: dict[str, Any] = {"orient": "none", "legendX": 0, "legendY": 0, "direction": "horizontal"}
_PADDING_OF_KEY, _ROW_OF_KEY, _ROWS_OF_GRADIENT = 14, 20, (3, 3)
_NARROW = "width < 600"
# The place above which no name of an axis reaches.
_OVER_NAMES = 1.17


def quartiles(population: Population) -> np.ndarray:
    """Return 0 (worst) to 3 (best) a used run, by rank of the objective; shape (n,)."""
    n = len(population.rows)
    out = np.empty(n, dtype=int)
    out[population.best_first] = 3 - (np.arange(n) * 4 // max(n, 1))
    return out


def column_of(population: Population, name: str) -> np.ndarray:
    """Values of a parameter or metric of the used runs, as objects: floats for numbers, NaN where missing."""
    if name == population.objective.metric:
        return population.values.astype(object)
    column = population.levels(name)
    if name not in population.config.columns and name in population.sweep.metrics.columns:
        column = population.metric(name)
    elif name == SWEEP and name not in population.config.columns and population.sweeps is not None:
        column = population.sweeps
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan).astype(object)
    return column.to_numpy(dtype=object)


def colour_of(population: Population, by: str) -> tuple[np.ndarray, alt.Color, tuple[int, int]]:
    """Return what colours each used run, the encoding of the field "c" for it, and the rows of its key.

    All are the same for any selection. The key takes fewer rows where there is room, more on a phone.
    """
    objective = population.objective
    if by == "quartile":
        shades = [SEQUENTIAL[8], SEQUENTIAL[5], SEQUENTIAL[2], SEQUENTIAL[0]]
        return 3 - quartiles(population), *_categories(objective.metric, tuple(reversed(QUARTILES)), shades)
    if by in ("value", objective.metric):
        colour = objective_colour(objective, population.objective_scale, "c")
        colour["scale"]["domain"] = _ends(population.values)
        colour["legend"] = _gradient()
        return population.values, colour, _ROWS_OF_GRADIENT
    values = column_of(population, by)
    numbers = np.array([v if isinstance(v, float) and np.isfinite(v) else np.nan for v in values], dtype=float)
    parameter = next((p for p in population.parameters if p.name == by), None)
    if np.isfinite(numbers).any() and (
        parameter is None or not parameter.grouped or len(set(values)) > len(CATEGORICAL)
    ):
        logarithmic = parameter is not None and parameter.scale == "log" and np.nanmin(numbers) > 0
        domain = _ends(numbers)
        scale = alt.Scale(type="log" if logarithmic else "linear", range=list(SEQUENTIAL), domain=domain, zero=False)
        colour = alt.Color("c:Q", title=title_of(by, 30), scale=scale, legend=_gradient())
        return numbers, colour, _ROWS_OF_GRADIENT
    text = pd.Series([text_of_level(v) or MISSING for v in values])
    counts = text[text != MISSING].value_counts()
    ranked = sorted(counts.index, key=lambda v: (-counts[v], v))
    named = sorted(ranked[: len(CATEGORICAL)])
    place = places_in(named, text)
    shown = np.where(place >= 0, place, len(named)).astype(float)
    shown[text == MISSING] = np.nan
    more = [OTHERS] if len(ranked) > len(named) else []
    return shown, *_categories(by, (*named, *more), [*CATEGORICAL[: len(named)], *([GREY] * len(more))])


def _ends(values: np.ndarray) -> list[float]:
    return [float(np.nanmin(values)), float(np.nanmax(values))] if np.isfinite(values).any() else []


def _categories(title: str, kinds: tuple[str, ...], shades: list[str]) -> tuple[alt.Color, tuple[int, int]]:
    names = Names(kinds)
    # In one line, where there is room.
    columns = alt.ExprRef(f"{_NARROW} ? 2 : {len(kinds)}")
    legend = names.legend(**_KEY, titleOrient="left", titleLimit=300, labelLimit=160, columns=columns)
    colour = alt.Color("c:N", title=title_of(title, 30), scale=names.scale(range=shades), legend=legend)
    return colour, (1, -(-len(kinds) // 2))


def _gradient() -> alt.Legend:
    return alt.Legend(format="~g", **_KEY, gradientLength=180, titleLimit=300)


def top_of(low: float, rows: tuple[int, int], height: int) -> str:
    """Return the place at the top of the chart, as an expression: above the names of the axes is room for the key.

    low : the place at the bottom. rows : of the key, where there is room and where there isn't. height : in pixels.
    """
    wide, narrow = (
        round(low + (_OVER_NAMES - low) * height / (height - _PADDING_OF_KEY - _ROW_OF_KEY * n), 4) for n in rows
    )
    return f"{_NARROW} ? {narrow} : {wide}"
