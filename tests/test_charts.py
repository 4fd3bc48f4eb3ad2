"""Charts draw: safe field names alone reach Vega, the data behind are the results, and a browser is given few marks."""

from __future__ import annotations

import re
from dataclasses import replace

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.axes import axes
from lib.analysis.best_corner import Corner, Side
from lib.analysis.correlation import correlation_matrix, correlations
from lib.analysis.groups import discrete_impacts
from lib.analysis.interactions import HeatMap, heat_map
from lib.analysis.overview import progress
from lib.analysis.surrogate import PartialDependence
from lib.analysis.top_runs import top_runs
from lib.analysis.trend import continuous_impacts
from lib.charts.correlation import block_chart, correlation_chart
from lib.charts.distribution import distribution_chart
from lib.charts.impact import drawn_note, level_chart, trend_chart
from lib.charts.interactions import heat_map_chart
from lib.charts.ledger import ledger_chart
from lib.charts.marks import MOST_MARKS, log_ticks, thinned
from lib.charts.names import differing, labels, short
from lib.charts.parallel_coordinates import parallel_coordinates_chart
from lib.charts.partial_dependence import partial_dependence_chart
from lib.charts.summary import every_run_chart
from lib.charts.top_runs import scale_of, top_runs_chart
from lib.model.goal import Objective
from lib.render.archive import pictures
from lib.render.written import written
from lib.sections.blocks import Chart
from testing.sweeps import populated, reported, sample_report, sweep_of

SAFE = re.compile(r"[A-Za-z0-9_]+")
MANY = 5_000


def hostile_search(runs, seed=0):
    """Return a sweep whose every name would be read by Vega as a path, an index, or a type."""
    rng = np.random.default_rng(seed)
    lr = 10 ** rng.uniform(-5, -1, runs)
    return sweep_of(
        {
            "optimizer.lr": lr.tolist(),
            "a[0]": rng.uniform(-1, 1, runs).tolist(),
            "x:Q": rng.choice([4, 8, 16], runs).tolist(),
            "it's \"quoted\\": rng.choice(["p.q", "r[1]", "<b>s</b>"], runs).tolist(),
        },
        {
            "val.score[0]": (np.log10(lr) + rng.normal(0, 0.3, runs)).tolist(),
            "b:N": rng.normal(size=runs).tolist(),
        },
        names=[f"run.{i}[{i}]" for i in range(runs)],
    )


def spec_of(chart):
    with alt.data_transformers.disable_max_rows():
        return chart.to_dict()


