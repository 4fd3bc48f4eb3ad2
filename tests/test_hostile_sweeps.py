"""Hostile sweeps through every analysis: a report that adds up, or a sentence; and how runs arrive is irrelevant."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.model.errors import InputError
from lib.render.archive import pictures
from lib.render.markdown import report_as_markdown
from lib.report import Report
from testing.planted_runs import runs_of
from testing.sweeps import reported, sweep_of

# A whole report a case is slow: these try 3 in CI, 6 of any sweep, and a fifth of what the profile asks for at night.
AT_NIGHT = settings.default.max_examples > 50
FEWER = settings.default.max_examples // (5 if AT_NIGHT else 16)
FLOATS = st.one_of(
    st.floats(),
    st.floats(-1, 1),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1e300, -1e300, 1e308, 1e-300, 5e-324]),
)
KINDS = (
    FLOATS,
    st.floats(1e-5, 1e-1),
    st.one_of(st.none(), st.floats(0, 1)),
    st.integers(-(2**70), 2**70),
    st.integers(1, 50),
    st.sampled_from([4, 8, 16]),
    st.sampled_from([True, False, None]),
    st.sampled_from(["relu", "gelu", "<b>x</b>", "{0}", "=1+1", "ü | `x`", "None", "", None]),
    st.sampled_from(["auto", 16, 0.5, True, [1, 2], {"a": 1}]),
    st.just(0.25),
    st.none(),
)
NAMES = st.sampled_from(
    ["optimizer.lr", "a[0]", "batch size", "{x}", "<i>wd</i>", "=cmd|1", "Größe", "%s", "lr", "score", "name", "count"]
)
STATES = st.sampled_from(["finished", "finished", "finished", "crashed", "running", "", "weird"])


@st.composite
def columns(draw, runs):
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    kinds = [draw(st.sampled_from(KINDS)) for _ in names]
    return {name: draw(st.lists(kind, min_size=runs, max_size=runs)) for name, kind in zip(names, kinds, strict=True)}


@st.composite
def sweeps(draw):
    """Draw what `sweep_of` takes: few runs mostly, since those need no forest."""
    runs = draw(st.one_of(st.integers(1, 16), st.integers(20, 26)))
    config = draw(columns(runs))
    objective = draw(st.one_of(FLOATS, st.floats(0, 1), st.just(0.5), st.integers(0, 3)))
    summary = draw(columns(runs)) | {"score": [draw(st.one_of(st.just(objective), FLOATS)) for _ in range(runs)]}
    states = draw(st.lists(STATES, min_size=runs, max_size=runs))
    goal = draw(st.sampled_from(["maximize", "minimize"]))
    return config, summary, states, goal


def whole(report):
    return json.dumps(report.to_dict(), allow_nan=False, ensure_ascii=False)


@settings(max_examples=2 * FEWER, suppress_health_check=list(HealthCheck))
@given(sweeps())
def test_any_sweep_gives_a_report_that_adds_up_or_a_sentence(drawn):
    config, summary, states, goal = drawn
    try:
        report = reported(sweep_of(config, summary, states=states), metric="score", goal=goal)
    except InputError as error:
        assert "score" in str(error)  # noqa: PT017
        return
    found = json.loads(whole(report))
    assert report_as_markdown(report)
    for figure in pictures(report):
        json.dumps(figure.spec, allow_nan=False)
    used = found["runs"]["used"]
    assert found["runs"]["total"] == len(states) == used + sum(e["count"] for e in found["runs"]["excluded"])
    assert (found["best_run"] is None) == (used == 0)
    for one in found["discrete"]:
        assert sum(group["count"] for group in one["groups"]) <= used
    for one in found["continuous"]:
        assert sum(b["count"] for b in one["trend"]) <= used
    assert all(0 <= c["n"] <= used for c in found["correlations"])
    assert all(c["coefficient"] is None or abs(c["coefficient"]) <= 1 for c in found["correlations"])


@settings(max_examples=FEWER, suppress_health_check=list(HealthCheck))
@given(sweeps(), st.randoms(use_true_random=False))
def test_the_order_in_which_runs_arrive_changes_nothing(drawn, random):
    config, summary, states, goal = drawn
    order = list(range(len(states)))
    random.shuffle(order)
    try:
        one = reported(sweep_of(config, summary, states=states), metric="score", goal=goal)
        other = reported(sweep_of(config, summary, states=states, order=order), metric="score", goal=goal)
    except InputError:
        return
    assert whole(one) == whole(other)


@settings(max_examples=FEWER, suppress_health_check=list(HealthCheck))
@given(st.integers(3, 40), st.integers(0, 10**6))
def test_minimizing_the_negative_mirrors_maximizing(runs, seed):
    rng = np.random.default_rng(seed)
    x, act = rng.uniform(0, 1, runs), rng.choice(["a", "b"], runs)
    y = np.round(x * (act == "a") + rng.normal(0, 0.3, runs), 3)
    config = {"x": x.tolist(), "act": act.tolist()}
    up = reported(sweep_of(config, {"score": y.tolist()}), goal="maximize").to_dict()
    down = reported(sweep_of(config, {"score": (-y).tolist()}), goal="minimize").to_dict()
    assert up["best_run"]["run_id"] == down["best_run"]["run_id"]
    assert up["best_run"]["value"] == -down["best_run"]["value"]
    assert up["best_run"]["tied_run_ids"] == down["best_run"]["tied_run_ids"]
    assert [t["run_id"] for t in up["top_runs"]] == [t["run_id"] for t in down["top_runs"]]
    for a, b in zip(up["correlations"], down["correlations"], strict=True):
        assert (a["coefficient"] is None) == (b["coefficient"] is None)
        if a["coefficient"] is not None:
            assert a["coefficient"] == pytest.approx(-b["coefficient"])
            assert a["p_value"] == pytest.approx(b["p_value"])
    assert [(f["id"], f["strength"]) for f in up["findings"]] == [(f["id"], f["strength"]) for f in down["findings"]]
    assert (up["next_sweep"] or {}).get("parameters") == (down["next_sweep"] or {}).get("parameters")


def flat(found, unit, path=()):
    """Return a report's numbers by their place in it, without the objective's unit (it alone is so small or large)."""
    if isinstance(found, dict | list):
        inside = found.items() if isinstance(found, dict) else enumerate(found)
        return {place: n for key, value in inside for place, n in flat(value, unit, (*path, key)).items()}
    if isinstance(found, float) and (abs(found) > 1e100 or 0 < abs(found) < 1e-100):
        return {path: found / unit}
    return {path: found} if isinstance(found, int | float) else {}


@pytest.mark.parametrize(
    "exponent", [-980, *(pytest.param(at, marks=pytest.mark.nightly) for at in (-400, 400, 1000)), 1020]
)
def test_an_objective_of_any_size_gives_the_same_report(exponent):
    random = np.random.default_rng(3)
    config = {"lr": 10 ** random.uniform(-4, -1, 60), "act": random.choice(["a", "b", "c"], 60).tolist()}
    config |= {"batch": random.choice([4, 8, 16], 60).tolist()}
    score = np.log10(config["lr"]) * 0.3 + np.array([act == "a" for act in config["act"]]) * 0.5
    score += random.normal(0, 0.3, 60)
    plain = report_of_runs(config, score)
    large = report_of_runs(config, score * 2.0**exponent)
    assert flat(large, 2.0**exponent) == pytest.approx(flat(plain, 1.0), rel=1e-9)


def report_of_runs(config, score):
    return json.loads(whole(Report(runs_of(config, score))))
