"""Names and levels that Vega, Vega-Lite or XML could read as code: every chart is drawn, with its marks."""

from __future__ import annotations

import logging
import re
import zipfile
from functools import cache
from io import BytesIO
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pytest
import vl_convert

from lib.analysis.groups import discrete_impacts
from lib.charts import drawing
from lib.charts.drawing import NotDrawn, drawn
from lib.charts.impact import MOST_LEVELS_DRAWN, level_chart, levels_drawn, levels_note, trend_chart
from lib.charts.marks import PICK, Names
from lib.charts.names import one_line, tip_title, title_of
from lib.charts.picks import levels
from lib.model.choices import Filter
from lib.render.app import picture_of
from lib.render.archive import charts_archive, markdown_with_pictures, pictures
from lib.render.html import report_as_html
from lib.render.markdown import report_as_markdown
from lib.render.pictures import svg_of
from lib.report import Report
from lib.sections import hyperparameter_impact
from lib.sources.join import join
from testing.sweeps import populated, reported, sweep_of

# What every JavaScript object has by birth, and what the language looks for in one.
OF_JAVASCRIPT = (
    "constructor",
    "toString",
    "toLocaleString",
    "valueOf",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "__proto__",
    "__defineGetter__",
    "then",
    "length",
)
AS_CODE = (
    "datum",
    "undefined",
    'x"y',
    'x\\"y',
    "ends in \\",
    "it's",
    "a.b[0]['c']",
    "line\nbreak",
    "tab\tbreak",
    "separator\u2028here",
    "paragraph\u2029here",
    "</script><b>",
    "${x}`",
    "turned\u202egpj.exe",
    "bell\x07",
)
HOSTILE = OF_JAVASCRIPT + AS_CODE
RUNS = 48


def hostile_sweep(group: int, label: str = "runs.csv", histories: bool = True, seed: int = 0):
    """Return a sweep with hostile names of every kind of parameter, of both metrics, of runs, and of levels."""
    rng = np.random.default_rng((group, seed))
    names = [HOSTILE[(group * 6 + at) % len(HOSTILE)] for at in range(6)]
    first, second, third, fourth, metric, other = names
    x = rng.uniform(0, 1, RUNS)
    y = x + rng.normal(0, 0.1, RUNS)
    curves = {f"r{i:04d}": {metric: np.linspace(0, y[i], 5).tolist()} for i in range(RUNS)}
    return sweep_of(
        {
            first: x.tolist(),
            second: rng.uniform(-1, 1, RUNS).tolist(),
            third: [HOSTILE[at % len(HOSTILE)] for at in range(RUNS)],
            fourth: [names[at] for at in rng.integers(0, 3, RUNS)],
        },
        {metric: y.tolist(), other: rng.normal(size=RUNS).tolist()},
        names=[HOSTILE[i % len(HOSTILE)] for i in range(RUNS)],
        histories=curves if histories else None,
        declared={
            "metric": {"name": metric, "goal": "maximize"},
            "parameters": {
                first: {"min": 0.0, "max": 1.0},
                second: {"min": -1.0, "max": 1.0},
                third: {"values": list(HOSTILE)},
                fourth: {"values": names[:3]},
            },
        },
        label=label,
    )


