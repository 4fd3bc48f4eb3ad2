"""The first page: its sentence and its four numbers say what the results say, and claim nothing that findings don't."""

from __future__ import annotations

import numpy as np
import pytest

from lib.findings import findings_of
from lib.model.choices import Choices
from lib.model.numbers import number, precise
from lib.report import build_report, report_of
from lib.sections.gains import gains_of
from lib.sections.next_space import spans_of
from lib.sections.summary import (
    best_metric,
    expected_metric,
    more_metric,
    summary_evidence,
    summary_headline,
    tied_metric,
    tied_runs,
)
from lib.sources.export.read import read_export
from testing.exports import to_csv
from testing.sweeps import reported as reported_sweep
from testing.sweeps import sweep_of


def reported(rows, metric="val_score"):
    header = ["Name", "State", "Created", "lr", metric]
    made = [
        [f"run-{i}", state, f"2025-01-01T00:{i // 60:02d}:{i % 60:02d}Z", lr, v]
        for i, (state, lr, v) in enumerate(rows)
    ]
    return report_of(read_export(to_csv(header, made).encode(), "runs.csv"), Choices())


@pytest.fixture(scope="module")
def sample():
    return build_report("sample")


def test_the_headline_names_the_hyperparameters_that_findings_claim_and_no_other(sample):
    claimed = [f.parameter for f in findings_of(sample) if f.kind == "effect"]
    assert claimed
    headline = summary_headline(sample)
    assert all(name in headline for name in claimed)
    quiet = [f.parameter for f in findings_of(sample) if f.kind == "no_effect"]
    assert quiet
    assert not [name for name in quiet if name in headline]
    assert all(name in summary_evidence(sample) for name in quiet)
    assert [gain.parameter for gain in gains_of(sample) if gain.gain is not None] == claimed


def test_the_headlines_numbers_are_those_that_are_recommended(sample):
    searched = next(p for p in sample.population.searched if p.name == "learning_rate")
    wanted = sample.recommendation.of("learning_rate")
    changed = [new for old, new in ((searched.low, wanted.low), (searched.high, wanted.high)) if new != old]
    assert changed
    assert all(number(end) in summary_headline(sample) for end in changed)


def test_the_cards_state_the_best_what_to_expect_how_many_tie_and_whether_to_go_on(sample):
    best, values = sample.best_run, sample.population.values
    assert best_metric(sample).value == precise(float(values.max()), best.noise.sd)
    assert best_metric(sample).beside == f"+{number(float(values.max() - values.mean()), 2)} against the mean run"
    assert expected_metric(sample).value == precise(best.expected, best.noise.sd)
    assert tied_metric(sample).value == f"{len(tied_runs(sample)):,} of {len(values):,}"
    assert best.run_id in tied_runs(sample)
    assert more_metric(sample).value == {"converged": "Hardly", "still improving": "Yes"}[sample.convergence.verdict]


def test_spans_stay_within_the_picture_and_cover_what_is_next(sample):
    spans = spans_of(sample)
    assert {span.parameter for span in spans} == {p.name for p in sample.population.searched}
    for span in spans:
        places = [*np.ravel(span.searched), *np.ravel(span.next), *span.best]
        assert all(0 <= place <= 1 for place in places)
        assert span.next


def test_noise_is_no_claim():
    values = np.random.default_rng(5).normal(size=40)
    report = reported([("finished", 0.001 * (1 + i), v) for i, v in enumerate(values)])
    assert summary_headline(report) == "No hyperparameter clearly matters in these 40 runs"


def test_one_run_and_none_get_a_sentence_of_their_own():
    one = reported([("finished", 0.1, 0.5)])
    assert summary_headline(one) == "One run says how good it is, not what matters"
    assert best_metric(one).beside == "the only run"
    assert more_metric(one).value == "Can't say"
    none = reported([("crashed", 0.1, 0.5)])
    assert "No run has a usable value" in summary_headline(none)


def test_long_names_are_counted_where_they_would_take_several_lines():
    random = np.random.default_rng(0)
    config = {f"model.encoder.transformer_block.setting_number_{at}": random.random(30).tolist() for at in range(5)}
    made = sweep_of(config, {"score": random.random(30).tolist()})
    report = reported_sweep(made, metric="score", goal="maximize")
    assert "5 hyperparameters show no clear effect in 30 runs." in summary_evidence(report)


def test_a_goal_that_was_inferred_is_said_below_the_headline():
    report = reported([("finished", 0.1 * (1 + i), 1.0 + i) for i in range(9)])
    assert report.population.objective.inferred
    assert "inferred" in summary_evidence(report)
