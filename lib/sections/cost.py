"""Cost: what the runs took, whether longer ones did better, what makes them long, and what ran when."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from lib.analysis.cost import why_unavailable
from lib.analysis.groups import DiscreteImpact
from lib.charts.cost import MOST_BARS, best_per_hour_chart, parallel_chart, timeline_chart
from lib.charts.impact import level_chart, trend_chart
from lib.charts.trade_off import trade_off_chart
from lib.model.numbers import coefficient, count, duration, factor, listing, number, p_value, percent
from lib.sections.blocks import Blocks, Chart, Heading, Headline, Method, Metric, Note, NumberInput, Row, Table, Text
from lib.sections.cost_tables import best_per_hour_table, gaps_table, price_table, states_table, timeline_table
from lib.sections.objective import value_words

RATE = "rate"
_ROUNDING = 1e-9

if TYPE_CHECKING:
    from lib.analysis.cost import Cost, Timeline
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report


def why_empty(report: Report) -> str | None:
    """Say why nothing is known of what the runs cost; None where something is."""
    return None if report.cost is not None else cost_headline(report)


def build(report: Report) -> Blocks:
    """Yield the section."""
    population, objective, found = report.population, report.population.objective, report.cost
    yield Headline(cost_headline(report), cost_evidence(report))
    if found is None:
        return
    yield from _bill(found)
    yield Heading("The best value for the compute")
    yield Text(best_value_sentence(report, found))
    yield Chart(
        "best-per-hour",
        "The best value for the compute",
        f"Best {objective.metric} so far against the compute spent by then.",
        best_per_hour_chart,
        (found.effort, objective, report.population.objective_scale),
    )
    yield Note("Compute adds up the runtimes of all runs in order of creation, those that are left out here too.")
    yield Table(
        "best-per-hour",
        "Best so far along the compute",
        lambda: best_per_hour_table(found),
        folded="The table behind the chart",
        written=0,
    )

    yield Heading("The objective against the runtime")
    yield Text(runtime_sentence(report, found))
    if found.against is not None:
        yield Chart(
            "objective-runtime",
            "The objective against the runtime",
            f"{objective.metric} against the runtime in seconds of {found.n} runs, with the Pareto front.",
            trade_off_chart,
            (population, found.against),
        )
        yield Note("The line joins the runs that no other run beats in both; the section Trade-off lists them.")
    yield from _prices(found)
    yield Heading("What ran when")
    if found.timeline is None:
        yield Text("The source doesn't state when its runs started and ended.")
        return
    yield from _timeline(report, found.timeline)


def _bill(found: Cost) -> Blocks:
    """Yield what was spent, how much of it after the last improvement, and its price where a rate is given."""
    after = seconds_after(found)
    runs = sum(state.timed for state in found.states)
    metrics = [
        Metric("Compute", duration(found.seconds), "The runtimes of all runs added up."),
        Metric(
            "After the last improvement",
            duration(after),
            "What was spent after the best run had ended.",
            None if after is None or found.seconds <= 0 else f"{percent(after / found.seconds)} of it",
        ),
        Metric("A run", duration(found.seconds / runs if runs else None), "The mean runtime of a run."),
    ]
    *_, rate = yield Row((*metrics, NumberInput(RATE, "Price of an hour of compute", default="not given", width=260)))
    if rate is not None:
        yield Text(bill_sentence(found, rate))
    yield Table(
        "cost-by-state",
        "Compute by run state",
        lambda: states_table(found),
        folded="Compute by run state" if len(found.states) == 1 else None,
    )


def seconds_after(found: Cost) -> float | None:
    """Return the seconds of compute spent after the best run had ended; None where that isn't known."""
    if found.best_after is None or not np.isfinite(found.best_after):
        return None
    after = found.seconds - found.best_after * 3600
    # Hours that are added up leave a rounding error where the last run is the best.
    return after if after > _ROUNDING * found.seconds else 0.0


