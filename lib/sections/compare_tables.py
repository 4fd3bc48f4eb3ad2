"""The tables behind the charts of several sweeps side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.model.numbers import interval, listing, number

if TYPE_CHECKING:
    from lib.analysis.comparison import Comparison, ParameterRange, Side
    from lib.results.report import Report


def sides_table(compared: Comparison) -> pd.DataFrame:
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