GROUPS = range(len(HOSTILE) // 6 + 1)


@cache
def hostile_report(group: int) -> Report:
    return reported(hostile_sweep(group))


def marks_in(svg: str) -> int:
    """Count what is drawn of the data: marks whose group is called so by Vega, not axes and grids."""
    tree = ElementTree.fromstring(svg)
    count = 0
    for group in tree.iter("{http://www.w3.org/2000/svg}g"):
        kind = group.get("class", "")
        if re.match(r"mark-(symbol|rect|rule|line|area|text) role-mark", kind):
            count += sum(1 for child in group if child.tag.endswith(("path", "text", "line")))
    return count


@pytest.mark.parametrize("group", [pytest.param(at, marks=[pytest.mark.nightly] * (at > 0)) for at in GROUPS])
def test_every_chart_is_drawn_with_its_marks_whatever_the_names(group):
    report = hostile_report(group)
    found = list(pictures(report))
    assert {f.key.split("-")[0] for f in found} >= {"every", "distribution", "sketch", "trend", "top", "parallel"}
    for figure in found:
        assert marks_in(svg_of(figure, report)) > 0, figure.key


# By day the names are those of columns and runs, above, and of levels, below.
@pytest.mark.nightly
def test_sweeps_may_have_any_name():
    both = join([hostile_sweep(0, label="constructor"), hostile_sweep(0, label="__proto__", seed=1)])
    report = reported(both)
    found = {f.key: f for f in pictures(report)}
    assert "distributions" in found
    for figure in found.values():
        assert marks_in(svg_of(figure, report)) > 0, figure.key


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_alone_is_a_title_a_tooltip_and_a_level(name):
    names = Names((name, "other"))
    rows = alt.Data(values=[{"x": 0, "y": 1}, {"x": 1, "y": 2}])
    x = alt.X("x:N", title=title_of(name), scale=names.scale(), axis=names.axis())
    colour = alt.Color("x:N", title=title_of(name), scale=names.scale(range=["red", "blue"]), legend=names.legend())
    chart = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=x, y=alt.Y("y:Q", title=title_of(name)), color=colour, tooltip=[alt.Tooltip("y:Q", title=tip_title(name))]
        )
    )
    # Marks aren't announced one by one, in no chart of the report: their descriptions would be code as well.
    svg = vl_convert.vegalite_to_svg(chart.to_dict(), config={"aria": False}, allowed_base_urls=[])
    assert marks_in(svg) == 2
    texts = [(e.text or "").strip() for e in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert one_line(name) in texts


def test_half_a_character_is_shown_as_the_sign_for_what_cannot_be_shown():
    assert one_line("a\ud800b\x00c") == "a\ufffdb\ufffdc"
    assert Names(("\udfff",)).axis().labelExpr.isascii()


def test_a_click_on_a_level_finds_the_level_behind_its_label():
    sweep = sweep_of({"act": ["constructor", "a\nb"] * 6}, {"score": [float(i % 5) for i in range(12)]})
    (found,) = discrete_impacts(populated(sweep))
    read = levels("act", levels_drawn(populated(sweep), found))
    drawn_at = {row["level"]: row["x"] for row in rows_of(level_chart(populated(sweep), found)) if "level" in row}
    assert read({PICK: [{"x": drawn_at["constructor"]}]}) == [Filter("act", values=("constructor",))]
    assert read({PICK: [{"x": drawn_at["a b"]}]}) == [Filter("act", values=("a\nb",))]
    assert read({PICK: [{"x": 7}, {"x": "constructor"}, {"x": -1}, {}]}) == []


def rows_of(chart):
    with alt.data_transformers.disable_max_rows():
        return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_of_5000_levels_those_with_the_most_runs_are_drawn_and_the_others_counted():
    many = [f"level {i:04d}" for i in range(5_000)] + ["level 4321"] * 3
    sweep = sweep_of({"act": many}, {"score": [float(i % 7) for i in range(len(many))]})
    report = reported(sweep, parameters=("act",))
    (found,) = report.discrete
    drawn_levels = levels_drawn(report.population, found)
    assert len(drawn_levels) == MOST_LEVELS_DRAWN
    assert drawn_levels[-1] == "level 4321"
    assert "4,960" in (levels_note(found) or "")
    assert (levels_note(found) or "") in report_as_markdown(report).replace("\\", "")
    assert len({row["x"] for row in rows_of(level_chart(report.population, found))}) == MOST_LEVELS_DRAWN


def broken(*_, **__):
    raise KeyError("a level of a visitor")


def test_a_chart_that_cannot_be_drawn_is_named_and_the_others_are_drawn(monkeypatch):
    report = reported(hostile_sweep(1, histories=False))
    every = list(pictures(report))
    trends = [f for f in every if f.key.startswith("trend-")]
    monkeypatch.setattr(hyperparameter_impact, "trend_chart", broken)
    sentences = [NotDrawn("KeyError").sentence(f.alternative) for f in trends]
    assert trends
    # Painting takes long, and is the same for all charts.
    monkeypatch.setattr("lib.render.archive.svg_of", lambda *_: "<svg/>")
    monkeypatch.setattr("lib.render.archive.png_of", lambda *_: b"")
    text, files = markdown_with_pictures(report)
    plain = text.replace("\\", "")
    assert all(one_line(sentence) in plain for sentence in sentences)
    assert len(files) == len(every) - len(trends)
    assert report_as_html(report).count("can&#39;t be drawn from these values.") == len(trends)
    archive = charts_archive(report)
    # Each as SVG and PNG, light and dark.
    assert charts_in_zip(archive) == 4 * (len(every) - len(trends))
    read_me = zipfile.ZipFile(BytesIO(archive)).read("README.txt").decode()
    assert all(sentence in read_me for sentence in sentences)


def charts_in_zip(archive: bytes) -> int:
    return len(zipfile.ZipFile(BytesIO(archive)).namelist()) - 1


def test_a_page_gets_what_stands_for_the_chart_and_the_log_no_word_of_the_data(caplog):
    report = hostile_report(0)
    with caplog.at_level(logging.INFO, logger=drawing.__name__):
        missing = picture_of(report, broken)
        assert picture_of(report, broken) is missing
    assert missing == NotDrawn("KeyError")
    assert missing.sentence("Runs by lr.") == "The chart “Runs by lr” can't be drawn from these values."
    (record,) = caplog.records
    assert "KeyError in broken" in record.getMessage()
    assert "visitor" not in caplog.text
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger=drawing.__name__):
        drawn(broken)
    assert "a level of a visitor" in caplog.text


def test_too_little_memory_is_not_laid_on_the_values():
    def full():
        raise MemoryError

    with pytest.raises(MemoryError):
        drawn(full)


def test_a_picture_is_drawn_as_ever():
    report = hostile_report(0)
    found = report.continuous[0]
    picture = picture_of(report, trend_chart, report.population, found)
    assert picture is not None
    assert not isinstance(picture, NotDrawn)
    assert picture.tables
