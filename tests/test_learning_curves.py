"""Learning curves and early stopping: curves on common places, best places, gaps, rankings, and Hyperband replayed."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
import yaml
from packaging.version import Version
from scipy import stats

from lib.analysis.early_stopping import early_stopping, rank_curve, replay
from lib.analysis.learning_curves import (
    MOST_PLACES,
    MetricPair,
    axes_of,
    common_length,
    curve_metrics,
    curves,
    gap,
    learning_curves,
    metric_pairs,
    quantiles,
    rows_named,
    run_labels,
    steps_of,
    why_unavailable,
)
from lib.charts.learning_curves import curves_chart
from lib.model.sweep import Declaration
from lib.report import report_of
from lib.sections import learning_curves_tables as tables
from lib.sections import learning_curves_words as words
from lib.sections.findings import next_sweep_sentence
from testing.sweeps import populated, reported, sample_report, sweep_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sweeps import RunState, SweepRun
    from sweeps.hyperband_stopping import hyperband_stop_runs

NAN = float("nan")


def logged(histories, **choices):
    """Return the population of runs that logged these values of `score`, the last of which is in the summary."""
    last = [next((v for v in reversed(values["score"]) if v == v), None) for values in histories]
    sweep = sweep_of(
        {"lr": [0.1 * (i + 1) for i in range(len(histories))]},
        {"score": last},
        histories={f"r{i:04d}": values for i, values in enumerate(histories)},
    )
    return populated(sweep, metric="score", goal=choices.pop("goal", "maximize"), **choices)


def test_a_curve_holds_the_last_value_logged_by_each_place_and_nothing_outside_the_run():
    population = logged([{"score": [NAN, 1.0, NAN, 3.0]}, {"score": [5.0, 6.0]}])
    steps = steps_of(population, "score", "_step")
    found = curves(population, steps, "score")
    assert steps.places.tolist() == [0, 1, 3]
    np.testing.assert_array_equal(found.values, [[NAN, 1, 3], [5, 6, NAN]])
    np.testing.assert_array_equal(found.logged, [1, 1.5, 2])


def test_the_best_place_is_where_the_best_value_was_first_logged():
    up = learning_curves(logged([{"score": [1.0, 4.0, 4.0, 2.0]}, {"score": [3.0, 2.0, 1.0, 0.0]}]))
    down = learning_curves(logged([{"score": [1.0, 4.0, 4.0, 2.0]}, {"score": [3.0, 2.0, 1.0, 0.0]}], goal="minimize"))
    assert (up.best_place.tolist(), up.best_value.tolist()) == ([1, 0], [4, 3])
    assert (down.best_place.tolist(), down.best_value.tolist()) == ([0, 3], [1, 0])


def test_runs_that_end_before_most_others_do_are_said_to_have_stopped_early():
    population = logged([{"score": [1.0, 2.0, 3.0]}] * 4 + [{"score": [1.0]}])
    found = learning_curves(population)
    assert found.length == 2
    assert found.stopped.tolist() == [4]
    assert common_length(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])) is None
    assert common_length(np.array([NAN])) is None


def test_many_steps_are_thinned_to_a_hundred_places_and_keep_each_runs_end():
    rng = np.random.default_rng(0)
    values = rng.normal(size=1_000).cumsum().tolist()
    population = logged([{"score": values}, {"score": values[:537]}])
    found = learning_curves(population).curves
    assert found.values.shape == (2, MOST_PLACES)
    assert found.values[0, -1] == values[-1]
    assert found.values[1][~np.isnan(found.values[1])][-1] == values[536]


def test_quartiles_are_numpys_and_pass_over_what_is_missing():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(37, 6))
    values[rng.uniform(size=values.shape) < 0.3] = NAN
    values[:, 5] = NAN
    expected = np.nanquantile(values[:, :5], [0.25, 0.5, 0.75], axis=0)
    found = quantiles(values, (0.25, 0.5, 0.75))
    np.testing.assert_allclose(found[:, :5], expected)
    assert np.isnan(found[:, 5]).all()


@pytest.mark.parametrize(
    ("names", "pairs"),
    [
        (["loss", "val_loss", "acc", "val_acc"], [("loss", "val_loss"), ("acc", "val_acc")]),
        (["train/loss", "eval/loss"], [("train/loss", "eval/loss")]),
        (["loss", "train_loss", "valid.loss"], [("train_loss", "valid.loss")]),
        (
            ["accuracy/train", "accuracy/test", "accuracy/dev"],
            [("accuracy/train", "accuracy/dev"), ("accuracy/train", "accuracy/test")],
        ),
        (["val_loss", "test_loss", "evaluated", "value"], []),
        (["val", "train"], []),
    ],
)
def test_training_and_held_out_metrics_are_paired_by_their_names(names, pairs):
    assert [(p.trained, p.held_out) for p in metric_pairs(names)] == pairs


def test_the_gap_is_how_much_worse_the_held_out_metric_is():
    histories = [
        {"score": [1.0, 2.0], "loss": [1.0, 0.2], "val_loss": [1.0, 0.5]},
        {"score": [1.0, 2.0], "loss": [1.0, 0.1], "val_loss": [0.8, 1.1]},
    ]
    found = gap(logged(histories), MetricPair("loss", "val_loss"))
    np.testing.assert_allclose(found.values, [[0.0, 0.3], [-0.2, 1.0]])
    np.testing.assert_allclose(found.last, [0.3, 1.0])
    np.testing.assert_allclose(found.fallen, [0.0, 0.3])
    np.testing.assert_allclose(found.median, [-0.1, 0.65])


def test_the_ranking_at_each_epoch_of_the_sample_is_scipys():
    report = sample_report()
    population, ranks = report.population, report.rank_curve
    history = report.sweep.history
    at = history[history["epoch"] == 20].set_index("run_id")[population.objective.metric]
    here = population.runs["run_id"].map(at).to_numpy(dtype=float)
    expected = stats.spearmanr(here[np.isfinite(here)], population.values[np.isfinite(here)]).statistic
    place = ranks.places.tolist().index(20)
    assert ranks.coefficient[place] == pytest.approx(expected, rel=1e-12)
    assert ranks.n[place] == np.isfinite(here).sum()
    assert ranks.coefficient[-1] == pytest.approx(1.0)
    assert ranks.known_from == ranks.places[-1]


def test_hyperband_replayed_ends_a_run_whose_best_so_far_is_below_what_runs_before_had():
    # By hand: brackets at the 2nd and the 4th value (min_iter 2, eta 2). The third run is below the best half of the
    # three by then; the fourth is too, but was above it before, so it goes on. A first run has nothing to fall below.
    good = np.array([[0, 4, 5, 9], [0, 6, 9, 9], [0, 3, 9, 9], [7, 1, 2, 9]], dtype=float)
    counts = np.array([1.0, 2.0, 3.0, 4.0])
    assert replay(good, counts, 2, 2).tolist() == [3, 3, 1, 3]
    assert replay(good[[2, 0]], counts, 2, 2).tolist() == [3, 3]


@pytest.mark.parametrize(("seed", "min_iter", "eta"), [(0, 1, 2), (1, 2, 3), (2, 3, 2), (3, 1, 3)])
def test_hyperband_replayed_is_that_of_wandbs_package(seed, min_iter, eta):
    random = np.random.default_rng(seed)
    good = np.round(random.normal(size=(14, 1)) + random.normal(size=(14, 9)), 1)
    config = {
        "method": "random",
        "metric": {"name": "score", "goal": "maximize"},
        "early_terminate": {"type": "hyperband", "min_iter": min_iter, "eta": eta, "strict": False},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    # Before 0.3.0 the package looked at the value after `min_iter`: a first value worse than all makes up for it.
    before = [-1e9] if Version(version("sweeps")) < Version("0.3.0") else []
    earlier, ends = [], []
    for run, values in enumerate(good.tolist()):
        end = len(values)
        for reached in range(1, len(values) + 1):
            history = [{"score": value} for value in [*before, *values[:reached]]]
            own = SweepRun(name=str(run), state=RunState.running, sampledHistory=history)
            if hyperband_stop_runs([*earlier, own], config):
                end = reached
                break
        history = [{"score": value} for value in [*before, *values[:end]]]
        earlier.append(SweepRun(name=str(run), state=RunState.finished, sampledHistory=history))
        ends.append(end - 1)
    assert replay(good, np.arange(1.0, 10.0), min_iter, eta).tolist() == ends
    assert min(ends) < 8


def steady_runs(runs, noise):
    rng = np.random.default_rng(0)
    level = rng.normal(size=runs)
    return [{"score": (level[i] * np.arange(1, 31) / 30 + noise * rng.normal(size=30)).tolist()} for i in range(runs)]


def test_where_the_ranking_is_clear_from_the_start_early_stopping_is_recommended_and_keeps_the_best():
    population = logged(steady_runs(60, 0.001))
    learned = learning_curves(population)
    rule = early_stopping(population, learned, rank_curve(population, learned))
    assert rule is not None
    assert rule.config == {"type": "hyperband", "min_iter": rule.min_iter, "eta": rule.eta, "strict": False}
    assert rule.min_iter <= 3
    assert rule.saved_share > 0.5
    counts = np.arange(1.0, 31.0)
    last = replay(learned.curves.values, counts, rule.min_iter, rule.eta)
    assert last[population.best_first[0]] == 29
    assert np.mean(last[population.best_first[:6]] == 29) >= 0.8
    assert 1 - counts[last].sum() / (60 * 30) == pytest.approx(rule.saved_share)


def test_the_next_sweep_and_the_findings_name_the_rule_and_one_of_the_sweeps_own_stays():
    population = logged(steady_runs(60, 0.001))
    report = report_of(population.sweep, population.choices)
    rule = report.early_stopping
    config = yaml.safe_load(report.next_sweep.to_yaml())
    assert config["early_terminate"] == rule.config
    said = f"Stop weak runs early (Hyperband, min_iter {rule.min_iter}, eta {rule.eta})"
    assert said in next_sweep_sentence(report)
    own = {"type": "hyperband", "min_iter": 7, "s": 2}
    declared = {"early_terminate": own, "parameters": {"lr": {"min": 0.1, "max": 6.0}}}
    stopped = population.sweep.with_declarations((Declaration(config=declared),))
    report = report_of(stopped, population.choices)
    assert report.early_stopping is None
    assert report.next_sweep.config["early_terminate"] == own
    assert "own rule (hyperband)" in words.early_stopping_sentence(report)


def test_noise_and_few_runs_support_no_early_stopping():
    for histories in (steady_runs(60, 100.0), steady_runs(12, 0.001)):
        population = logged(histories)
        learned = learning_curves(population)
        assert early_stopping(population, learned, rank_curve(population, learned)) is None


def test_without_histories_the_page_says_so_and_nothing_fails():
    report = reported(sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]}))
    assert "no histories" in why_unavailable(report.population)
    assert (report.learning_curves, report.rank_curve, report.early_stopping) == (None, None, None)
    assert "no histories" in words.learning_curves_headline(report)


def test_an_objective_that_was_only_logged_at_the_end_leaves_the_other_metrics_to_draw():
    population = populated(
        sweep_of(
            {"lr": [0.1, 0.2]},
            {"test_score": [1.0, 2.0]},
            histories={"r0000": {"loss": [3.0, 2.0]}, "r0001": {"loss": [3.0, 1.0]}},
        )
    )
    assert learning_curves(population) is None
    assert curve_metrics(population) == ["loss"]
    assert axes_of(population, "loss") == ["_step"]


def test_the_order_of_the_rows_changes_nothing():
    histories = steady_runs(25, 0.05)
    sweep = logged(histories).sweep
    shuffled = sweep.history.sample(frac=1, random_state=0)
    one = learning_curves(populated(sweep))
    other = learning_curves(populated(type(sweep)(**{**vars_of(sweep), "history": shuffled.reset_index(drop=True)})))
    np.testing.assert_array_equal(one.curves.values, other.curves.values)
    np.testing.assert_array_equal(one.best_place, other.best_place)


def vars_of(sweep):
    return {name: getattr(sweep, name) for name in sweep.__dataclass_fields__}


def test_the_sentences_of_the_sample_quote_its_own_numbers():
    report = sample_report()
    learned, best = report.learning_curves, int(report.population.best_first[0])
    headline = words.learning_curves_headline(report)
    assert report.population.runs["name"].iloc[best] in headline
    assert f"epoch {learned.best_place[best]:.0f}" in headline
    table = tables.stopped_table(report, learned)
    assert len(table) == len(learned.stopped)
    assert table["last epoch"].max() < learned.length
    assert isinstance(tables.best_places_table(report, learned, report.population.best_first[:10]), pd.DataFrame)


def test_runs_are_found_by_name_and_by_id_and_those_of_one_name_are_told_apart():
    population = populated(
        sweep_of({"lr": [1, 2, 3, 4]}, {"score": [1.0, 4.0, 3.0, 2.0]}, names=["a", "twin", "twin", "b"]),
        states=("finished",),
    )
    assert run_labels(population) == ["a", "twin (r0001)", "twin (r0002)", "b"]
    rows, unknown = rows_named(population, ["a", "twin (r0002)", "r0003", "nobody", "twin"])
    assert rows.tolist() == [2, 3, 0]
    assert unknown == ("nobody", "twin")


def test_chosen_runs_have_a_line_and_a_name_each_and_the_rest_are_quartiles_or_faint_lines():
    report = sample_report()
    population, drawn = report.population, report.learning_curves.curves
    chosen = population.best_first[[0, 50, 100]]
    labels = [run_labels(population)[row] for row in chosen]
    for faded in (False, True):
        spec = curves_chart(population, drawn, chosen, lower=False, named=True, faded=faded).to_dict()
        rows = [row for data in spec["datasets"].values() for row in data]
        # The chart is given places; the runs' names stand at the ends of their lines, and the rest has none.
        assert {row["kind"] for row in rows} == {0, 1, 2, 3}
        named = {row["kind"]: row["label"] for row in rows if "label" in row}
        assert named == dict(enumerate(labels))
        assert spec["layer"][-1]["encoding"]["color"]["legend"] is None
        behind = [row for row in rows if row["kind"] == 3]
        assert ("median" in behind[0]) != faded
        assert len({row["line"] for row in behind if "line" in row}) == (100 if faded else 0)
        for place, row in enumerate(chosen):
            own = {(r["x"], r["y"]) for r in rows if r["kind"] == place and "label" not in r}
            assert own == set(zip(drawn.steps.places, drawn.values[row], strict=True))


def test_half_of_the_runs_were_at_their_best_by_the_median_of_those_places():
    learned = sample_report().learning_curves
    median = np.nanmedian(learned.best_place)
    assert words.learning_curves_evidence(sample_report()) == f"Half of the runs had their highest by epoch {median:g}."


def test_the_gap_of_the_objective_goes_by_its_goal_whatever_its_name():
    histories = [{"score": [1.0, 2.0], "val_score": [1.0, 2.5]}, {"score": [1.0, 1.5], "val_score": [0.8, 1.7]}]
    pair = MetricPair("score", "val_score")
    np.testing.assert_allclose(gap(logged(histories), pair).last, [-0.5, -0.2])
    np.testing.assert_allclose(gap(logged(histories, goal="minimize"), pair).last, [0.5, 0.2])


def test_thinned_histories_are_counted_by_their_steps_and_along_epochs_not_at_all():
    # The ranking is clear from the third value on only: before that, all is noise.
    runs = steady_runs(60, 0.001)
    noise = np.random.default_rng(5).normal(size=(60, 2)).tolist()
    population = logged([{"score": [*noise[i], *one["score"][2:]]} for i, one in enumerate(runs)])
    learned = learning_curves(population)
    whole = early_stopping(population, learned, rank_curve(population, learned))
    history = population.sweep.history
    every_tenth = history.assign(_step=history["_step"] * 10)
    for frame, ratio in ((every_tenth, 10), (every_tenth.assign(epoch=history["_step"]), None)):
        thinned = populated(replace(population.sweep, history=frame, thinned=True))
        curves = learning_curves(thinned)
        rule = early_stopping(thinned, curves, rank_curve(thinned, curves))
        assert (rule is None) == (ratio is None)
        if rule is not None:
            assert rule.min_iter >= 5 * whole.min_iter
            assert "thinned" in rule.why
