"""Several sweeps side by side: each figure is the one of the sweep's own report."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.analysis.axes import axes
from lib.analysis.comparison import comparison, part_of, why_unavailable
from lib.analysis.convergence import expected_best
from lib.charts.parallel_coordinates import parallel_coordinates_chart
from lib.charts.trade_off import trade_off_chart
from lib.model.choices import Choices, Filter
from lib.model.derive import derivations_of
from lib.model.errors import InputError
from lib.model.sweep import Declaration
from lib.report import report_of
from lib.sections import compare as words
from lib.sections import compare_tables
from lib.sections.best_run_tables import tie_table
from lib.sections.run_tables import used_runs_table
from lib.sections.top_runs import top_runs_table
from lib.sources.join import join
from testing.sweeps import joined_report, populated, reported, sample_report, sweep_of


@pytest.fixture(scope="module")
def joined():
    return joined_report()


def later(summary, key):
    """Return the times of runs, those of the sweep "b" a day after those of "a": the first run decides the order."""
    count = len(next(iter(summary.values())))
    return [f"2025-03-0{1 if key == 'a' else 2}T00:{minute:02d}:00Z" for minute in range(count)]


def named(key, config, summary, metric="score", goal="maximize", parameters=None, **more):
    """Return a sweep with an id and a declaration of its own."""
    sweep = sweep_of(config, summary, created=later(summary, key), **more)
    own = {"name": key, "metric": {"name": metric, "goal": goal}, "parameters": parameters or {}}
    return sweep.with_declarations((Declaration(id=key, name=key, config=own),))


def two(first, second, first_config, second_config, first_parameters=None, second_parameters=None):
    """Join two sweeps, "a" and "b", of these scores and config columns, each with its declared parameters."""
    one = named("a", first_config, {"score": first}, parameters=first_parameters)
    return join([one, named("b", second_config, {"score": second}, parameters=second_parameters)])


def test_the_figures_of_the_samples_two_sweeps_are_those_of_two_single_reports(joined):
    singles = [sample_report(), sample_report("sample/followup")]
    assert len(joined.comparison.sides) == 2
    for side, single in zip(joined.comparison.sides, singles, strict=True):
        values = single.population.values
        assert (side.total, side.used) == (single.population.ledger.total, single.population.ledger.used)
        assert (side.best, side.best_run) == (single.top_runs[0].value, single.top_runs[0].name)
        np.testing.assert_array_equal(side.values, values)
        assert side.mean == pytest.approx(values.mean(), rel=1e-15)
        assert side.std == pytest.approx(pd.Series(values).std(), rel=1e-12)
        assert side.compute_seconds == pytest.approx(single.overview.compute_seconds)
        np.testing.assert_array_equal(side.effort.best, single.progress["best_so_far"])
        assert side.effort.hours[-1] * 3600 <= single.overview.compute_seconds + 1e-9
        assert side.method == single.overview.methods[0]
    for at, single in enumerate(singles):
        for name, ranges in joined.comparison.ranges:
            assert ranges[at].parameter == next(p for p in single.population.parameters if p.name == name)


def test_the_top_of_both_together_is_the_top_of_the_joint_runs_each_with_its_sweep(joined):
    table = compare_tables.joint_top_table(joined, joined.comparison)
    assert table["run"].tolist() == [run.name for run in joined.top_runs]
    of = joined.population.runs["sweep"].iloc[joined.comparison.top].tolist()
    keys = {side.label: side.key for side in joined.comparison.sides}
    assert [keys[label] for label in table["sweep"]] == of


def test_the_value_that_every_sweep_reached_and_what_it_took():
    sweep = two([1.0, 5.0, 3.0], [2.0, 4.0, 6.0, 9.0], {"lr": [1, 2, 3]}, {"lr": [1, 2, 3, 4]})
    found = comparison(populated(sweep))
    assert found.target == 5.0
    # Every run takes a minute; the second sweep passes 5 with its third run.
    assert [(s.to_target.runs, s.to_target.hours) for s in found.sides] == [(2, 2 / 60), (3, 3 / 60)]


def test_any_value_can_be_asked_for_and_who_never_reached_it_is_said():
    sweep = two([1.0, 5.0, 3.0], [2.0, 4.0, 6.0, 9.0], {"lr": [1, 2, 3]}, {"lr": [1, 2, 3, 4]})
    report = reported(sweep)
    said = words.effort_sentence(report, report.comparison, 8.0)
    assert said == "score 8 was reached by b after 4 runs and 4 min of compute, and not by a."
    assert "was reached by none" in words.effort_sentence(report, report.comparison, 10.0)
    assert "which all of them reached" in words.effort_sentence(report, report.comparison)


def test_the_runs_that_crashed_cost_their_compute_too():
    one = sweep_of(
        {"lr": [1, 2, 3]}, {"score": [1.0, None, 5.0]}, states=["finished", "crashed", "finished"], label="a"
    )
    other = sweep_of({"lr": [1, 2]}, {"score": [4.0, 5.0]}, label="b", created=later({"score": [4.0, 5.0]}, "b"))
    first = comparison(populated(join([one, other]), metric="score", goal="maximize")).sides[0]
    assert (first.used, first.to_target.runs) == (2, 2)
    assert first.to_target.hours == pytest.approx(3 / 60)


def test_the_best_at_equal_runs_is_that_of_the_smallest_sweep(joined):
    first, second = joined.comparison.sides
    assert joined.comparison.equal_runs == second.used == 60
    assert second.expected == (second.best, second.best, second.best)
    expected = expected_best(np.sort(first.values), np.array([60]))
    assert first.expected == tuple(float(x[0]) for x in expected)
    assert first.expected[0] < first.best


def test_a_parameter_that_only_one_sweep_has_is_shown_as_such():
    sweep = two(
        [1.0, 2.0, 3.0],
        [4.0, 5.0],
        {"lr": [0.1, 0.2, 0.3], "wd": [1.0, 2.0, 3.0]},
        {"lr": [0.1, 0.4], "opt": ["adam", "sgd"]},
        {"lr": {"min": 0.1, "max": 0.3}, "wd": {"min": 1.0, "max": 3.0}},
        {"lr": {"min": 0.1, "max": 0.5}, "opt": {"values": ["adam", "sgd"]}},
    )
    report = reported(sweep)
    ranges, sides = dict(report.comparison.ranges), [side.label for side in report.comparison.sides]
    a, b = sides.index("a"), sides.index("b")
    assert list(ranges) == ["lr", "opt", "wd"]
    assert ranges["wd"][b] is None
    assert ranges["opt"][a] is None
    found = [(r.parameter.low, r.parameter.high, r.low, r.high) for r in ranges["lr"]]
    assert found[a] == (0.1, 0.3, 0.1, 0.3)
    assert found[b] == (0.1, 0.5, 0.1, 0.4)
    sentence = words.ranges_sentence(report.comparison)
    assert "opt (not in a)" in sentence
    assert "wd (not in b)" in sentence
    table = compare_tables.ranges_table(report.comparison)
    assert table.loc[(table["parameter"] == "wd") & (table["sweep"] == "b"), "searched over"].tolist() == [
        "not in this sweep"
    ]


def test_different_declared_objectives_are_said_and_not_mixed():
    one = named("a", {"lr": [1, 2]}, {"score": [1.0, 2.0]})
    other = named("b", {"lr": [1, 2]}, {"loss": [1.0, 2.0]}, "loss", "minimize")
    sweep = join([one, other])
    with pytest.raises(InputError, match="different objectives"):
        populated(sweep)
    found = comparison(populated(sweep, metric="score", goal="maximize"))
    assert [(s.used, s.best) for s in found.sides] == [(2, 2.0), (0, None)]
    report = reported(sweep, metric="score", goal="maximize")
    note = words.objectives_note(report, report.comparison)
    assert note == "All are compared by score (maximize) here, but b was run to minimize loss."
    assert words.objectives_note(joined_report(), joined_report().comparison) is None
    assert "nothing to compare it with" in words.comparison_headline(reported(sweep, metric="score", goal="maximize"))


def test_different_goals_of_one_metric_are_said_and_not_mixed():
    one = named("a", {"lr": [1, 2]}, {"score": [1.0, 2.0]})
    other = named("b", {"lr": [1, 2]}, {"score": [1.0, 3.0]}, "score", "minimize")
    sweep = join([one, other])
    with pytest.raises(InputError, match="different objectives"):
        populated(sweep)
    with pytest.raises(InputError, match="different goals for score"):
        populated(sweep, metric="score")
    report = reported(sweep, metric="score", goal="minimize")
    assert [side.best for side in report.comparison.sides] == [1.0, 1.0]
    assert "a was run to maximize score" in words.objectives_note(report, report.comparison)


def test_one_sweep_alone_says_how_to_compare():
    population = populated(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]}))
    assert comparison(population) is None
    assert "second source" in why_unavailable(population)


def test_a_filter_narrows_every_side(joined):
    low = float(np.median(joined.population.values))
    narrowed = report_of(joined.sweep, Choices(filters=(filter_from(joined, low),)))
    for side, whole in zip(narrowed.comparison.sides, joined.comparison.sides, strict=True):
        np.testing.assert_array_equal(side.values, whole.values[whole.values >= low])


def filter_from(report, low):
    return Filter(report.population.objective.metric, low=low)


def test_the_best_of_histories_is_each_sweeps_own(joined):
    best = report_of(joined.sweep, Choices(value="best"))
    alone = report_of(sample_report().sweep, Choices(value="best"))
    assert best.comparison.sides[0].best == alone.top_runs[0].value
    part = part_of(best.population, best.comparison.sides[0].key)
    np.testing.assert_array_equal(part.values, alone.population.values)


def test_everywhere_the_sweep_is_named_an_axis_and_a_filter(joined):
    population = joined.population
    names = population.sweep.sweep_names
    assert list(names.values()) == ["unet-phantom-1", "unet-phantom-2"]
    assert population.sweeps.tolist() == [names[key] for key in population.runs["sweep"]]
    for value in ("unet-phantom-2", next(key for key, name in names.items() if name == "unet-phantom-2")):
        kept = populated(joined.sweep, filters=(Filter("sweep", values=(value,)),))
        assert set(kept.runs["sweep"].map(dict(names))) == {"unet-phantom-2"}
        assert len(kept.rows) == 60
    (axis,) = axes(population, ["sweep"])
    assert axis.levels == ("unet-phantom-1", "unet-phantom-2")
    coloured = parallel_coordinates_chart(population, axes(population), "sweep").to_dict(validate=False)
    assert "unet-phantom-2" in json.dumps(coloured["layer"])
    # Beside the objective's colour, a run of the trade-off says on hover which sweep it is of.
    pointed_at = trade_off_chart(population, joined.trade_off).to_dict(validate=False)
    assert "unet-phantom-2" in {row.get("of") for rows in pointed_at["datasets"].values() for row in rows}
    for table in (
        top_runs_table(joined),
        used_runs_table(joined, population.best_first),
        tie_table(joined),
    ):
        assert table["sweep"].iloc[0] == "unet-phantom-2"


def test_sweeps_of_one_name_are_told_apart_by_their_keys():
    sweep = two([1.0, 2.0], [3.0, 4.0], {"lr": [1, 2]}, {"lr": [3, 4]})
    same = sweep.with_declarations(tuple(replace(d, id=d.id or d.name, name="same") for d in sweep.declarations))
    keys = list(dict.fromkeys(same.runs["sweep"]))
    assert list(same.sweep_names.values()) == [f"same ({key})" for key in keys]


def two_ways_to_say_a_rate():
    """Join a sweep that set its learning rate outright with one that set it as a base times a multiplier."""
    one = named("a", {"learning_rate": [0.001, 0.01, 0.1]}, {"score": [1.0, 3.0, 2.0]})
    other = named(
        "b", {"base_learning_rate": [0.001, 0.01, 0.02], "lr_multiplier": [2, 2, 5]}, {"score": [2.0, 4.0, 1.0]}
    )
    return join([one, other])


def test_a_derived_column_brings_the_parameters_of_two_sweeps_together():
    derive = derivations_of(
        ["lr=coalesce(learning_rate, base_learning_rate * lr_multiplier)", "decades=log10(lr)", "half=score / 2"]
    )
    chosen = {"derive": derive, "parameters": ("lr", "decades"), "metric": "half", "goal": "maximize"}
    report = reported(two_ways_to_say_a_rate(), **chosen)
    population = report.population
    assert population.numbers("lr").tolist() == pytest.approx([0.001, 0.01, 0.1, 0.002, 0.02, 0.1])
    assert population.numbers("decades").tolist() == pytest.approx(np.log10(population.numbers("lr")))
    assert report.best_run.value == 2.0
    assert report.best_run.parameters["lr"] == pytest.approx(0.02)
    assert [name for name, _ in report.comparison.ranges] == ["decades", "lr"]
    assert all(side is not None for _, ranges in report.comparison.ranges for side in ranges)
    assert {axis.name for axis in axes(population)} == {"lr", "decades", "half"}
    narrowed = populated(two_ways_to_say_a_rate(), **chosen, filters=(Filter("lr", high=0.01),))
    assert narrowed.numbers("lr").tolist() == pytest.approx([0.001, 0.01, 0.002])
    with pytest.raises(InputError, match="'lr' is a config key of .* and no metric"):
        populated(two_ways_to_say_a_rate(), derive=derive, metric="lr")


def test_a_scale_of_a_parameter_that_one_sweep_lacks_is_set_where_it_is():
    joint = two([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], {"m": [0.01, 0.1, 0.9]}, {"k": [1.0, 2.0, 3.0]})
    report = reported(joint, scales=(("m", "log"),))
    assert {side.key for side in report.comparison.sides} == {"a", "b"}
