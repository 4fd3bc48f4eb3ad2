"""What the runs cost: compute by state, effort, lanes and pauses of the timeline, counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lib.analysis.cost import cost, lanes, timeline, why_unavailable
from lib.analysis.effects import effects
from lib.analysis.effort import effort, improvements
from lib.charts.cost import MOST_BINS, best_per_hour_chart, busy_between, parallel_chart, timeline_chart
from lib.model.choices import Filter
from lib.sections import cost as words
from testing.sweeps import populated, reported, sample_report, sweep_of

MINUTE = "2025-03-01T00:{:02d}:00Z"


def timed(minutes, seconds, scores=None, states=None):
    """Return the sweep of runs that were created at these minutes and ran for this many seconds."""
    sweep = sweep_of(
        {"lr": list(range(len(minutes)))},
        {"score": scores or [float(i) for i in range(len(minutes))]},
        created=[MINUTE.format(m) for m in minutes],
        states=states,
    )
    sweep.runs["runtime"] = np.array(seconds, dtype=float)
    return sweep


@pytest.mark.parametrize(
    ("seconds", "title", "last"), [(1_800, "Minutes of compute", 60.0), (7_200, "Hours of compute", 4.0)]
)
def test_compute_of_two_hours_at_most_is_drawn_in_minutes(seconds, title, last):
    population = populated(timed([0, 1], [seconds, seconds]))
    drawn = best_per_hour_chart(effort(population), population.objective, "linear").to_dict()
    assert drawn["layer"][0]["encoding"]["x"]["title"] == title
    (rows,) = drawn["datasets"].values()
    assert max(row["x"] for row in rows) == pytest.approx(last)


def test_compute_adds_up_by_state_and_to_all():
    sweep = timed([0, 1, 2, 3], [60, 30, 90, np.nan], states=["finished", "crashed", "finished", "finished"])
    found = cost(populated(sweep))
    assert [(s.state, s.runs, s.timed, s.seconds) for s in found.states] == [
        ("finished", 3, 2, 150.0),
        ("crashed", 1, 1, 30.0),
    ]
    assert (found.seconds, found.used_seconds, found.n) == (180.0, 150.0, 2)


def test_the_best_so_far_is_set_against_all_that_was_spent_by_then():
    sweep = timed([0, 1, 2, 3], [60, 30, 90, 60], [1.0, 9.0, 5.0, 4.0], ["finished", "crashed", "finished", "finished"])
    found = effort(populated(sweep))
    assert found.best.tolist() == [1.0, 5.0, 5.0]
    assert (found.hours * 3600).tolist() == pytest.approx([60, 180, 240])
    assert improvements(found).tolist() == [0, 1, 2]
    assert cost(populated(sweep)).best_after * 3600 == pytest.approx(180)


def test_runs_that_a_filter_leaves_out_do_not_count():
    sweep = timed([0, 1, 2], [60, 30, 90])
    found = cost(populated(sweep, filters=(Filter("lr", high=1),)))
    assert found.seconds == 90
    assert len(found.timeline.rows) == 2


def test_objective_and_runtime_are_correlated_as_scipy_does():
    report = sample_report()
    expected = stats.spearmanr(report.population.values, report.population.runs["runtime"]).statistic
    assert report.cost.agreement == pytest.approx(expected, rel=1e-12)
    assert report.cost.effects == effects(report.cost.timed)


def test_what_makes_a_run_longer_is_found_and_in_seconds():
    rng = np.random.default_rng(0)
    width = rng.choice([1, 2, 4], 60)
    sweep = sweep_of(
        {"width": width.tolist(), "lr": rng.uniform(size=60).tolist()}, {"score": rng.normal(size=60).tolist()}
    )
    sweep.runs["runtime"] = 100.0 * width + rng.normal(0, 5, 60)
    found = cost(populated(sweep))
    claimed = [e for e in found.effects if e.claimed]
    assert [e.parameter for e in claimed] == ["width"]
    assert (claimed[0].better, claimed[0].worse) == (1, 4)
    assert claimed[0].gain == pytest.approx(300, rel=0.05)
    assert "width from 1 to 4 makes a run 4 min 5" in words.price_sentence(found) or "5 min" in words.price_sentence(
        found
    )


def test_the_timeline_counts_what_ran_at_once_and_the_pauses():
    # By hand: 0..120 and 60..180 overlap for a minute; a pause of 420 s; then 600..660.
    found = timeline(populated(timed([0, 1, 10], [120, 120, 60])))
    assert found.at.tolist() == [0, 60, 120, 180, 600, 660]
    assert found.running.tolist() == [1, 2, 1, 0, 1, 0]
    assert found.lane.tolist() == [0, 1, 0]
    assert (found.most, found.span, found.idle) == (2, 660, 420)
    assert found.parallel == pytest.approx(300 / 240)
    assert [(g.seconds, g.start) for g in found.gaps] == [(420, pd.Timestamp("2025-03-01T00:03Z"))]


def test_a_run_without_a_known_end_is_counted_and_not_drawn():
    found = timeline(populated(timed([0, 1], [60, np.nan])))
    assert (found.rows.tolist(), found.untimed) == ([0], 1)
    assert "1 run without" in words.timeline_sentence(found)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), min_size=1, max_size=40))
def test_lanes_never_overlap_and_are_as_few_as_run_at_once(intervals):
    ordered = sorted(intervals)
    start = np.array([s for s, _ in ordered], dtype=float)
    end = start + np.array([d for _, d in ordered], dtype=float)
    lane = lanes(start, end)
    for own in set(lane.tolist()):
        mine = lane == own
        assert np.all(start[mine][1:] >= end[mine][:-1])
    most = max(int(np.sum((start <= t) & (end > t))) for t in start)
    assert lane.max() + 1 == most


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0.1, 30)), min_size=1, max_size=20))
def test_the_time_in_each_stretch_is_the_overlap_with_it(intervals):
    start = np.array([s for s, _ in intervals])
    end = start + np.array([d for _, d in intervals])
    edges = np.linspace(0, 130, 8)
    expected = [
        np.clip(np.minimum(end, high) - np.maximum(start, low), 0, None).sum()
        for low, high in zip(edges, edges[1:], strict=False)
    ]
    np.testing.assert_allclose(busy_between(start, end, edges), expected, atol=1e-9)


def test_of_many_runs_the_chart_holds_bins_and_not_each_run():
    runs = 2_000
    sweep = sweep_of({"lr": list(range(runs))}, {"score": [float(i) for i in range(runs)]})
    population = populated(sweep)
    found = timeline(population)
    rows = sum(len(d) for d in timeline_chart(population, found).to_dict()["datasets"].values())
    assert rows <= MOST_BINS
    assert sum(len(d) for d in parallel_chart(found).to_dict()["datasets"].values()) <= MOST_BINS


def test_all_sentences_say_the_same_compute():
    # The last run was left out: what it took is part of all that was spent.
    sweep = timed([0, 1, 2, 3], [600, 600, 600, 1200], [1.0, 2.0, 3.0, 4.0], ["finished"] * 3 + ["crashed"])
    report = reported(sweep, metric="score", goal="maximize")
    assert "50 min" in words.cost_headline(report)
    assert "of the 50 min of compute" in words.best_value_sentence(report, report.cost)


def test_where_the_last_run_is_the_best_nothing_was_spent_after_it():
    # Hours that are added up and turned back leave a rounding error of seconds.
    assert words.seconds_after(cost(populated(timed([0], [3966])))) == 0.0
    assert words.seconds_after(cost(populated(timed([0, 1], [3966, 60], [2.0, 1.0])))) == pytest.approx(60)


def test_without_runtimes_the_page_says_so():
    sweep = sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]})
    sweep.runs["runtime"] = np.nan
    report = reported(sweep)
    assert report.cost is None
    assert "no runtimes" in why_unavailable(report.population)
    assert "no runtimes" in words.cost_headline(report)
