"""What the page that compares sweeps says in words, and the tables behind its charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.analysis.comparison import why_unavailable
from lib.analysis.effort import reached
from lib.model.numbers import count, duration, interval, listing, number

if TYPE_CHECKING:
    from lib.analysis.comparison import Comparison, ParameterRange, Side
    from lib.results.report import Report


def comparison_headline(report: Report) -> str:
    """Say which sweep holds the best run, by how much, and whose runs fill the top."""
    compared, objective = report.comparison, report.population.objective
    if compared is None:
        return why_unavailable(report.population) or "There is nothing to compare."
    known = [side for side in compared.sides if side.best is not None]
    if not known:
        return "No run of these sweeps has a usable value of the objective, so there is nothing to compare."
    if len(known) == 1:
        return f"Only {known[0].label} has usable values of {objective.metric}, so there is nothing to compare it with."
    ranked = sorted(known, key=lambda side: -objective.sign * (side.best or 0.0))
    first, second = ranked[0], ranked[1]
    text = f"{first.label} holds the best run: {objective.metric} {number(first.best)} against {number(second.best)}"
    text += f" in {second.label}"
    place = compared.sides.index(first)
    tops = sum(side == place for side in compared.top_sides)
    return text + f"; {tops} of the best {len(compared.top)} runs are of it."


def objectives_note(report: Report, compared: Comparison) -> str | None:
    """Say which sweeps were run for another objective than they are compared by; None where none was."""
    objective = report.population.objective
    others = [s for s in compared.sides if s.declared not in (None, (objective.metric, objective.goal))]
    said = [f"{s.label} was run to {s.declared[1]} {s.declared[0]}" for s in others if s.declared]
    if not said:
        return None
    return f"All are compared by {objective.metric} ({objective.goal}) here, but {listing(said)}."


def equal_runs_sentence(report: Report, compared: Comparison) -> str:
    """Say what the sweeps' bests would be expected to be at the same number of runs."""
    known = [side for side in compared.sides if side.expected is not None]
    if len(known) < 2:
        return ""
    said = []
    for side in known[:4]:
        text = f"{side.label} {number(side.expected[0])}" if side.expected else side.label
        if side.expected is not None and side.used > compared.equal_runs:
            text += f" (95% of draws {interval(side.expected[1], side.expected[2])})"
        said.append(text)
    return (
        f"The best of more runs is better by luck alone. At {count(compared.equal_runs, 'run')} each, the expected "
        f"best {report.population.objective.metric} is: {listing(said)}."
    )


def effort_sentence(report: Report, compared: Comparison, value: float | None = None) -> str:
    """Say what each sweep took to reach a value, by default the one that all of them reached."""
    if compared.target is None:
        return "No sweep has a usable value of the objective."
    objective = report.population.objective
    target = compared.target if value is None else value
    said, without = [], []
    for side in compared.sides:
        first = reached(side.effort, target, objective.sign)
        if first.runs is None:
            without.append(side.label)
            continue
        spent = f" and {duration(first.hours * 3600)} of compute" if first.hours is not None else ""
        said.append(f"{side.label} after {count(first.runs, 'run')}{spent}")
    all_of_them = ", which all of them reached," if value is None else ""
    text = f"{objective.metric} {number(target)}{all_of_them} was reached by {listing(said, 4)}"
    return f"{text}, and not by {listing(without, 4)}." if said and without and value is not None else f"{text}."


def ranges_sentence(compared: Comparison) -> str:
    """Say which parameters not all of the sweeps have, or searched."""
    partly = []
    for name, ranges in compared.ranges:
        without = [s.label for s, r in zip(compared.sides, ranges, strict=True) if not _searched(r)]
        if without:
            partly.append(f"{name} (not in {listing(without, 3)})")
    names = count(len(compared.ranges), "hyperparameter")
    if not partly:
        return f"All sweeps search the same {names}."
    return f"Of {names}, not every sweep searches: {listing(partly)}."