def bill_sentence(found: Cost, rate: float) -> str:
    """Say what the sweep cost at a price of an hour of compute, and how much of that after the last improvement."""
    after = seconds_after(found)
    text = f"At {number(rate)} an hour, the sweep cost {number(found.seconds / 3600 * rate, 3)}"
    if after is not None:
        text += f", {number(after / 3600 * rate, 3)} of it after the last improvement"
    return f"{text}."


def _prices(found: Cost) -> Blocks:
    yield Heading("What a hyperparameter costs")
    yield Text(price_sentence(found))
    priced: tuple[DiscreteImpact | ContinuousImpact, ...] = (*found.levels, *found.trends)
    shown = [partial(_price, found, one) for one in priced]
    for start in range(0, len(shown), 2):
        yield Row(tuple(shown[start : start + 2]), weights=(1, 1))
    if found.effects:
        yield Method(
            "The same tests as on the page Impact, with the runtime in the objective's place: rank tests given the "
            "other hyperparameters that matter, Holm's correction. Spearman's interval is that of Bonett and Wright."
        )
        yield Table(
            "prices",
            "Each hyperparameter's effect on the runtime",
            lambda: price_table(found),
            folded="The effects on the runtime in numbers",
        )


def _price(found: Cost, one: DiscreteImpact | ContinuousImpact) -> Blocks:
    name, of_levels = one.parameter, isinstance(one, DiscreteImpact)
    yield Heading(name, level=2)
    yield Chart(
        f"cost-{name}",
        f"What {name} costs",
        f"Box plot of runtime in seconds by {name}." if of_levels else f"Runtime in seconds against {name}.",
        level_chart if of_levels else trend_chart,
        (found.timed, one),
        {"plain": True},
        small=True,
    )


def _timeline(report: Report, timeline: Timeline) -> Blocks:
    ids = report.sweep.runs["run_id"].iloc[timeline.rows].tolist()
    yield Text(timeline_sentence(timeline))
    # Of runs that came one after the other the picture is a flat line.
    if timeline.most == 1 and len(timeline.rows) > MOST_BARS:
        return
    yield Chart(
        "timeline",
        "What ran when",
        f"When each of {len(timeline.rows)} runs ran, coloured by its state.",
        timeline_chart,
        (report.population, timeline),
    )
    if len(timeline.rows) <= MOST_BARS:
        yield Chart(
            "parallel",
            "How many runs ran at once",
            f"How many runs ran at once; {timeline.most} at most.",
            parallel_chart,
            (timeline,),
        )
    if timeline.gaps:
        yield Note("The longest pauses in which nothing ran:")
        yield Table("pauses", "The longest pauses", lambda: gaps_table(timeline), folded="The pauses")
    yield Table(
        "timeline",
        "When each run ran",
        lambda: timeline_table(report, timeline),
        opens=lambda: ids,
        folded="The table behind the timeline",
        written=0,
    )


def cost_headline(report: Report) -> str:
    """Say what all runs cost, and how much of that came after the last improvement."""
    found = report.cost
    if found is None:
        return why_unavailable(report.population) or "Nothing is known of what the runs cost."
    runs = sum(state.runs for state in found.states)
    text = f"{count(runs, 'run')} took {duration(found.seconds)} of compute"
    after = seconds_after(found)
    return f"{text}, {duration(after)} of it after the last improvement" if after and found.seconds > 0 else text


def cost_evidence(report: Report) -> str | None:
    """Say how much of the compute is in runs that are used, and when the best run had ended; None where unknown."""
    found = report.cost
    if found is None or found.seconds <= 0:
        return None
    used = "All" if found.used_seconds >= found.seconds else percent(found.used_seconds / found.seconds)
    text = f"{used} of it went into runs that are used here"
    after = seconds_after(found)
    if after is not None:
        spent = found.seconds - after
        text += f"; the best run had ended after {duration(spent)} ({percent(spent / found.seconds)})"
    return f"{text}."


