"""The model's answer about a setting agrees with what the report says of settings that were run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import yaml

from lib.analysis.ask import ask, askable
from lib.analysis.ask_range import MOST_TRIED, values_to_ask
from lib.analysis.failure_chance import failure_chance
from lib.analysis.failures import failures
from lib.analysis.one_run_sweep import one_run_sweep, values_of
from lib.report import Report, build_report
from lib.sections.ask import build, choices_of
from lib.sections.blocks import Block, Choice, Code, Row, Slider, Text, Warning
from lib.sections.run import runs_of
from lib.sections.walk import run_all, walk
from testing.failing_sweep import failing_sweep_report


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report("sample")


def of_best(report: Report) -> dict[str, object]:
    assert report.best_run is not None
    return {p.name: report.best_run.parameters[p.name] for p in askable(report.population)}


def answered(report: Report, chosen: dict[str, str]) -> list[Block]:
    """Return what stands below the controls when they hold what was chosen."""
    blocks: list[Block] = []

    def answer(block: Block) -> object:
        if isinstance(block, Row) and isinstance(block.children[0], (Choice, Slider)):
            return tuple(chosen.get(child.key, child.first) for child in block.children)  # type: ignore[union-attr]
        if isinstance(block, Row):
            return run_all(block.children, answer)
        blocks.append(block)
        return None

    walk(build(report), answer)
    return blocks


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
    said = [b.text for b in answered(report, {"ask-learning_rate": "1e6"}) if isinstance(b, Warning)]
    assert said[0].startswith("Outside what was tried: learning_rate.")


def test_set_to_a_run_the_answer_names_that_run_as_the_nearest(report: Report) -> None:
    (run,) = runs_of(report, [str(report.population.runs["run_id"].iloc[report.population.best_first[20]])])
    held = choices_of(report, run)
    assert held is not None
    blocks = answered(report, held)
    arguments = next(b.text for b in blocks if isinstance(b, Code))
    for name in ("dropout", "learning_rate"):
        assert f"--{name}={run.config[name]!r}" in arguments
    nearest = next(b for b in blocks if getattr(b, "name", "") == "ask-nearest")
    assert nearest.make()["run"].iloc[0] == run.name  # type: ignore[union-attr]
    assert nearest.opens()[0] == run.run_id  # type: ignore[union-attr]


def test_values_to_ask_hold_what_was_tried_and_go_beyond_it_on_both_sides(report: Report) -> None:
    rate = next(p for p in report.population.searched if p.name == "learning_rate")
    tried = report.population.numbers("learning_rate")
    found = values_to_ask(report.population, rate)
    assert set(tried[~np.isnan(tried)]) <= set(found.values())
    assert list(found.values()) == sorted(found.values())
    low, high = np.nanmin(tried), np.nanmax(tried)
    assert max(found.values()) == pytest.approx(high + (high - low) / 4, rel=0.01)
    # A rate below 0 makes no sense where none was tried.
    assert min(found.values()) == 0
    found = values_to_ask(report.population, replace(rate, scale="log"))
    assert max(found.values()) == pytest.approx(high * (high / low) ** 0.25, rel=0.01)
    assert min(found.values()) == pytest.approx(low / (high / low) ** 0.25, rel=0.01)
    assert len(found) <= MOST_TRIED + 30


def test_one_run_as_a_sweep_config_is_a_grid_of_one(report: Report) -> None:
    setting = of_best(report) | {"batch_size": 8.0}
    config = one_run_sweep(report.population, setting)
    assert config["method"] == "grid"
    assert all(set(spec) == {"value"} for spec in config["parameters"].values())
    assert {name: config["parameters"][name]["value"] for name in setting} == setting
    assert isinstance(config["parameters"]["batch_size"]["value"], int)
    shown = [b.text for b in answered(report, {}) if isinstance(b, Code) and b.language == "yaml"]
    assert yaml.safe_load(shown[0])["parameters"]["dropout"] == config["parameters"]["dropout"]
    assert values_of(report.population, {})["batch_size"] == report.best_run.parameters["batch_size"]  # type: ignore[union-attr]


def test_where_runs_are_known_to_fail_the_chance_is_that_of_the_runs_there() -> None:
    population = failing_sweep_report().population
    found = failures(population)
    assert found is not None
    (lr,) = [one for one in found.failing if one.parameter == "lr"]
    there = failure_chance(population, (("lr", 0.09), ("depth", 4.0)))
    assert there is not None
    assert (there.failed, there.of, there.where) == (lr.failed, lr.of, lr.where)
    assert there.low < there.share < there.high
    elsewhere = failure_chance(population, (("lr", 0.001), ("depth", 4.0)))
    assert elsewhere is not None
    assert (elsewhere.failed, elsewhere.of, elsewhere.where) == (lr.else_failed, lr.else_of, None)


def test_the_interval_of_the_chance_is_jeffreys(report: Report) -> None:
    # 7 of 160 runs of the sample failed: scipy.stats.beta(7.5, 153.5).interval(0.95).
    chance = failure_chance(report.population, tuple(of_best(report).items()))
    assert chance is not None
    assert (chance.failed, chance.of) == (7, 160)
    assert (chance.low, chance.high) == pytest.approx((0.0197, 0.0840), abs=1e-4)
    assert any("7 of 160 runs failed" in b.text for b in answered(report, {}) if isinstance(b, Text))
