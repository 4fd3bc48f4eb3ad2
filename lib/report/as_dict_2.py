"""What version 2 of the JSON report adds to version 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.report.answers import answers
from lib.report.effects_as_dict import effects_as_dicts, interactions_as_dicts

if TYPE_CHECKING:
    from lib.analysis.convergence import Convergence
    from lib.results.report import Report

# Lists of runs hold this many at most, and their full count beside.
MOST_RUNS = 50


def version_2(report: Report) -> dict[str, Any]:
    """Return the keys of version 2; what a report can't say is None."""
    return {
        "effects": effects_as_dicts(report),
        "interactions": interactions_as_dicts(report),
        "failures": [
            {
                "parameter": one.parameter,
                "where": one.where,
                "failed": one.failed,
                "of": one.of,
                "else_failed": one.else_failed,
                "else_of": one.else_of,
                "p_adjusted": one.p_adjusted,
            }
            for one in (report.failures.failing if report.failures else ())
        ],
        "repeats": {
            "configurations": report.repetition.configurations,
            "repeated": report.repetition.repeated,
            "copies": report.repetition.copies,
            "blocks": list(report.repetition.blocks),
        },
        "aliases": [[one.kept, *one.others] for one in report.aliases],
        "next_sweep_outlook": _next_sweep_outlook(report),
        "convergence": _convergence(report),
        "cost": _cost(report),
        "trade_off": _trade_off(report),
        "learning_curves": _learning_curves(report),
        "comparison": _comparison(report),
        "answers": answers(report),
    }


def _next_sweep_outlook(report: Report) -> dict[str, Any] | None:
    """Return what is expected of the next sweep, and what changed in it; None where none is recommended."""
    found = report.next_sweep
    if found is None:
        return None
    return {
        "mean": found.expected_mean,
        "low": found.expected_low,
        "high": found.expected_high,
        "so_far": found.so_far,
        "runs": found.runs,
        "volume_ratio": found.volume_ratio,
        "changes": [asdict(change) for change in found.changes],
    }


def _convergence(report: Report) -> dict[str, Any] | None:
    found = report.convergence
    return (
        None
        if found is None
        else {
            "verdict": found.verdict,
            "last_quarter_runs": found.last_quarter_runs,
            "last_quarter_gain": found.last_quarter_gain,
            "luck": found.luck,
            "trend_p": found.trend_p,
            "next_runs": found.next_runs,
            "next_better": found.next_better,
            "next_gain": found.next_gain,
            "expected_best": _budgets(found),
        }
    )


def _budgets(found: Convergence) -> list[dict[str, Any]]:
    """Return the expected best for budgets of 1, 2, 5, 10, … runs, or the nearest ones worked out, and of all."""
    budgets = [k * 10**power for power in range(7) for k in (1, 2, 5) if k * 10**power < found.runs[-1]]
    places = dict.fromkeys(int(np.argmin(np.abs(found.runs - budget))) for budget in [*budgets, found.runs[-1]])
    return [
        {
            "runs": int(found.runs[at]),
            "mean": float(found.expected_best[at]),
            "low": float(found.low[at]),
            "high": float(found.high[at]),
        }
        for at in places
    ]


def _cost(report: Report) -> dict[str, Any] | None:
    found = report.cost
    return (
        None
        if found is None
        else {
            "seconds": found.seconds,
            "used_seconds": found.used_seconds,
            "by_state": [asdict(one) for one in found.states],
            "n": found.n,
            "agreement": found.agreement,
            "agreement_low": found.low,
            "agreement_high": found.high,
            "best_after": found.best_after,
        }
    )


def _trade_off(report: Report) -> dict[str, Any] | None:
    found = report.trade_off
    return (
        None
        if found is None
        else {
            "metric": found.second_objective.metric,
            "goal": found.second_objective.goal,
            "agreement": found.agreement,
            "front_run_ids": _ids(report, found.runs[found.front]),
            "front_count": len(found.front),
            "trades": [asdict(one) for one in found.trades],
        }
    )


def _learning_curves(report: Report) -> dict[str, Any] | None:
    found = report.learning_curves
    if found is None:
        return None
    known = np.isfinite(found.best_place)
    stopping = report.early_stopping
    return {
        "metric": found.curves.metric,
        "axis": found.curves.steps.axis,
        "runs": int(known.sum()),
        "median_best_place": float(np.median(found.best_place[known])) if known.any() else None,
        "length": found.length,
        "stopped_early": len(found.stopped),
        "early_terminate": None if stopping is None else stopping.config,
    }


def _comparison(report: Report) -> dict[str, Any] | None:
    found = report.comparison
    return (
        None
        if found is None
        else {
            "target": found.target,
            "equal_runs": found.equal_runs,
            "sweeps": [
                {
                    "name": side.label,
                    "method": side.method,
                    "total": side.total,
                    "used": side.used,
                    "best": side.best,
                    "best_run": side.best_run,
                    "mean": side.mean,
                    "median": side.median,
                    "std": side.std,
                    "compute_seconds": side.compute_seconds,
                }
                for side in found.sides
            ],
        }
    )


def _ids(report: Report, runs: Sequence[int] | np.ndarray) -> list[str]:
    ids = report.population.runs["run_id"]
    return [str(ids.iloc[int(at)]) for at in list(runs)[:MOST_RUNS]]
