"""What mattered: the gain of each hyperparameter from its worst setting to its best, as a chart and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.charts.summary import Gain, gains_chart
from lib.model.numbers import signed
from lib.sections.blocks import (
    Blocks,
    Chart,
    Note,
    Text,
)
from lib.sections.effect_words import move_words

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.results.report import Report


MOST_PICTURED = 8


def claimed_effects(report: Report) -> list[Effect]:
    """Return the effects that are claimed, the largest gain first, as the findings order them."""
    return sorted((e for e in report.effects if e.claimed), key=lambda e: (-(e.gain or 0.0), e.parameter))


def gains(report: Report) -> Blocks:
    """Yield what mattered: the gains as a chart, the first few of them."""
    found = gains_of(report)
    if not found:
        yield Text("Nothing was searched, so nothing can be said about what mattered.")
        return
    told = [f"{one.parameter}: {signed(one.gain)}" for one in found if one.gain is not None]
    yield Chart(
        "gains",
        "What mattered",
        f"The gain in {report.population.objective.metric} from the worst to the best setting of each hyperparameter, "
        f"with its 95% interval. {'; '.join(told) or 'None shows a clear effect'}.",
        gains_chart,
        (found[:MOST_PICTURED],),
        small=True,
    )
    if len(found) > MOST_PICTURED:
        yield Note(f"{len(found) - MOST_PICTURED:,} more are on the page Impact.")


def gains_of(report: Report) -> tuple[Gain, ...]:
    """Return the claimed gains, the largest first, then the parameters without a clear effect."""
    found = []
    for one in claimed_effects(report):
        known = one.gain is not None and one.gain_low is not None and one.gain_high is not None
        found.append(
            Gain(
                one.parameter,
                one.gain if known else 0.0,
                one.gain_low if known else None,
                one.gain_high if known else None,
                move_words(report, one) if known else "matters; by how much is not known",
            )
        )
    for one in report.effects:
        if not one.claimed:
            found.append(Gain(one.parameter, None, None, None, move_words(report, one)))
    return tuple(found)


def gains_table(gains: tuple[Gain, ...]) -> pd.DataFrame:
    """One row a parameter: its gain, the 95% interval, and from where to where."""
    return pd.DataFrame(
        [
            {"parameter": g.parameter, "gain": g.gain, "95% from": g.low, "95% to": g.high, "from → to": g.label}
            for g in gains
        ]
    ).astype({"gain": float, "95% from": float, "95% to": float})
