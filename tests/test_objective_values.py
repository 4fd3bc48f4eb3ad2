"""One rule for the objective: what each rule gives, what it needs, and that every format and page follows it."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from lib.__main__ import main
from lib.analysis.axes import axes
from lib.findings import findings_of
from lib.model.choices import Choices, Filter
from lib.model.errors import InputError
from lib.model.objective import value_rule, wants_histories
from lib.report import build_report
from lib.sections import SECTIONS
from lib.sections.objective import objective_rule
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import write_snapshot
from testing.browser.nightly import by_day
from testing.sweeps import populated, reported, sweep_of

ROOT = Path(__file__).resolve().parents[1]
NAN = math.nan
# The runs that win by the last value, the best, the mean of the last three, and the value at step 0.
CURVES = {
    "last-winner": [0.10, 0.20, 0.30, 0.20, 0.95],
    "best-winner": [0.10, 0.99, 0.20, 0.20, 0.20],
    "mean-winner": [0.80, 0.80, 0.82, 0.80, 0.81],
    "step-winner": [0.90, 0.10, 0.15, 0.12, 0.11],
    "plain-one": [0.10, 0.20, 0.30, 0.31, 0.32],
    "plain-two": [0.11, 0.21, 0.25, 0.41, 0.42],
}
WINNERS = {
    "last": ("last-winner", 0.95, "the last value that each run logged"),
    "best": ("best-winner", 0.99, "the best value that each run logged"),
    "mean:3": ("mean-winner", (0.82 + 0.80 + 0.81) / 3, "the mean of the last 3 values in each run's history"),
    "step:0": ("step-winner", 0.90, "the last value that each run logged at or before step 0"),
}


def four_winners():
    names = list(CURVES)
    sweep = sweep_of(
        {"lr": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]},
        {"score": [CURVES[name][-1] for name in names]},
        names=names,
        histories={f"r{i:04d}": {"score": CURVES[name]} for i, name in enumerate(names)},
        declared={"method": "random", "metric": {"name": "score", "goal": "maximize"}},
    )
    sweep.runs["sweep"] = ["first", "second"] * 3
    return sweep


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    path = tmp_path_factory.mktemp("winners") / "winners.parquet"
    write_snapshot(four_winners(), path)
    return path


@pytest.mark.parametrize(
    ("given", "text"),
    [("last", "last"), (" Best ", "best"), ("mean:3", "mean:3"), ("mean:03", "mean:3"), ("step:0", "step:0")],
)
def test_a_rule_has_one_text(given, text):
    assert value_rule(given).text == text


@pytest.mark.parametrize("given", ["", "first", "mean", "mean:", "mean:0", "mean:-1", "mean:1.5", "step:x", "step:-1"])
def test_what_is_no_rule_gets_a_sentence(given):
    with pytest.raises(InputError):
        value_rule(given)


@pytest.fixture
def written(snapshot, capsys):
    """Write the report in a format, with a rule."""

    def written(rule, kind):
        assert main(["report", str(snapshot), "--value", rule, "--format", kind, "--quiet"]) == 0
        return capsys.readouterr().out

    return written


@pytest.mark.parametrize("rule", WINNERS)
def test_the_json_report_names_the_winner_of_each_rule(rule, written):
    name, value, _ = WINNERS[rule]
    report = json.loads(written(rule, "json"))
    assert report["sweep"]["objective"] == {"metric": "score", "goal": "maximize", "value": rule}
    assert report["best_run"]["name"] == report["top_runs"][0]["name"] == name
    assert report["best_run"]["value"] == report["top_runs"][0]["value"] == pytest.approx(value)
    best = next(f for f in report["findings"] if f["kind"] == "best")
    assert (best["evidence"]["run"], best["evidence"]["value"]) == (name, pytest.approx(value))


@pytest.mark.parametrize("rule", by_day(WINNERS, ["best"]))
def test_every_format_names_the_same_winner_and_states_the_rule(rule, written):
    name, value, words = WINNERS[rule]
    headline = f"{name} is the best of 6 runs: score {value:.2f}"
    markdown = written(rule, "markdown").replace("\\", "")
    html = written(rule, "html").replace("&#39;", "'")
    for text in (markdown, html):
        assert words in text
        assert headline in text
    assert f"({rule})" in markdown


def opened(path, monkeypatch, page="summary", **query):
    from streamlit.testing.v1 import AppTest

    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", str(path)])
    monkeypatch.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    # Straight to the page: AppTest can't send a select box's value back that isn't among its options.
    return app.switch_page(f"pages/{page}.py").run()


def said_by(app):
    said = (*app.title, *app.markdown, *app.caption, *app.text, *app.subheader, *app.error)
    return " ".join(re.sub(r"\\(.)", r"\1", one.value) for one in said)


# Where each page names the winner: in its first sentence, or in the first row of a table of runs.
IN_HEADLINE = {"best-run", "findings", "learning-curves"}
IN_TABLE = {"best-run", "top-runs", "parallel-coordinates", "learning-curves", "compare", "trade-off"}


@pytest.mark.parametrize("rule", by_day(WINNERS, ["mean:3"]))
def test_every_page_states_the_rule_and_all_that_name_a_winner_name_the_same(rule, snapshot, monkeypatch):
    name, value, words = WINNERS[rule]
    label = "score" if rule == "last" else f"score ({rule})"
    for section in SECTIONS:
        app = opened(snapshot, monkeypatch, section.address, value=rule)
        assert not app.exception, section.address
        assert not app.error, section.address
        said = said_by(app)
        # The first page says under its answer what that rests on; the frame states the rule there as everywhere.
        asked = f"maximize score · {'last value' if rule == 'last' else words}"
        assert asked in [one.proto.popover.label.replace("\\", "") for one in app.get("popover")], section.address
        assert f"score, maximize; {words}" in said or section.address == "summary", section.address
        if section.address in {"summary", "compare", "best-run", "findings"}:
            assert f"{value:.2f}" in said, section.address
        if section.address in IN_HEADLINE:
            assert name in said, section.address
        # A table of the runs nearest to the best one begins with another run, and says how far it is.
        tables = [t.value for t in app.main.dataframe if {"run", label} <= set(t.value.columns)]
        tables = [table for table in tables if "distance" not in table.columns]
        assert bool(tables) == (section.address in IN_TABLE), section.address
        for table in tables:
            assert table["run"].iloc[0] == name, section.address
            assert table[label].iloc[0] == pytest.approx(value), section.address


def test_the_address_holds_derived_columns_and_a_wrong_one_gets_its_sentence(snapshot, monkeypatch):
    derive = ["doubled=score*2", "tens=lr*10"]
    app = opened(snapshot, monkeypatch, "best-run", derive=derive, metric="doubled", value="best")
    assert "best-winner is the best of 6 runs: doubled 1.98" in said_by(app)
    assert "derived: score*2" in said_by(app)
    wrong = opened(snapshot, monkeypatch, derive=["doubled=score.__class__"])
    assert not wrong.exception
    assert "Expressions can only use columns, not attributes." in said_by(wrong)
    assert "isn't allowed to hold text" in said_by(opened(snapshot, monkeypatch, derive=["a=score+'x'"]))
    assert "is not one of" in said_by(opened(snapshot, monkeypatch, value="first"))


def test_where_last_and_best_pick_different_winners_that_is_a_finding():
    found = {f.id: f for f in findings_of(reported(four_winners(), value="mean:3"))}["data_quality:value_rule"]
    assert found.kind == "data_quality"
    assert found.evidence == {
        "metric": "score",
        "last_run": "last-winner",
        "last_value": 0.95,
        "best_run": "best-winner",
        "best_value": 0.99,
        "rule": "the mean of the last 3 values in each run's history",
        "rule_number": 3,
    }
    assert "by the last score it is last-winner (0.95)" in found.text


def test_without_histories_or_with_one_winner_there_is_no_such_finding():
    one = {"r0000": {"score": [0.1, 0.2]}, "r0001": {"score": [0.1, 0.3]}, "r0002": {"score": [0.1, 0.4]}}
    for histories in (None, one):
        sweep = sweep_of({"lr": [1, 2, 3]}, {"score": [0.2, 0.3, 0.4]}, histories=histories)
        assert "data_quality:value_rule" not in {f.id for f in findings_of(reported(sweep))}


def test_a_winner_without_a_history_is_not_set_against_one_with():
    histories = {"r0000": {"score": [0.91, 0.90]}, "r0001": {"score": [0.5, 0.6]}}
    sweep = sweep_of({"lr": [1, 2, 3]}, {"score": [0.9, 0.6, 0.95]}, histories=histories)
    assert "data_quality:value_rule" not in {f.id for f in findings_of(reported(sweep))}


def test_each_rule_agrees_with_its_meaning_on_the_sample():
    sweep = read_sample("sample")
    metric = "val_dice_coefficient"
    histories = {run: h[metric].dropna().to_numpy() for run, h in sweep.history.groupby("run_id")}
    steps = sweep.history[["run_id", "_step", metric]].dropna()
    for rule, meaning in (
        ("best", lambda run: histories[run].max()),
        ("mean:3", lambda run: histories[run][-3:].mean()),
        ("step:12", lambda run: steps[(steps["run_id"] == run) & (steps["_step"] <= 12)][metric].iloc[-1]),
    ):
        population = populated(sweep, value=rule)
        expected = [meaning(run) for run in population.runs["run_id"]]
        np.testing.assert_allclose(population.values, expected)


def test_a_run_with_fewer_values_gives_what_it_has():
    sweep = sweep_of(
        {"lr": [1, 2]},
        {"score": [0.5, 0.6]},
        histories={"r0000": {"score": [0.5]}, "r0001": {"score": [0.2, NAN, 0.4, NAN, 0.6]}},
    )
    assert populated(sweep, value="mean:2").values.tolist() == [0.5, 0.5]
    assert populated(sweep, value="mean:9").values.tolist() == pytest.approx([0.5, 0.4])
    assert populated(sweep, value="step:3").values.tolist() == [0.5, 0.4]
    assert populated(sweep, value="step:1000").values.tolist() == [0.5, 0.6]


def test_runs_without_what_the_rule_needs_are_left_out_and_counted():
    sweep = sweep_of(
        {"lr": [1, 2, 3]},
        {"score": [0.5, 0.6, 0.7]},
        histories={"r0000": {"score": [0.4, 0.5]}, "r0001": {"score": [NAN, 0.6]}},
    )
    for rule in ("best", "mean:2"):
        ledger = populated(sweep, value=rule).ledger
        assert [(e.reason, e.count) for e in ledger.excluded] == [("no history of score", 1)]
    ledger = populated(sweep, value="step:0").ledger
    assert [(e.reason, e.count) for e in ledger.excluded] == [
        ("no history of score", 1), ("no value of score up to step 0", 1)
    ]  # fmt: skip
    assert (ledger.total, ledger.used) == (3, 1)


def test_the_mean_of_a_run_that_ended_in_nan_is_nan():
    sweep = sweep_of(
        {"lr": [1, 2]},
        {"score": [NAN, 0.6]},
        histories={"r0000": {"score": [0.8, 0.9, NAN]}, "r0001": {"score": [0.5, 0.6, 0.7]}},
    )
    assert populated(sweep, value="mean:2").fate.tolist() == ["score is NaN or infinite", "used"]
    assert populated(sweep, value="best").values.tolist() == [0.9, 0.7]


def test_a_best_that_the_summary_keeps_stands_above_a_thinned_history():
    sweep = sweep_of(
        {"lr": [1, 2]},
        {"score": [0.5, 0.6], "score.max": [0.95, None]},
        histories={"r0000": {"score": [0.4, 0.5]}, "r0001": {"score": [0.9, 0.6]}},
    )
    assert populated(sweep, value="best", metric="score", goal="maximize").values.tolist() == [0.95, 0.9]


@pytest.mark.parametrize("rule", ["last", "best", "mean:3"])
def test_the_runtime_is_a_metric_like_any_other_and_one_number_a_run(rule):
    sweep = read_sample("sample")
    seconds = sweep.runs["runtime"].to_numpy()
    report = reported(sweep, metric="runtime", value=rule)
    assert report.population.objective.goal == "minimize"
    assert report.best_run.value == seconds[report.population.rows].min()
    assert not wants_histories(sweep, Choices(metric="runtime", value=rule))
    assert "each run's own runtime in seconds" in objective_rule(report)
    assert report.best_run.metrics["runtime"] == report.best_run.value
    quick = populated(sweep, filters=(Filter("runtime", high=10.0),))
    assert quick.runs["runtime"].max() <= 10.0
    (axis,) = axes(quick, ["runtime"])
    np.testing.assert_array_equal(axis.values, np.unique(quick.runs["runtime"]))


def test_a_metric_of_the_sources_own_named_runtime_comes_first():
    sweep = sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6], "runtime": [7.0, 9.0]})
    assert populated(sweep, metric="runtime").values.tolist() == [7.0, 9.0]
    assert populated(sweep, metric="runtime of the run").values.tolist() == [60.0, 60.0]


@pytest.mark.parametrize("rule", ["best", "mean:3", "step:10"])
def test_a_source_without_histories_gets_a_sentence(rule):
    with pytest.raises(InputError, match="holds no history of score"):
        populated(sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6]}), value=rule)


def test_histories_are_wanted_only_where_the_rule_needs_them():
    plain = sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6]})
    kept = sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6], "score.max": [0.9, 0.8]})
    assert not wants_histories(plain, Choices())
    assert wants_histories(plain, Choices(value="best"))
    assert wants_histories(kept, Choices(value="mean:3", metric="score"))
    assert not wants_histories(kept, Choices(value="best", metric="score", goal="maximize"))
    assert wants_histories(kept, Choices(value="best", metric="score", goal="minimize"))


def test_python_takes_a_rule_and_derived_columns(snapshot):
    report = build_report(str(snapshot), value="mean:3", derive=["doubled=score*2"], metric="doubled", goal="minimize")
    assert objective_rule(report) == (
        "doubled, minimize; the mean of the last 3 values in each run's history; derived: score*2"
    )
    assert report.best_run.name == "step-winner"
    assert report.best_run.value == pytest.approx(2 * (0.15 + 0.12 + 0.11) / 3)


def test_the_command_line_refuses_what_is_no_rule_or_expression(snapshot, capsys):
    for more in (["--value", "first"], ["--derive", "a=score.__class__"], ["--derive", "nothing"]):
        assert main(["report", str(snapshot), "--quiet", *more]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert 1 <= len(told.err.strip().splitlines()) <= 2
