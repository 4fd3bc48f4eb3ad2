"""What became of every run, as one bar: used, or left out and why."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from lib.charts.marks import Drawing, colour_of_kinds
from lib.charts.names import one_line, short
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.model.numbers import count

HEIGHT = 36
# Reasons beyond these share one colour.
MOST_REASONS = len(CATEGORICAL) - 1
LABELS = 48


def ledger_chart(used: int, left_out: Sequence[tuple[str, int]]) -> Drawing:
    """Draw one bar of all runs: the used ones first, then those left out, by reason, the most frequent first.

    left_out : reason and count of each.
    """
    ordered = sorted(left_out, key=lambda one: -one[1])
    shown, further = ordered[:MOST_REASONS], ordered[MOST_REASONS:]
    parts = [("used", used, ACCENT)]
    parts += [
        (f"left out: {reason}", runs, shade) for (reason, runs), shade in zip(shown, CATEGORICAL[1:], strict=False)
    ]
    if further:
        reasons = count(len(further), "further reason")
        parts.append((f"left out for {reasons}", sum(runs for _, runs in further), GREY))
    ends = pd.Series([runs for _, runs, _ in parts]).cumsum()
    frame = pd.DataFrame(
        {
            "kind": range(len(parts)),
            "what": [one_line(what) for what, _, _ in parts],
            "runs": [runs for _, runs, _ in parts],
            "x": ends.shift(fill_value=0),
            "x2": ends,
        }
    )
    kinds = [(f"{runs:,} {short(what, LABELS)}", shade) for what, runs, shade in parts]
    bar = (
        alt.Chart(frame[frame["runs"] > 0])
        .mark_bar(cornerRadius=3, size=22)
        .encode(
            x=alt.X("x:Q", title=None, axis=None, scale=alt.Scale(domain=[0, int(ends.iloc[-1]) or 1], nice=False)),
            x2=alt.X2("x2:Q"),
            color=colour_of_kinds("kind", kinds, columns=2, labelLimit=400),
            tooltip=[alt.Tooltip("what:N", title="fate"), alt.Tooltip("runs:Q")],
        )
    )
    return alt.layer(bar, height=HEIGHT + 26 * (1 + len(parts) // 2))
