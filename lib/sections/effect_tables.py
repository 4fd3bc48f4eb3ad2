"""The table of effects, on the objective or on whatever else is moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lib.model.numbers import listing, number

if TYPE_CHECKING:
    from lib.analysis.effects import Effect


def table_of_effects(effects: Sequence[Effect]) -> pd.DataFrame:
    """One row an effect, as tested on whatever is moved; how many times better where that spans decades."""
    by_times = any(e.times is not None for e in effects)
    return pd.DataFrame(
        [
            {
                "parameter": e.parameter,
                "clear effect": "yes" if e.claimed else "no",
                "better": number(e.better) if e.claimed else "",
                "worse": number(e.worse) if e.claimed else "",
                "gain": e.gain if e.claimed else None,
                "95% from": e.gain_low if e.claimed else None,
                "95% to": e.gain_high if e.claimed else None,
                **({"times better": e.times if e.claimed else None} if by_times else {}),
                "share of variance": e.share,
                "p": e.p_value,
                "adjusted p": e.p_adjusted,
                "runs": e.n,
                "adjusted for": listing(list(e.adjusted_for)) if e.adjusted_for else "",
            }
            for e in effects
        ]
    )
