"""Trade-off: the objective against a second metric, the runs that no other beats in both, and what trades them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.analysis import another_objective, trade_off
from lib.analysis.correlation import spearman_interval
from lib.charts.trade_off import trade_off_chart, trades_chart
from lib.model.goal import goal_of
from lib.model.numbers import coefficient, count, duration, listing, number
from lib.model.objective import value_rule
from lib.sections.blocks import Blocks, Chart, Choice, Heading, Headline, Method, Note, NumberInput, Row, Table, Text
from lib.sections.objective import value_words
from lib.sections.run_tables import ids_at

if TYPE_CHECKING:
    from lib.analysis.trade_off import TradeOff
    from lib.model.goal import Objective
    from lib.results.report import Report

AUTOMATIC = "auto"
LIMIT = "limit"


def why_empty(report: Report) -> str | None:
    """Say why there is no second metric to set against the objective; None where there is."""
    return trade_off.why_unavailable(report.population)


def build(report: Report) -> Blocks:
    """Yield the section."""
    population, objective, why = report.population, report.population.objective, why_empty(report)
    if why is not None:
        yield Headline(why)
        return
    opposed = report.once(trade_off.most_opposed)
    others = [name for name in another_objective.other_metrics(population) if name != opposed]
    metric, way = yield Row(
        (
            Choice("second", "Second metric", (opposed, *others), default=f"most opposed: {opposed}"),
            Choice(
                "second-goal",
                "Better is",
                (AUTOMATIC, "maximize", "minimize"),
                style="segmented",
                help="Auto infers it from the metric's name.",
            ),
        ),
        weights=(3, 2),
    )
    found = report.once(
        trade_off.trade_off, metric, goal_of(way) or another_objective.goal_in(report.population, metric)
    )
    yield Headline(trade_off_headline(report, found), trade_off_evidence(report, found))
    if not len(found.runs):
        return
    limit = yield NumberInput(LIMIT, limit_label(found), default=limit_default(found), width=360)
    yield Text(within_limit_sentence(report, found, limit))
    yield Chart(
        "trade-off",
        f"{objective.metric} against {metric}",
        f"{objective.metric} against {metric} of {len(found.runs)} runs; {len(found.front)} of them on the Pareto "
        "front.",
        trade_off_chart,
        (population, found, held_to(found, limit)),
    )
    yield Note(
        "The line joins the Pareto front: no run is better than one of these in both metrics. The dashed line is the "
        "limit above."
    )
    rule = rule_note(found)
    if rule:
        yield Note(rule)
    agreement = agreement_sentence(found)
    if agreement:
        yield Text(agreement)

    yield Heading("The runs on the front")
    yield Table(
        "front",
        "Runs on the Pareto front",
        lambda: front_table(report, found),
        run_ids=lambda: ids_at(report, found.runs[found.front]),
    )
    yield Heading("What trades one for the other")
    yield Text(trades_sentence(found))
    if any(t.first is not None or t.second is not None for t in found.trades):
        yield Chart(
            "trades",
            "What trades one for the other",
            f"Spearman of each numeric hyperparameter with {objective.metric} and with {metric}.",
            trades_chart,
            (found,),
        )
        yield Note("Dots on both sides of zero: a larger value is better for one metric and worse for the other.")
        yield Method(
            "Spearman's rank correlation of each numeric hyperparameter with both metrics, signed so that above 0 is "
            "towards better; it trades one for the other where the signs differ and both are clear (below 5%, "
            "Benjamini and Hochberg's correction over all of them)."
        )
        yield Table(
            "trades",
            "Each hyperparameter with both metrics",
            lambda: trades_table(found),
            folded="The trades in numbers",
        )


def trade_off_headline(report: Report, found: TradeOff) -> str:
    """Say whether the two metrics want the same, and how many runs no other beats in both."""
    first, second = found.first_objective, found.second_objective
    names = f"{first.metric} and {second.metric}"
    if not len(found.runs):
        return f"No run has both {names}, so there is nothing to draw."
    if len(found.runs) == 1:
        return f"One run has both {names}, so there is nothing to trade."
    if len(found.front) == 1:
        run = report.population.runs["name"].iloc[int(found.runs[found.front[0]])]
        return f"There is no trade-off: {run} is the best of {count(len(found.runs), 'run')} in both {names}."
    runs = count(len(found.runs), "run")
    return f"{len(found.front):,} of {runs} are Pareto-optimal in {names}: no other run is better in both."


def trade_off_evidence(report: Report, found: TradeOff) -> str | None:
    """Say what the front costs from its one end to the other; None where there is no trade."""
    if len(found.front) < 2:
        return None
    first, second = found.first_objective, found.second_objective
    a, b = int(found.front[0]), int(found.front[-1])
    gained = f"{second.metric} goes from {_said(second, found.second[a])} to {_said(second, found.second[b])}"
    lost = (value_words(report, float(found.first[end])) for end in (a, b))
    return f"Along them, {gained} while {first.metric} goes from {' to '.join(lost)}."


def limit_label(found: TradeOff) -> str:
    """Name the control that limits the second metric: "runtime (s): at most"."""
    second = found.second_objective
    return f"{second.label}: {'at most' if second.sign < 0 else 'at least'}"


def limit_default(found: TradeOff) -> str:
    """Say what limit holds while none is given."""
    return f"{number(held_to(found, None))}: what half of the runs keep to"


def held_to(found: TradeOff, limit: float | None) -> float:
    """Return the limit of the second metric that holds: the median of the runs where none is given."""
    return float(np.median(found.second)) if limit is None else limit


def within_limit_sentence(report: Report, found: TradeOff, limit: float | None) -> str:
    """Say which run is the best within a limit of the second metric; the median of the runs where it is None."""
    first, second = found.first_objective, found.second_objective
    held = held_to(found, limit)
    within = np.flatnonzero(second.sign * found.second >= second.sign * held)
    asked = f"{second.metric} of {'at most' if second.sign < 0 else 'at least'} {_said(second, held)}"
    if not len(within):
        return f"No run has {asked}."
    best = int(within[np.argmax(first.sign * found.first[within])])
    name = report.population.runs["name"].iloc[int(found.runs[best])]
    return (
        f"With {asked}, the best run is {name}: {first.metric} {value_words(report, float(found.first[best]))} "
        f"at {_said(second, found.second[best])}, of {count(len(within), 'run')}."
    )


def rule_note(found: TradeOff) -> str | None:
    """Say that the second metric uses another rule than the objective; None where it doesn't."""
    second = found.second_objective
    if second.value == found.first_objective.value or second.unit:
        return None
    return f"{second.metric} has no history here: it is {value_rule(second.value).words}."


