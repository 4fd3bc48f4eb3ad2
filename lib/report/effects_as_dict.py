"""Effects and interactions as the JSON report states them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.analysis.effects import Effect
    from lib.analysis.parameter_advice import Recommended
    from lib.results.report import Report

_OF_EFFECT = (
    "parameter",
    "claimed",
    "direction_clear",
    "p_value",
    "p_adjusted",
    "n",
    "shape",
    "better",
    "worse",
    "gain",
    "gain_low",
    "gain_high",
    "times",
    "times_low",
    "times_high",
    "best_low",
    "best_high",
)


def effects_as_dicts(report: Report) -> list[dict[str, Any]]:
    """Return the effects of all searched parameters, then those within levels of the partner of an interaction.

    What is recommended stands with a parameter's own effect; within a level it is None.
    """
    overall = [_effect(one, report.recommendation.of(one.parameter)) for one in report.effects]
    return overall + [_effect(one, None) for one in report.effects_within]


def interactions_as_dicts(report: Report) -> list[dict[str, Any]]:
    """Return all pairs, strongest evidence first."""
    return [
        {
            "first": one.first,
            "second": one.second,
            "claimed": one.claimed,
            "share": one.score,
            "share_low": one.score_low,
            "share_high": one.score_high,
            "p_value": one.p_value,
            "p_adjusted": one.p_adjusted,
            "best_corner": one.best_corner and _corner(one.best_corner),
        }
        for one in report.interactions
    ]


def _effect(one: Effect, advice: Recommended | None) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in _OF_EFFECT}
    return values | {
        "recommended": advice and _recommended(advice),
        "ruled_out_above": one.ruled_out_above,
        "ruled_out_times": one.ruled_out_times,
        "within": one.within,
    }


def _recommended(advice: Recommended) -> dict[str, Any]:
    if advice.levels is not None:
        return {"values": list(advice.levels)}
    return {"low": advice.low, "high": advice.high}


def _corner(corner: Corner) -> dict[str, Any]:
    return {
        "parameters": {side.parameter: side.values for side in (corner.first, corner.second)},
        "runs": corner.runs,
        "of": corner.of,
        "mean": corner.mean,
        "mean_elsewhere": corner.mean_elsewhere,
        "ranks": list(corner.ranks),
    }
