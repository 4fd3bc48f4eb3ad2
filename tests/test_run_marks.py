"""Runs highlighted in a finished chart: only data changes, every highlighted run is drawn, and the rest is faint."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from lib.analysis.groups import discrete_impacts
from lib.analysis.meeting import meeting_all
from lib.analysis.overview import progress
from lib.analysis.trend import continuous_impacts
from lib.charts.dimmable import clicks_of
from lib.charts.distribution import distribution_chart
from lib.charts.impact import level_chart, trend_chart
from lib.charts.prepared import prepared
from lib.charts.run_marks import IN, LIT, ON, OUT, PLAIN, ROW, lit, of_runs, rows_of
from lib.charts.summary import every_run_chart
from lib.model.filters import condition_of
from testing.sweeps import populated, sweep_of

N = 2_500
SWEEP = sweep_of(
    {"lr": [10 ** (-4 + 3 * (i * 0.618 % 1)) for i in range(N)], "act": ["relu", "gelu"] * (N // 2)},
    {"score": [float(i * 7 % 1_000) for i in range(N)]},
)


@pytest.fixture(scope="module")
def population():
    return populated(SWEEP)


def tables(picture, mask):
    found = picture.tables_with(mask)
    return {name: pa.ipc.open_stream(io.BytesIO(found[name])).read_all().to_pandas() for name in picture.runs}


def charts(population):
    (levels,), (trend,) = discrete_impacts(population), continuous_impacts(population, ())
    return {
        "every run": every_run_chart(progress(population), population.objective, frozenset(), pickable=True),
        "trend": trend_chart(population, trend, pickable=True),
        "levels": level_chart(population, levels, pickable=True),
    }


@pytest.mark.parametrize("name", ["every run", "trend", "levels"])
def test_every_highlighted_run_is_drawn_on_top_whatever_was_thinned_out(population, name):
    picture = prepared(charts(population)[name])
    mask = meeting_all(population, [condition_of("score:400..410")])
    assert 0 < mask.sum() < 100
    shown = [table for table in tables(picture, mask).values() if ROW in table]
    bright = set(pd.concat(shown).query(f"{LIT} == {IN}")[ROW])
    assert bright == set(np.flatnonzero(mask))
    assert all(table[LIT].is_monotonic_increasing for table in shown)
    assert set(pd.concat(shown)[LIT]) == {OUT, IN}
    none = pd.concat([table for table in tables(picture, None).values() if ROW in table])
    assert set(none[LIT]) == {PLAIN}


def test_bars_count_the_highlighted_and_keep_their_places(population):
    values = population.values
    chart = distribution_chart(values, 999.0, [0], population.objective, population.rows, values)
    mask = meeting_all(population, [condition_of("act=relu")])
    (every,), (half,) = tables(prepared(chart), None).values(), tables(prepared(chart), mask).values()
    assert (every[LIT] - every["from"]).sum() == N
    assert (half[LIT] - half["from"]).sum() == mask.sum()
    assert not every[ON].any()
    assert half[ON].all()
    assert half["x"].tolist() == every["x"].tolist()


def test_a_click_is_meant_for_runs_where_it_means_nothing_else(population):
    made = charts(population)
    assert clicks_of(prepared(made["trend"]).spec)
    assert clicks_of(prepared(made["levels"]).spec) == ()


def test_a_table_that_was_made_of_a_table_of_runs_is_none():
    frame = of_runs(np.arange(3), np.arange(3), lambda rows: pd.DataFrame({"x": rows}, index=rows))
    assert rows_of(frame) is not None
    assert rows_of(frame[frame["x"] > 0]) is None
    assert list(lit(frame[frame["x"] > 0], None).columns) == ["x"]