def _said(objective: Objective, value: float) -> str:
    return duration(float(value)) if objective.unit == "s" else number(float(value))


def agreement_sentence(found: TradeOff) -> str | None:
    """Say whether the runs that are better in one are better in the other."""
    if found.agreement is None:
        return None
    first, second = found.first_objective.metric, found.second_objective.metric
    ends = spearman_interval(found.agreement, len(found.runs)) or (-1.0, 1.0)
    spread = f"Spearman {coefficient(found.agreement)}, signed so that above 0 both get better together, 95% interval "
    spread += f"{coefficient(ends[0])} to {coefficient(ends[1])}"
    if ends[0] <= 0 <= ends[1]:
        return f"Over all runs the two show no clear association ({spread})."
    also = "better" if found.agreement > 0 else "worse"
    return f"Over all runs, those with a better {first} tend to have a {also} {second} ({spread})."


def trades_sentence(found: TradeOff) -> str:
    """Say which parameters gain one metric and cost the other."""
    if not found.trades:
        return "No searched hyperparameter is a number that varies, so none can trade one for the other."
    traded = [t for t in found.trades if t.trades]
    if not traded:
        return "No numeric hyperparameter clearly gains one metric at the cost of the other (adjusted p below 0.05)."
    first, second = found.first_objective.metric, found.second_objective.metric
    said = [
        f"a larger {t.parameter} gains {first if (t.first or 0) > 0 else second} and costs "
        f"{second if (t.first or 0) > 0 else first} (Spearman {coefficient(t.first)} and {coefficient(t.second)}, "
        f"where above 0 is better, n = {t.n:,})"
        for t in traded
    ]
    text = listing(said)
    return f"{text[:1].upper()}{text[1:]}."


def front_table(report: Report, found: TradeOff) -> pd.DataFrame:
    """One row a run of the front, from the best by the first metric on: both metrics, searched parameters, address."""
    population = report.population
    rows = found.runs[found.front]
    runs = population.runs.iloc[rows].reset_index(drop=True)
    columns: dict[str, Any] = {
        "run": runs["name"],
        found.first_objective.label: found.first[found.front],
        found.second_objective.label: found.second[found.front],
    }
    if population.sweeps is not None:
        columns["sweep"] = population.sweeps.iloc[rows].reset_index(drop=True)
    for parameter in population.searched:
        if parameter.name in population.config.columns:
            name = parameter.name if parameter.name not in columns else f"{parameter.name} (parameter)"
            columns[name] = population.config[parameter.name].iloc[rows].reset_index(drop=True)
    table = pd.DataFrame(columns)
    return table.assign(address=runs["url"]) if (runs["url"] != "").any() else table


def trades_table(found: TradeOff) -> pd.DataFrame:
    """One row a numeric parameter: its Spearman towards better with both metrics, and adjusted p."""
    first, second = found.first_objective.metric, found.second_objective.metric
    return pd.DataFrame(
        [
            {
                "parameter": t.parameter,
                "trades": "yes" if t.trades else "no",
                "runs": t.n,
                f"with {first}": t.first,
                "adjusted p": t.first_p,
                f"with {second}": t.second,
                "adjusted p ": t.second_p,
            }
            for t in found.trades
        ]
    )
