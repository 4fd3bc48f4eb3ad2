"""What a practitioner asks of a sweep, as the JSON report answers it: what to use, repeat, fix and expect."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.results.report import Report


def answers(report: Report) -> dict[str, Any]:
    """Return the answers; None, or an empty list, where the runs don't say."""
    checks = report.winner_checks
    following = report.next_sweep
    return {
        "use": _use(report),
        "repeat": _repeat(report),
        "fixable": [asdict(one) for one in report.fixable],
        "near_best": [asdict(one) | {"clear": one.clear} for one in report.near_best],
        "more_runs": [asdict(one) for one in (following.more_runs if following else ())],
        "on_test": checks and checks.on_test and asdict(checks.on_test),
        "by_value_rule": checks and checks.by_rule and asdict(checks.by_rule),
        "longer_training": checks and checks.at_end and asdict(checks.at_end),
        "changed_over_time": report.drift and asdict(report.drift) | {"changed": list(report.drift.changed)},
    }


def _use(report: Report) -> dict[str, Any] | None:
    best = report.best_run
    if best is None or best.recommended is None:
        return None
    use = best.recommended
    return {
        "run_id": use.run_id,
        "name": use.name,
        "value": use.value,
        "parameters": dict(use.parameters),
        "expected": use.expected,
        "expected_low": use.low,
        "expected_high": use.high,
    }


def _repeat(report: Report) -> dict[str, Any] | None:
    found = report.replication
    if found is None:
        return None
    return {
        "runs": found.runs,
        "power": found.power,
        "within": found.within,
        "probability_among": found.among,
        "settled": found.settled,
        "configurations": [
            {
                "run_id": one.run_id,
                "name": one.name,
                "times": one.times,
                "probability_best": one.probability,
                "parameters": dict(one.parameters),
            }
            for one in found.repeats
        ],
    }
