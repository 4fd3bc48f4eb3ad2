"""The table of effects, on the objective or on whatever else is moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lib.model.numbers import listing, number
from lib.sections.effect_words import said_in_times

if TYPE_CHECKING:
    from lib.analysis.effects import Effect


def table_of_effects(effects: Sequence[Effect]) -> pd.DataFrame:
    """One row an effect, as tested on whatever is moved; its size is how many times better where that spans decades."""
    by_times = said_in_times(effects)
    size, low, high = ("times", "times_low", "times_high") if by_times else ("gain", "gain_low", "gain_high")
    return pd.DataFrame(
        [
            {
                "parameter": e.parameter,
                "clear effect": "yes" if e.claimed else "no",
                "better": number(e.better) if e.claimed else "",
                "worse": number(e.worse) if e.claimed else "",
                "times better" if by_times else "gain": getattr(e, size) if e.claimed else None,
                "95% from": getattr(e, low) if e.claimed else None,
                "95% to": getattr(e, high) if e.claimed else None,
                "share of variance": e.share,
                "p": e.p_value,
                "adjusted p": e.p_adjusted,
                "runs": e.n,
                "adjusted for": listing(list(e.adjusted_for)) if e.adjusted_for else "",
            }
            for e in effects
        ]
    )