def runtime_sentence(report: Report, found: Cost) -> str:
    """Say whether runs that took longer did better."""
    metric = report.population.objective.metric
    if found.against is None:
        return f"{metric} is the runs' runtime itself."
    if found.agreement is None:
        return f"Too few runs to say whether those that took longer have a better {metric}."
    spread = (
        f"Spearman {coefficient(found.agreement)}, 95% interval {coefficient(found.low)} to {coefficient(found.high)}, "
    )
    spread += f"n = {found.n:,}"
    if found.low is None or found.high is None or found.low <= 0 <= found.high:
        return f"Runs that took longer have no clearly different {metric} ({spread})."
    better = "better" if found.agreement * report.population.objective.sign > 0 else "worse"
    return f"Runs that took longer tend to have a {better} {metric} ({spread}). That alone doesn't say why."


def best_value_sentence(report: Report, found: Cost) -> str:
    """Say what the best so far was after a tenth, half and all of the compute, and what the last half brought."""
    hours, best, total = found.effort.hours, found.effort.best, found.seconds / 3600
    if not len(best) or not np.isfinite(hours[-1]) or total <= 0:
        return "How the best value grew with the compute isn't known."
    if len(best) == 1:
        return "One run alone doesn't say what more compute brings."
    metric, sign = report.population.objective.metric, report.population.objective.sign
    said = []
    for share, words in ((0.1, "a tenth"), (0.5, "half")):
        ended = np.flatnonzero(hours <= share * total)
        if ended.size:
            said.append(f"{value_words(report, float(best[ended[-1]]))} after {words}")
    if not said:
        return f"The first run alone took over half of the {duration(found.seconds)} of compute."
    text = f"The best {metric} so far was {listing(said)} of the {duration(found.seconds)} of compute, and "
    text += f"{value_words(report, float(best[-1]))} at the end"
    half = np.flatnonzero(hours <= 0.5 * total)
    before, last = float(best[half[-1]]), float(best[-1])
    gain = sign * (last - before)
    if gain <= 0:
        reached = float(hours[np.flatnonzero(best == best[-1])[0]])
        return (
            f"The best {metric}, {value_words(report, float(best[-1]))}, was reached after {duration(reached * 3600)} "
            f"({percent(reached / total)}) of the {duration(found.seconds)} of compute: the "
            "second half gained nothing."
        )
    if report.population.spans_decades:
        way = "higher" if sign > 0 else "lower"
        return f"{text}: the second half made it {factor((last / before) ** sign)} times {way}."
    return f"{text}: the second half gained {number(gain / float(hours[-1] - hours[half[-1]]), 2)} an hour."


def price_sentence(found: Cost) -> str:
    """Say which parameters make a run longer, by how much."""
    if not found.effects:
        return "No hyperparameter varies in these runs, so none can cost more than another."
    claimed = sorted((e for e in found.effects if e.claimed), key=lambda e: -e.size)
    if not claimed:
        return "No hyperparameter clearly changes how long a run takes."
    said = []
    for e in claimed:
        better, worse = (number(end, 2) if isinstance(end, float) else number(end) for end in (e.better, e.worse))
        text = f"{e.parameter} from {better} to {worse}"
        if e.gain is not None:
            text += f" makes a run {duration(e.gain)} longer"
        said.append(f"{text} ({p_value(e.p_adjusted)} after correction)")
    return f"Adjusted for the other hyperparameters, run time depends on these: {listing(said)}."


def timeline_sentence(found: Timeline) -> str:
    """Say how long the sweep went on, how many ran at once, and how long nothing ran."""
    text = f"From the first start to the last end it took {duration(found.span)}"
    if found.most == 1:
        text += "; one run at a time"
    else:
        text += f"; {number(found.parallel, 3)} runs at a time on average, {found.most:,} at most"
    if found.idle > 0:
        text += f"; no run was going for {duration(found.idle)} ({percent(found.idle / found.span)}) of it"
    text += "."
    if found.untimed:
        are = "is" if found.untimed == 1 else "are"
        text += f" {count(found.untimed, 'run')} without a known start or end {are} not shown."
    return text
