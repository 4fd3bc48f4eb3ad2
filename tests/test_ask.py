"""The model's answer about a setting agrees with what the report says of settings that were run."""

from __future__ import annotations

import pytest

from lib.analysis.ask import ask, askable
from lib.report import Report, build_report
from lib.sections.ask import as_arguments


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report("sample")


def of_best(report: Report) -> dict[str, object]:
    assert report.best_run is not None
    return {p.name: report.best_run.parameters[p.name] for p in askable(report.population)}


def test_asked_about_the_best_run_it_expects_what_the_report_does(report: Report) -> None:
    answer, best = ask(report.population, tuple(of_best(report).items())), report.best_run
    assert answer is not None
    assert best is not None
    assert best.expected is not None
    assert best.expected_low is not None
    assert best.expected_high is not None
    assert answer.expected == pytest.approx(best.expected, abs=0.25 * (best.expected_high - best.expected_low))
    assert answer.low < answer.expected < answer.high
    assert answer.outside == ()
    assert answer.nearest[0] == report.population.best_first[0]


def test_what_was_not_tried_is_named(report: Report) -> None:
    setting = of_best(report) | {"learning_rate": 1e6}
    answer = ask(report.population, tuple(setting.items()))
    assert answer is not None
    assert answer.outside == ("learning_rate",)


def test_arguments_are_quoted_for_a_shell() -> None:
    assert as_arguments({"lr": 0.1, "opt": "a b; rm"}) == "--lr=0.1 '--opt=a b; rm'"
