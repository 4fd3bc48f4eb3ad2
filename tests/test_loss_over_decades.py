"""A loss over decades: effects are said by how many times, means are geometric, and no value is rounded to nothing."""

import re
from functools import cache

import numpy as np
import pytest
from scipy import stats

from lib.analysis.one_run import one_run
from lib.findings import findings_of
from lib.model.numbers import factor, number
from lib.render.brief import brief_of
from lib.render.latex import latex_of
from lib.render.markdown import report_as_markdown
from lib.report.as_dict import report_as_dict
from lib.results.report import Report
from lib.sections.cost import best_value_sentence
from lib.sections.effect_tables import table_of_effects
from lib.sections.effect_words import said_in_times
from lib.sections.gains import gains_of
from lib.sections.run import differences
from testing.planted import CELLS, Planted
from testing.planted_runs import runs_of
from testing.sweeps import reported, sweep_of


def losses(sign=1, seed=1, n=80):
    random = np.random.default_rng(seed)
    rate, size = 10 ** random.uniform(-5, -1, n), random.choice([32, 64, 128], n)
    decades = -3 + 1.2 * (np.log10(rate) + 3) ** 2 - 0.8 * np.log2(size / 32) + 0.4 * random.normal(size=n)
    return {"rate": rate, "size": size}, 10 ** (sign * decades)


@cache
def report():
    config, loss = losses()
    return Report(runs_of(config, loss, goal="minimize"))


def effect_of(name, of=None):
    return next(one for one in (of or report()).effects if one.parameter == name)


def test_an_effect_is_how_many_times_lower_the_loss_is():
    # By construction: 0.8 decades a doubling, over two doublings.
    size = effect_of("size")
    assert (size.worse, size.better) == (32, 128)
    assert size.times_low < 10**1.6 < size.times_high
    assert size.times == pytest.approx(10**1.6, rel=0.5)
    text = next(one.text for one in findings_of(report()) if one.id == "effect:size")
    assert re.search(r"going from 32 to 128 makes score \d+ times lower \(95% interval \d+ to \d+, p < 0.001", text)


def test_a_valley_on_the_log_scale_is_a_best_range_whichever_end_is_worse():
    rate = effect_of("rate")
    assert rate.shape == "valley"
    assert 1e-4 < rate.better < 1e-2
    assert next(one.headline for one in findings_of(report()) if one.id == "effect:rate").startswith("The best rate")


def test_the_same_runs_to_be_maximized_have_the_same_effects():
    config, gain = losses(sign=-1)
    turned = Report(runs_of(config, gain, goal="maximize"))
    # Not to the digit: which runs are worst, and are pulled in, differs.
    for name in ("rate", "size"):
        one = effect_of(name)
        assert one.times_low < effect_of(name, turned).times < one.times_high
    text = next(one.text for one in findings_of(turned) if one.id == "effect:size")
    assert "times higher" in text


def test_gains_are_pictured_by_how_many_times_and_in_their_order():
    assert said_in_times(report().effects)
    found = gains_of(report())
    assert [one.parameter for one in found] == ["rate", "size"]
    assert [one.gain for one in found] == [effect_of("rate").times, effect_of("size").times]


def test_written_reports_tell_how_many_times_too():
    found = report_as_dict(report())
    size = next(one for one in found["effects"] if one["parameter"] == "size")
    assert (size["times"], size["times_low"]) == (effect_of("size").times, effect_of("size").times_low)
    times = f"{factor(size['times'])} [{factor(size['times_low'])}, {factor(size['times_high'])}]"
    assert f"| {times} | 32 → 128 |" in brief_of(found)
    assert "How many times better score gets" in brief_of(found)
    assert "How many times better score gets" in latex_of(found)
    table = table_of_effects(report().effects).set_index("parameter")
    assert table.loc["size", ["times better", "95% from"]].tolist() == [size["times"], size["times_low"]]


def test_a_gain_in_units_stays_one_in_written_reports():
    random = np.random.default_rng(0)
    x = random.random(60)
    found = report_as_dict(Report(runs_of({"x": x}, 1 + x + 0.1 * random.normal(size=60), goal="minimize")))
    assert found["effects"][0]["times"] is None
    assert "Gain in score" in brief_of(found)
    assert "Gain in score" in latex_of(found)


def test_the_second_half_of_the_compute_is_told_in_times():
    config, loss = losses()
    sweep = sweep_of(config, {"score": loss.tolist()})
    sweep.runs["runtime"] = 60.0
    found = reported(sweep, metric="score", goal="minimize")
    best = np.minimum.accumulate(loss)
    half = best[len(best) // 2 - 1] / best[-1]
    assert f"the second half made it {factor(half)} times lower" in best_value_sentence(found, found.cost)


def test_two_runs_are_told_apart_by_how_many_times_and_not_by_the_noise_near_the_best():
    config, loss = losses()
    found = reported(sweep_of(config, {"score": loss.tolist()}), metric="score", goal="minimize")
    good, bad = int(np.argmin(loss)), int(np.argmax(loss))
    (told,) = differences(found, [one_run(found.population, row) for row in (bad, good)])
    assert told.endswith(f": {factor(loss[bad] / loss[good])} times lower.")
    assert "noise" not in told


def test_a_loss_of_one_size_has_gains_in_its_units():
    random = np.random.default_rng(0)
    x = random.random(60)
    plain = Report(runs_of({"x": x}, 1 + x + 0.1 * random.normal(size=60), goal="minimize"))
    assert effect_of("x", plain).times is None
    assert not said_in_times(plain.effects)


def test_a_tenth_of_runs_that_diverged_make_no_loss_over_decades():
    """A loss of 5 ± 0.5 of which a tenth is 10,000: its axis is a log one, its effects are differences."""
    cell = next(cell for cell in CELLS if cell.name == "peak, diverged")
    diverged = Planted(cell, 1).population()
    assert diverged.objective_scale == "log"
    assert not diverged.spans_decades
    assert all(effect.times is None for effect in Report(diverged).effects)


def test_what_to_expect_of_the_best_run_is_of_the_size_of_runs_like_it():
    best, (config, loss) = report().best_run, losses()
    near = (np.abs(np.log10(config["rate"] / best.parameters["rate"])) < 0.5) & (config["size"] == 128)
    assert 0.1 < best.expected / stats.gmean(loss[near]) < 10
    assert best.expected_low < best.expected < best.expected_high


def test_no_value_of_the_objective_is_written_as_nothing():
    document = report_as_markdown(report())
    assert not re.search(r"score (is |of )?0(?![.\d])", document)
    assert f"score {number(report().best_run.value)}" in document
    assert "times below the median run" in document
    assert "geometric mean" in document


def test_the_next_sweep_says_what_runs_in_its_space_have_reached():
    following, (_, loss) = report().next_sweep, losses()
    found = re.match(
        r"The (\d+) runs that lie in this space already have a median score of ([\d.e-]+), compared with "
        r"([\d.e-]+) of all runs\.",
        following.expected,
    )
    assert int(found[1]) >= 5
    assert float(found[3]) == pytest.approx(np.median(loss), rel=0.05)
    assert float(found[2]) < float(found[3])
