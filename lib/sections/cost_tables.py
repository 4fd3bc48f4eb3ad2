"""The tables behind the charts of cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.model.numbers import duration, percent
from lib.sections.effect_tables import table_of_effects

if TYPE_CHECKING:
    from lib.analysis.cost import Cost, Timeline
    from lib.results.report import Report


def states_table(found: Cost) -> pd.DataFrame:
    """One row a run state, the most expensive first: runs, compute and its share, compute a run, seconds."""
    return pd.DataFrame(
        [
            {
                "state": s.state,
                "runs": s.runs,
                "compute": duration(s.seconds),
                "share": percent(s.seconds / found.seconds) if found.seconds > 0 else "",
                "a run": duration(s.seconds / s.timed if s.timed else None),
                "seconds": s.seconds,
            }
            for s in found.states
        ]
    )


def price_table(found: Cost) -> pd.DataFrame:
    """One row a searched parameter: whether it changes the runtime, between which values, by how many seconds."""
    table = table_of_effects(found.effects)
    if table.empty:
        return table
    of_time = {"better": "shortest at", "worse": "longest at", "gain": "seconds more"}
    return table.drop(columns=["share of variance", "p", "adjusted for"]).rename(columns=of_time)


def best_per_hour_table(found: Cost) -> pd.DataFrame:
    """One row a used run in order of creation: hours spent by its end, the best so far."""
    return pd.DataFrame(
        {"runs": found.effort.runs, "compute (h)": found.effort.hours, "best so far": found.effort.best}
    )


def timeline_table(report: Report, found: Timeline) -> pd.DataFrame:
    """One row a run by start: state, lane, start and end (UTC), seconds."""
    runs = report.sweep.runs.iloc[found.rows]
    start = found.origin + pd.to_timedelta(found.start, unit="s")
    end = found.origin + pd.to_timedelta(found.end, unit="s")
    return pd.DataFrame(
        {
            "run": runs["name"].to_numpy(),
            "state": runs["state"].to_numpy(),
            "lane": found.lane + 1,
            "start (UTC)": start,
            "end (UTC)": end,
            "seconds": found.end - found.start,
        }
    )


def gaps_table(found: Timeline) -> pd.DataFrame:
    """One row a long pause, longest first: from, to (UTC), how long."""
    return pd.DataFrame(
        [{"from (UTC)": gap.start, "to (UTC)": gap.end, "lasted": duration(gap.seconds)} for gap in found.gaps]
    )