def sides_table(report: Report, compared: Comparison) -> pd.DataFrame:
    """One row a sweep: runs, the objective's figures, the expected best at equal runs, effort."""
    rows = []
    for side in compared.sides:
        expected = side.expected or (None, None, None)
        rows.append(
            {
                "sweep": side.label,
                "method": side.method or "",
                "runs": side.total,
                "used": side.used,
                "best": side.best,
                "best run": side.best_run or "",
                "mean": side.mean,
                "median": side.median,
                "std": side.std,
                f"expected best of {compared.equal_runs}": expected[0],
                "95% from": expected[1],
                "95% to": expected[2],
                "compute (h)": side.compute_seconds / 3600 if side.compute_seconds > 0 else None,
                "runs to target": side.to_target.runs,
                "hours to target": side.to_target.hours,
                "address": side.url or "",
            }
        )
    table = pd.DataFrame(rows).astype({"runs to target": "Int64"})
    return table if table["address"].any() else table.drop(columns="address")


def joint_top_table(report: Report, compared: Comparison) -> pd.DataFrame:
    """One row a run of the best of all sweeps together: rank, sweep, name, objective, every searched parameter."""
    population = report.population
    rows: list[dict[str, Any]] = []
    for rank, (at, side) in enumerate(zip(compared.top, compared.top_sides, strict=True), start=1):
        run = population.runs.iloc[at]
        sweep = compared.sides[side].label if side is not None else report.sweep.sweep_names[str(run["sweep"])]
        rows.append(
            {
                "rank": rank,
                "sweep": sweep,
                "run": run["name"],
                population.objective.label: float(population.values[at]),
            }
        )
    table = pd.DataFrame(rows)
    for name, _ in compared.ranges:
        if name in population.config.columns:
            column = population.config[name].iloc[compared.top].reset_index(drop=True)
            table[name if name not in table.columns else f"{name} (parameter)"] = column
    urls = population.runs["url"].iloc[compared.top].reset_index(drop=True)
    return table.assign(address=urls) if (urls != "").any() else table


def ranges_table(compared: Comparison) -> pd.DataFrame:
    """One row a parameter and sweep: searched over, observed, range of the sweep's best runs."""
    rows = []
    for name, ranges in compared.ranges:
        for side, each in zip(compared.sides, ranges, strict=True):
            rows.append({"parameter": name, "sweep": side.label, **_said(each)})
    return pd.DataFrame(rows)


def effort_table(compared: Comparison) -> pd.DataFrame:
    """One row a used run of each sweep, in order of creation: runs and hours so far, the best so far."""
    frames = [_effort_of(side) for side in compared.sides]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _effort_of(side: Side) -> pd.DataFrame:
    found = side.effort
    return pd.DataFrame(
        {"sweep": side.label, "runs": found.runs.astype(int), "compute (h)": found.hours, "best so far": found.best}
    )


def _searched(each: ParameterRange | None) -> bool:
    return each is not None and each.parameter is not None and each.parameter.role == "searched"


def _said(each: ParameterRange | None) -> dict[str, str]:
    if each is None:
        return {"searched over": "not in this sweep", "observed": "", "best runs": ""}
    parameter = each.parameter
    if parameter is None:
        over = "not searched"
    elif parameter.role == "fixed":
        over = f"fixed at {number((parameter.values or (None,))[0])}"
    elif parameter.values is not None:
        over = listing([number(value) for value in parameter.values], 12)
    else:
        over = "not bounded" if parameter.low is None else interval(parameter.low, parameter.high)
    if parameter is not None and not parameter.declared and parameter.role == "searched":
        over = "not declared"
    observed = listing(list(each.levels), 12) if each.levels else _from_to(each.low, each.high)
    return {"searched over": over, "observed": observed, "best runs": _from_to(each.top_low, each.top_high)}


def _from_to(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return ""
    return number(low) if low == high else interval(low, high)