def fields_in(spec):
    """Every field that a spec reads, wherever it stands."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key == "datasets":
                continue
            if key in ("field", "fields", "groupby", "fold"):
                yield from [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)]
            yield from fields_in(value)
    elif isinstance(spec, list):
        for item in spec:
            yield from fields_in(item)


def drawn(spec):
    """Rows of each dataset of a spec."""
    return list(spec.get("datasets", {}).values())


@pytest.fixture(scope="module")
def hostile():
    return reported(hostile_search(60))


def test_no_name_of_the_data_is_a_field_name(hostile):
    found = list(pictures(hostile))
    assert {f.key.split("-")[0] for f in found} >= {"objective", "distribution", "sketch", "trend", "top", "parallel"}
    for figure in found:
        spec = figure.spec
        assert all(SAFE.fullmatch(field) for field in fields_in(spec)), figure.key
        for rows in drawn(spec):
            assert all(SAFE.fullmatch(name) for row in rows for name in row), figure.key
        assert any(drawn(spec)), figure.key
        assert spec["description"] == figure.alternative


def test_no_level_is_a_field_name(hostile):
    spec = spec_of(level_chart(hostile.population, impacts(hostile.population)["x:Q"]))
    assert all(SAFE.fullmatch(field) for field in fields_in(spec))


@pytest.fixture(scope="module")
def large():
    return populated(hostile_search(MANY))


def impacts(population):
    return {i.parameter: i for i in (*discrete_impacts(population), *continuous_impacts(population, ()))}


LARGE_CHARTS = {
    "every run": lambda p: every_run_chart(progress(p), p.objective, frozenset()),
    "distribution": lambda p: distribution_chart(p.values, float(p.values.max()), (), p.objective),
    "levels": lambda p: level_chart(p, impacts(p)["x:Q"]),
    "trend": lambda p: trend_chart(p, impacts(p)["optimizer.lr"]),
    "top runs": lambda p: top_runs_chart(p, top_runs(p)),
    "correlation": lambda p: correlation_chart(correlations(p)),
    "matrix": lambda p: block_chart(correlation_matrix(p, "spearman"), ("optimizer.lr", "a[0]", "x:Q")),
    "heat map": lambda p: heat_map_chart(heat_map(p, "optimizer.lr", "a[0]"), p.objective),
}


@pytest.mark.parametrize("name", LARGE_CHARTS)
def test_beyond_2000_runs_a_chart_has_about_2000_marks_at_most(large, name):
    rows = drawn(spec_of(LARGE_CHARTS[name](large)))
    assert rows
    assert sum(map(len, rows)) <= 1.3 * MOST_MARKS


def test_parallel_coordinates_draw_500_lines_at_most(large):
    laid_out = axes(large)
    spec = spec_of(parallel_coordinates_chart(large, laid_out))
    assert all(SAFE.fullmatch(field) for field in fields_in(spec))
    assert all(len(rows) <= 500 * len(laid_out) for rows in drawn(spec))


def data_of(chart):
    """Rows of all datasets, put together."""
    return [row for rows in drawn(spec_of(chart)) for row in rows]


def test_cells_of_few_metrics_stay_as_tall_as_text_under_long_names_of_many_hyperparameters():
    rng = np.random.default_rng(0)
    names = [f"scheduler_of_the_outer_loop_number_{i}" for i in range(12)]
    columns = {name: rng.uniform(size=12).tolist() for name in names}
    matrix = correlation_matrix(populated(sweep_of(columns, {"score": rng.uniform(size=12).tolist()})), "spearman")
    labels_px, legend_px, row_px = 170, 60, 20
    assert block_chart(matrix, names).height >= labels_px + legend_px + row_px


def test_the_values_of_an_axis_have_room_where_they_are_shown():
    rng = np.random.default_rng(0)
    places = [i / 7 for i in range(8)]
    (axis,) = axes(
        populated(sweep_of({"lr": rng.uniform(size=20).tolist()}, {"score": rng.uniform(size=20).tolist()}))
    )[:1]
    shown = list(scale_of(replace(axis, ticks=tuple((place, "0.12345") for place in places))))

    def at_width(width):
        return [place for place, _, _, needed in shown if width >= needed]

    assert at_width(0) == [0.0, 1.0]
    assert at_width(1_000) == places
    for width in range(100, 1_000, 50):
        held = at_width(width)
        gaps = [(after - before) * width / 1.06 for before, after in zip(held, held[1:], strict=False)]
        # Seven letters of six pixels; half of one at an end lies on the other side.
        assert len(held) == 2 or min(gaps) >= 42


def test_the_points_of_a_trend_are_the_runs():
    population = populated(sweep_of({"lr": [0.1, 0.2, None, 0.4]}, {"score": [1.0, 3.0, 2.0, 4.0]}))
    impact = continuous_impacts(population, ())[0]
    points = {(row["x"], row["y"], row["run"]) for row in data_of(trend_chart(population, impact)) if "run" in row}
    assert points == {(0.1, 1.0, "r0000"), (0.2, 3.0, "r0001"), (0.4, 4.0, "r0003")}


def test_a_box_has_the_quartiles_of_its_level():
    y = [1.0, 2.0, 3.0, 4.0, 100.0]
    population = populated(sweep_of({"act": ["a"] * 5 + ["b"] * 5}, {"score": [*y, *y]}))
    (impact,) = discrete_impacts(population)
    boxes = [row for row in data_of(level_chart(population, impact)) if "q1" in row]
    assert {(row["x"], row["level"]) for row in boxes} == {(0, "a"), (1, "b")}
    for box in boxes:
        assert (box["q1"], box["median"], box["q3"]) == (2.0, 3.0, 4.0)
        assert (box["low"], box["high"]) == (1.0, 4.0)


def test_levels_whose_short_names_are_the_same_keep_boxes_of_their_own():
    long = "a" * 30
    population = populated(
        sweep_of({"act": [f"{long}{i}{long}" for i in (1, 2)] * 5}, {"score": [float(i) for i in range(10)]})
    )
    (impact,) = discrete_impacts(population)
    boxes = [row for row in data_of(level_chart(population, impact)) if "q1" in row]
    assert len({row["x"] for row in boxes}) == 2


def test_a_histogram_counts_every_run_and_marks_the_best():
    values = np.array([1.0, 2.0, 2.5, 3.0, 10.0])
    objective = Objective("score", "maximize")
    rows = data_of(distribution_chart(values, 10.0, (4, 1), objective))
    assert sum(row["y"] for row in rows if row.get("group") == 0) == 2
    assert sum(row["y"] for row in rows if "y" in row) == 5
    assert [row["x"] for row in rows if "y" not in row] == [10.0]
    flat = data_of(distribution_chart(np.ones(4), 1.0, (), objective))
    assert [row["y"] for row in flat if "y" in row] == [4]


@pytest.mark.parametrize(
    "values",
    [
        [1e308, -1e308, 0.0, 1.0],
        [1e16, 1.0000000000000002e16],
        [-1.939658300558792e16],
        [1.7e308, 1.7e308],
        [5e-324, 0.0, 1e-300],
        [0.1 + 0.2, 0.3],
    ],
)
def test_a_histogram_of_extreme_values_still_counts_every_run(values):
    objective = Objective("score", "maximize")
    rows = data_of(distribution_chart(np.array(values), max(values), (0,), objective))
    assert sum(row["y"] for row in rows if "y" in row) == len(values)


def test_partial_dependence_draws_numbers_and_levels():
    population = populated(hostile_search(30))
    band = np.linspace(0, 1, 20)
    along = PartialDependence("optimizer.lr", tuple(np.geomspace(1e-5, 1e-1, 20)), band, band - 0.1, band + 0.1)
    assert len(data_of(partial_dependence_chart(along, population, True, "log"))) == 20
    few = PartialDependence("act", ("p.q", "r[1]"), band[:2], band[:2] - 0.1, band[:2] + 0.1)
    rows = data_of(partial_dependence_chart(few, population, False, "linear"))
    assert [(row["x"], row["text"]) for row in rows] == [(0, "p.q"), (1, "r[1]")]


def test_thinning_keeps_the_best_and_never_more_than_asked_for():
    order = np.arange(10_000)[::-1]
    kept = thinned(order, 1000)
    assert len(kept) <= 1000
    assert kept[:200].tolist() == order[:200].tolist()
    assert kept[-1] == order[-1]
    assert len(set(kept.tolist())) == len(kept)
    assert thinned(order[:5], 1000).tolist() == order[:5].tolist()


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-4, 1e-2, [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2]),
        (1e-8, 1.0, [10.0**p for p in range(-8, 1, 2)]),
        (1e-5, 1e-2, [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]),
        (3.1, 3.2, [3.1, 3.2]),
        (5e-324, 1.7e308, None),
    ],
)
def test_ticks_of_a_log_axis_are_numbers_that_people_read(low, high, ticks):
    found = log_ticks(low, high)
    assert found
    assert np.isfinite(found).all()
    assert ticks is None or found == pytest.approx(ticks)


def test_a_long_name_is_shortened_in_its_middle():
    assert short("abc") == "abc"
    assert short("a" * 50 + "b" * 50, 20) == "a" * 10 + "…" + "b" * 9


def test_names_that_would_look_the_same_get_labels_of_their_own():
    long = "a" * 30
    assert labels([f"{long}1{long}", f"{long}2{long}", "b"], 20) == [
        f"{'a' * 10}…{'a' * 9} (1)",
        f"{'a' * 10}…{'a' * 9} (2)",
        "b",
    ]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["model.encoder.lr", "model.encoder.width"], ["…lr", "…width"]),
        (["runs/2024/a/checkpoint.pt", "runs/2024/b/checkpoint.pt"], ["…a…", "…b…"]),
        (["google/bert-base-uncased", "google/bert-large-uncased"], ["…base…", "…large…"]),
        (["alphabet", "alpha"], ["alphabet", "alpha"]),
        (["a.b", "a.c"], ["a.b", "a.c"]),
        (["same name", "same name"], ["same name", "same name"]),
        (["x.y", "x.y.z"], ["x.y", "x.y.z"]),
    ],
)
def test_names_are_cut_where_they_agree(names, shown):
    assert differing(names) == shown


def test_long_names_that_look_the_same_keep_the_words_that_they_differ_in():
    blocks = [f"model.encoder.block_{at}.attention_dropout_probability" for at in (4, 16)]
    assert labels([*blocks, "training.optimizer.schedule.warmup_phase"], 22) == [
        "model.encoder.bloc…4…",
        "model.encoder.bloc…16…",
        "training.op…rmup_phase",
    ]


def test_long_names_that_differ_in_a_number_alone_keep_their_beginning():
    names = [f"model.encoder.block_{at}.attention_dropout_probability" for at in (4, 16)]
    assert labels(names, 22) == ["model.encoder.bloc…4…", "model.encoder.bloc…16…"]


@given(st.lists(st.text("ab/._- 1", min_size=1, max_size=12), min_size=1, max_size=5, unique=True))
def test_names_that_differ_still_differ_after_the_cut(names):
    shown = differing(names)
    assert len(set(shown)) == len(names)
    assert all(short and len(short) <= len(name) for short, name in zip(shown, names, strict=True))


def test_labels_are_cut_where_they_agree_if_one_is_too_long():
    names = ["google/bert-base-uncased", "google/bert-large-uncased"]
    assert labels(names, 40) == names
    assert labels(names, 20) == ["…base…", "…large…"]


def test_what_is_summed_up_is_said():
    objective = Objective("score", "maximize")
    assert drawn_note(objective, 2000) is None
    assert "5,000 runs are drawn as counts" in drawn_note(objective, 5000)


def test_labels_of_a_linear_axis_are_numbers_that_people_read():
    rng = np.random.default_rng(0)
    population = populated(
        sweep_of({"units": rng.uniform(600, 1400, 40).tolist()}, {"score": rng.normal(size=40).tolist()}),
        metric="score",
    )
    svg = vl_convert.vegalite_to_svg(spec_of(trend_chart(population, impacts(population)["units"])))
    assert "1000" in svg
    assert not re.search(r"\de\+\d", svg)


def test_the_ledgers_bar_holds_every_run_once():
    left_out = [(f"reason {at}", at + 1) for at in range(7)]
    rows = sorted(data_of(ledger_chart(100, left_out)), key=lambda row: row["x"])
    assert (rows[0]["what"], rows[0]["runs"]) == ("used", 100)
    assert [row["x"] for row in rows[1:]] == [row["x2"] for row in rows[:-1]]
    assert rows[-1]["x2"] == 100 + sum(runs for _, runs in left_out)


def test_the_best_corner_is_framed_where_it_lies():
    corner = Corner(Side("kind", value="b"), Side("lr", high=0.01), 5, 20, 1.0, 0.5, (1,), 0.01)
    edges, of_runs = (0.0, 0.01, 0.04), (np.arange(20), np.repeat(np.arange(4), 5))
    cells = HeatMap(
        "kind", "lr", ("a", "b"), ("low", "high"), None, edges, np.ones((2, 2)), np.full((2, 2), 5), *of_runs
    )
    frame = spec_of(heat_map_chart(cells, Objective("score", "maximize"), corner))["layer"][-1]["encoding"]
    ends = {name: float(frame[name]["value"]["expr"].split(" ")[0]) for name in ("x", "x2", "y", "y2")}
    # The second of two levels, and the lower half: a heat map's cells are of one height, whatever they span.
    assert ends == {"x": 0.5, "x2": 1.0, "y": 0.5, "y2": 1.0}


def axes_in(spec):
    """Every encoding of a spec that has a title and a scale."""
    if isinstance(spec, dict):
        if isinstance(spec.get("title"), str) and isinstance(spec.get("scale"), dict):
            yield spec
        for value in spec.values():
            yield from axes_in(value)
    elif isinstance(spec, list):
        for item in spec:
            yield from axes_in(item)


def test_charts_of_a_loss_over_decades_have_a_log_scale_that_their_titles_name():
    x = np.linspace(0, 1, 60)
    loss = 10 ** (-6 + 7 * np.abs(2 * x - 1)) * (1 + 0.1 * np.sin(40 * x))
    config = {"x": x.tolist(), "kind": ["a", "b"] * 30}
    report = reported(sweep_of(config, {"loss": loss.tolist(), "acc": x.tolist()}), metric="loss", goal="minimize")
    found = {}
    with alt.utils.schemapi.debug_mode(True):
        for section in written(report):
            for chart in (block for block in section.blocks if isinstance(block, Chart)):
                picture = chart.draw(*chart.arguments, **chart.keywords)
                spec = picture.properties(width="container").to_dict(validate=True)
                for axis in axes_in(spec):
                    if axis["title"].startswith("loss (") or "best so far" in axis["title"].lower():
                        found.setdefault(section.section.address, []).append(axis)
    assert {"best-run", "hyperparameter-impact", "trade-off"} <= found.keys()
    for axis in (one for of_section in found.values() for one in of_section):
        assert axis["scale"]["type"] == "log"
        assert axis["title"].endswith("(log scale; lower is better)")
        assert axis["scale"]["domain"][0] > 0


def test_every_chart_of_the_sample_is_valid_vega_lite_and_none_has_altair_search_its_schema(monkeypatch):
    searched = []
    monkeypatch.setattr(alt.utils.schemapi.SchemaBase, "from_dict", searched.append)
    with alt.utils.schemapi.debug_mode(True):
        for section in written(sample_report()):
            for chart in (block for block in section.blocks if isinstance(block, Chart)):
                picture = chart.draw(*chart.arguments, **chart.keywords)
                assert picture is None or picture.properties(width="container").to_dict(validate=True)
    assert searched == []


def test_nested_names_that_are_too_long_are_labelled_by_their_last_part():
    names = ["optimizer.schedule.initial_rate", "model.encoder.block.dropout", "batch_size"]
    assert labels(names, 20) == ["…initial_rate", "…dropout", "batch_size"]
    # Where all fit, and where the last parts don't tell them apart, nothing is cut off in front.
    assert labels(names, 40) == names
    alike = labels(["model.encoder.attention.dropout", "model.decoder.attention.dropout"], 20)
    assert all("coder" in label for label in alike)
    assert len(set(alike)) == 2
