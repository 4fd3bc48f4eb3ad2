"""What mattered: the gain of each hyperparameter from its worst setting to its best, as a chart and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.charts.summary import Gain, gains_chart
from lib.model.numbers import factor, signed
from lib.sections.blocks import (
    Blocks,
    Chart,
    Note,
    Text,
)
from lib.sections.effect_words import move_words, said_in_times

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.results.report import Report


MOST_PICTURED = 8


def claimed_effects(report: Report) -> list[Effect]:
    """Return the effects that are claimed, the largest gain first, as the findings order them."""
    return sorted((e for e in report.effects if e.claimed), key=lambda e: (-e.size, e.parameter))


def gains(report: Report) -> Blocks:
    """Yield what mattered: the gains as a chart, the first few of them."""
    found = gains_of(report)
    if not found:
        yield Text("Nothing was searched, so nothing can be said about what mattered.")
        return
    by_times = said_in_times(report.effects)
    told = [
        f"{one.parameter}: {f'{factor(one.gain)} times' if by_times else signed(one.gain, 2)}"
        for one in found
        if one.gain is not None
    ]
    metric = report.population.objective.metric
    yield Chart(
        "gains",
        "What mattered",
        f"{f'How many times better {metric} gets' if by_times else f'The gain in {metric}'} from the worst to the best "
        f"setting of each hyperparameter, with its 95% interval. {'; '.join(told) or 'None shows a clear effect'}.",
        gains_chart,
        (found[:MOST_PICTURED],),
        {"times": by_times},
        small=True,
    )
    if len(found) > MOST_PICTURED:
        yield Note(f"{len(found) - MOST_PICTURED:,} more are on the page Impact.")


def gains_of(report: Report) -> tuple[Gain, ...]:
    """Return the claimed gains, the largest first, then the parameters without a clear effect.

    A gain is a number of times, 1 or more, where `said_in_times`.
    """
    found, by_times = [], said_in_times(report.effects)
    for one in claimed_effects(report):
        size = (one.times, one.times_low, one.times_high) if by_times else (one.gain, one.gain_low, one.gain_high)
        known = None not in size
        found.append(
            Gain(
                one.parameter,
                size[0] if known else float(by_times),
                size[1] if known else None,
                size[2] if known else None,
                move_words(report, one) if known else "matters; by how much is not known",
            )
        )
    for one in report.effects:
        if not one.claimed:
            found.append(Gain(one.parameter, None, None, None, move_words(report, one)))
    return tuple(found)


def gains_table(gains: tuple[Gain, ...], times: bool = False) -> pd.DataFrame:
    """One row a parameter: its gain (or how many times better it makes the objective), its 95% interval, the move."""
    gain = "times better" if times else "gain"
    return pd.DataFrame(
        [
            {"parameter": g.parameter, gain: g.gain, "95% from": g.low, "95% to": g.high, "from → to": g.label}
            for g in gains
        ]
    ).astype({gain: float, "95% from": float, "95% to": float})
