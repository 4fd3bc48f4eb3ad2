"""What the page of costs says in words, and the tables behind its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.analysis.cost import why_unavailable
from lib.model.numbers import count, duration, listing, number, p_value, percent
from lib.report.tables import table_of_effects

if TYPE_CHECKING:
    from lib.analysis.cost import Cost, Timeline
    from lib.results.report import Report


def cost_headline(report: Report) -> str:
    """Say what all runs cost, how much of that was used, and what the best value took."""
    found = report.cost
    if found is None:
        return why_unavailable(report.population) or "Nothing is known of what the runs cost."
    runs = sum(state.runs for state in found.states)
    text = f"{count(runs, 'run')} took {duration(found.seconds)} of compute"
    if found.seconds > 0:
        text += f", {percent(found.used_seconds / found.seconds)} of it in runs that are used here"
    if found.best_after is not None and np.isfinite(found.best_after) and found.seconds > 0:
        spent = found.best_after * 3600
        text += f"; the best run had ended after {duration(spent)} ({percent(spent / found.seconds)})"
    return text + "."


def runtime_sentence(report: Report, found: Cost) -> str:
    """Say whether runs that took longer did better."""
    metric = report.population.objective.metric
    if found.against is None:
        return f"{metric} is the runs' runtime itself."
    if found.agreement is None:
        return f"Too few runs to say whether those that took longer have a better {metric}."
    spread = f"Spearman {number(found.agreement, 2)}, 95% interval {number(found.low, 2)} to {number(found.high, 2)}, "
    spread += f"n = {found.n:,}"
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return f"Runs that took longer have no clearly different {metric} ({spread})."
    better = "better" if found.agreement * report.population.objective.sign > 0 else "worse"
    return f"Runs that took longer tend to have a {better} {metric} ({spread}). That alone doesn't say why."


def best_value_sentence(report: Report, found: Cost) -> str:
    """Say what the best so far was after a tenth, half and all of the compute, and what the last half brought."""
    hours, best = found.effort.hours, found.effort.best
    if not len(best) or not np.isfinite(hours[-1]) or hours[-1] <= 0:
        return "How the best value grew with the compute isn't known."
    metric, sign = report.population.objective.metric, report.population.objective.sign
    said = []
    for share, words in ((0.1, "a tenth"), (0.5, "half")):
        ended = np.flatnonzero(hours <= share * hours[-1])
        if ended.size:
            said.append(f"{number(float(best[ended[-1]]))} after {words}")
    if not said:
        return f"The first run alone took over half of the {duration(hours[-1] * 3600)} of compute."
    text = f"The best {metric} so far was {listing(said)} of the {duration(hours[-1] * 3600)} of compute, and "
    text += f"{number(float(best[-1]))} at the end"
    half = np.flatnonzero(hours <= 0.5 * hours[-1])
    gain = sign * float(best[-1] - best[half[-1]])
    if gain <= 0:
        return f"{text}: the second half gained nothing."
    return f"{text}: the second half gained {number(gain / float(hours[-1] - hours[half[-1]]))} an hour."


def price_sentence(found: Cost) -> str:
    """Say which parameters make a run longer, by how much."""
    if not found.effects:
        return "No hyperparameter varies in these runs, so none can cost more than another."
    claimed = sorted((e for e in found.effects if e.claimed), key=lambda e: -(e.gain or 0.0))
    if not claimed:
        return "No hyperparameter clearly changes how long a run takes."
    said = []
    for e in claimed:
        text = f"{e.parameter} from {number(e.better)} to {number(e.worse)}"
        if e.gain is not None:
            text += f" costs {duration(e.gain)} more a run"
        said.append(f"{text} ({p_value(e.p_adjusted)} after correction)")
    return f"What makes a run longer, the others held still: {listing(said)}."


def timeline_sentence(found: Timeline) -> str:
    """Say how long the sweep went on, how many ran at once, and how long nothing ran."""
    text = f"From the first start to the last end it took {duration(found.span)}"
    text += f"; {number(found.parallel, 3)} ran at once on average while any did, {found.most:,} at most"
    if found.span > 0:
        text += f"; for {duration(found.idle)} ({percent(found.idle / found.span)}) nothing ran"
    text += "."
    if found.untimed:
        text += f" {count(found.untimed, 'run')} without a known start or end not shown."
    return text


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
