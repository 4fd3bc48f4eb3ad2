"""The corner in which the best runs crowd: found where it was planted, and not in noise."""

from dataclasses import replace

import numpy as np
import pytest

from lib.analysis.crowded_corner import LEVEL, crowded_corner
from lib.findings import findings_of
from lib.findings.corner_and_best import beside_corner, beside_expected
from lib.render.markdown import escaped, report_as_markdown
from lib.results.report import Report
from lib.sections.claims import claims
from testing.browser.nightly import by_day
from testing.planted_runs import runs_of


def planted(seed, lift, runs=400):
    draw = np.random.default_rng(seed)
    lr, batch = draw.uniform(0.0001, 0.01, runs), draw.choice([4, 8, 16], runs)
    score = draw.normal(0.5, 0.01, runs) + lift * ((batch == 16) & (lr < 0.0012))
    return Report(runs_of({"lr": lr, "batch": batch, "drop": draw.uniform(0, 0.5, runs)}, score))


def test_few_runs_that_hold_the_best_ones_are_named_with_their_counts():
    report = planted(3, 0.08)
    found = report.crowded_corner
    population = report.population
    lr, batch = population.numbers("lr"), population.numbers("batch")
    inside = (batch == found.corner.first.value) & (lr < found.corner.second.high)
    assert (found.corner.first.parameter, found.corner.first.value) == ("batch", 16)
    assert found.corner.runs == inside.sum() <= 0.05 * 400
    assert found.corner.mean == pytest.approx(population.values[inside].mean())
    rank = np.argsort(np.argsort(-population.values)) + 1
    assert list(found.corner.ranks) == sorted(r for r in rank[inside] if r <= 10)
    assert found.p_value == pytest.approx(min(1, found.corner.p_value * found.pairs))
    assert found.p_value < LEVEL
    texts = [one.text for one in findings_of(report) if "corner" in one.evidence]
    assert len(texts) == 1
    assert "batch = 16" in texts[0]
    # Beside the claim on the best run there is one on the corner: what opens a run has a key of its own in each.
    keys = [claim.run.key for claim in claims(report) if claim.run is not None]
    assert len(keys) == len(set(keys)) >= 1


@pytest.mark.parametrize("sweeps", by_day([40, 10], [10]))
def test_noise_has_no_crowded_corner(sweeps):
    found = [planted(seed, 0.0, 120).crowded_corner for seed in range(sweeps)]
    assert sum(one is not None for one in found) <= max(sweeps // 20, 1)


def test_few_runs_have_none():
    report = planted(3, 0.08, 30)
    assert crowded_corner(report.population, report.effects) is None


def test_where_the_corner_and_the_model_disagree_on_the_best_run_every_place_says_why():
    """A corner so small and so much better that a model of all runs doesn't follow it."""
    report = planted(3, 0.08)
    best, corner = report.best_run, report.crowded_corner.corner
    assert 1 in corner.ranks
    report.__dict__["best_run"] = replace(best, expected=0.52, expected_low=0.51, expected_high=0.53)
    (text,) = (one.text for one in findings_of(report) if "corner" in one.evidence)
    assert f"if {best.name} is repeated, it expects 0.52" in text
    assert "to 0.530). The corner was picked because its mean is good" in text
    # On Interactions and on Best run too.
    document = report_as_markdown(report)
    assert escaped(beside_corner(report, corner)) in document
    assert f"have a mean of {corner.mean:.3g}, which is better than this interval" in beside_expected(report)
    assert escaped(beside_expected(report)) in document


def test_where_they_agree_nothing_is_said():
    report = planted(3, 0.08)
    best, corner = report.best_run, report.crowded_corner.corner
    for low, high in ((0.57, corner.mean + 0.001), (corner.mean + 0.01, corner.mean + 0.02)):
        report.__dict__["best_run"] = replace(best, expected=high, expected_low=low, expected_high=high)
        assert beside_expected(report) == beside_corner(report, corner) == ""
    report.__dict__["best_run"] = replace(best, expected=0.51, expected_low=0.5, expected_high=0.52)
    assert beside_corner(report, replace(corner, ranks=(2, 3, 4))) == ""
