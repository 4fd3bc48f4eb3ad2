"""What is found by a part of a name: pages, hyperparameters, metrics and runs, used or not."""

from __future__ import annotations

import pytest

from lib.report import Report, build_report
from lib.sections import SECTIONS
from lib.ui.find import hits


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report("sample")


def test_pages_come_before_hyperparameters_metrics_and_runs_in_any_case(report: Report) -> None:
    found = [(hit.what, hit.name) for hit in hits(report, "LOSS")]
    assert [name for what, name in found if what == "Metric"] == sorted(n for _, n in found if _ == "Metric")
    assert ("Metric", "val_loss") in found
    both = [hit.what for hit in hits(report, "a")]
    assert both == sorted(both, key=["Page", "Hyperparameter", "Metric", "Run"].index)


def test_a_run_is_found_by_its_id_and_when_it_was_left_out(report: Report) -> None:
    population = report.population
    row = next(i for i in range(len(population.fate)) if i not in set(population.rows))
    run = report.sweep.runs.iloc[row]
    assert [hit.run_id for hit in hits(report, str(run["run_id"]))] == [run["run_id"]]
    assert run["run_id"] in [hit.run_id for hit in hits(report, str(run["name"]))]


def test_each_leads_to_a_page_that_shows_it(report: Report) -> None:
    for hit in [*hits(report, "dropout"), *hits(report, "val_loss"), *hits(report, "correlation")]:
        if hit.run_id is None:
            section = next(section for section in SECTIONS if section.address == hit.address)
            assert section.why_empty(report) is None
    (parameter,) = [hit for hit in hits(report, "dropout") if hit.what == "Hyperparameter"]
    assert parameter.choices == {"parameter": "dropout"}


def test_nothing_is_found_where_nothing_has_the_text(report: Report) -> None:
    assert list(hits(report, "no such thing (.*)")) == []
