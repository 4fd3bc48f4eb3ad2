"""The tables of results behind the charts, as DataFrames whose headings people read; shared by pages and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.analysis.population import text_of_level
from lib.model.numbers import listing, number
from lib.report.source_tables import is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from lib.analysis.convergence import Convergence
    from lib.analysis.correlation import CorrelationMatrix
    from lib.analysis.effects import Effect
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.interactions import HeatMap
    from lib.analysis.surrogate import PartialDependence
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report


def repeats_table(report: Report) -> pd.DataFrame:
    """One row a configuration that was run more than once, best mean first: count, mean, 95% interval, std, best."""
    if report.repeats is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {
                "configuration": ", ".join(f"{name} {number(value)}" for name, value in c.parameters.items()),
                "runs": c.count,
                "mean": c.mean,
                "95% from": c.ci_low,
                "95% to": c.ci_high,
                "std": c.sd,
                "best": c.best,
            }
            for c in report.repeats.configurations
        ]
    )


def levels_table(impact: DiscreteImpact) -> pd.DataFrame:
    """One row a level: count, mean, 95% interval, std, median, max, min."""
    table = pd.DataFrame(
        [
            {
                impact.parameter: g.value,
                "count": g.count,
                "mean": g.mean,
                "95% from": g.ci_low,
                "95% to": g.ci_high,
                "std": g.std,
                "median": g.median,
                "max": g.max,
                "min": g.min,
            }
            for g in impact.groups
        ]
    )
    return _one_type(table, impact.parameter)


def pairs_table(impact: DiscreteImpact) -> pd.DataFrame:
    """One row a pair of levels: Mann-Whitney U, p, and p after Holm."""
    return pd.DataFrame(
        [
            {
                "level": text_of_level(p.first),
                "against": text_of_level(p.second),
                "Mann-Whitney U": p.statistic,
                "p": p.p_value,
                "adjusted p": p.p_adjusted,
            }
            for p in impact.pairs
        ]
    )


def bins_table(impact: ContinuousImpact) -> pd.DataFrame:
    """One row a bin of the trend: range of the parameter, count, mean, 95% interval."""
    return pd.DataFrame(
        [
            {
                f"{impact.parameter} from": b.x_low,
                "to": b.x_high,
                "count": b.count,
                "mean": b.mean,
                "95% from": b.ci_low,
                "95% to": b.ci_high,
            }
            for b in impact.trend
        ]
    )


def effects_table(report: Report) -> pd.DataFrame:
    """One row a searched parameter: whether it moves the objective, by how much, and how sure that is."""
    return table_of_effects(report.effects)


def table_of_effects(effects: Sequence[Effect]) -> pd.DataFrame:
    """One row an effect, as tested on whatever is moved."""
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
                "share of variance": e.share,
                "p": e.p_value,
                "adjusted p": e.p_adjusted,
                "runs": e.n,
                "adjusted for": listing(list(e.adjusted_for)) if e.adjusted_for else "",
            }
            for e in effects
        ]
    )


def top_runs_table(report: Report, metrics: list[str] | None = None) -> pd.DataFrame:
    """One row a top run: rank, name, objective, every searched parameter, the chosen metrics, address."""
    population, objective = report.population, report.population.objective
    sweeps = {} if population.sweeps is None else dict(zip(population.runs["run_id"], population.sweeps, strict=True))
    rows = []
    for run in report.top_runs:
        row: dict[str, Any] = {"rank": run.rank, "run": run.name}
        row |= {"sweep": sweeps[run.run_id]} if sweeps else {}
        row |= {objective.label: run.value}
        row |= {_free(name, row): value for name, value in run.parameters.items()}
        row |= {_free(name, row): run.metrics.get(name) for name in metrics or () if name != objective.metric}
        rows.append(row | {"address": run.url or ""})
    table = pd.DataFrame(rows)
    if not table.empty and not table["address"].any():
        table = table.drop(columns="address")
    for name in table.columns:
        table = _one_type(table, name)
    return table


def shared_table(report: Report) -> pd.DataFrame:
    """One row a parameter: what the top runs have of it, and the rest."""
    rows = []
    for s in report.shared_by_top:
        if s.level is not None:
            ours, theirs = f"{s.level} in {s.top_share:.0%}", f"{s.level} in {s.rest_share:.0%}"
        else:
            ours = f"{number(s.top_low)} to {number(s.top_high)}, median {number(s.top_median)}"
            theirs = f"median {number(s.rest_median)}"
        rows.append({"parameter": s.parameter, "top runs": ours, "the rest": theirs, "adjusted p": s.p_adjusted})
    return pd.DataFrame(rows)


def correlations_table(report: Report) -> pd.DataFrame:
    """One row a parameter and method: n, coefficient, 95% interval, p and adjusted p."""
    return pd.DataFrame(
        [
            {
                "parameter": c.parameter,
                "method": c.method.capitalize(),
                "runs": c.n,
                "coefficient": c.coefficient,
                "95% from": c.ci_low,
                "95% to": c.ci_high,
                "p": c.p_value,
                "adjusted p": c.p_adjusted,
            }
            for c in report.correlations
        ]
    )


def matrix_table(matrix: CorrelationMatrix) -> pd.DataFrame:
    """Return the matrix with its names as the first column."""
    table = pd.DataFrame(matrix.coefficients, columns=list(matrix.names))
    table.insert(0, " ", list(matrix.names))
    return table


def importance_table(report: Report) -> pd.DataFrame:
    """One row a parameter, most important first; empty where the surrogate isn't trusted."""
    if not report.surrogate.trusted:
        return pd.DataFrame(columns=["parameter", "importance", "95% from", "95% to"])
    return pd.DataFrame(
        [
            {"parameter": i.parameter, "importance": i.importance, "95% from": i.ci_low, "95% to": i.ci_high}
            for i in report.surrogate.parameters
        ]
    )


def metrics_table(report: Report) -> pd.DataFrame:
    """One row a metric of the best run, in order of name."""
    best = report.best_run
    rows = [
        {"metric": name, "value": number(value), "in full": text_of_level(value)}
        for name, value in (best.metrics if best else {}).items()
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "in full"])


def _free(name: str, row: dict[str, Any]) -> str:
    return name if name not in row else f"{name} (parameter)"


def _one_type(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Make a column of mixed Python values one that Arrow can hold: whole numbers Int64, mixtures text."""
    if name not in table or table[name].dtype != object:
        return table
    kinds = {type(v) for v in table[name] if v is not None}
    if kinds <= {int}:
        return table.astype({name: "Int64"})
    return table if kinds <= {float, int} else table.assign(**{name: table[name].map(text_of_level)})


def tie_table(report: Report, most: int | None = None) -> pd.DataFrame:
    """One row a run of the tie set, the best first: name, objective, searched parameters, address.

    most : how many runs at most; None for all.
    """
    best = report.best_run
    return used_runs_table(report, report.population.best_first[: len(best.tied_run_ids) + 1 if best else 0][:most])


def used_runs_table(report: Report, rows: np.ndarray) -> pd.DataFrame:
    """One row a used run of those given by position: name, objective, searched parameters, address."""
    population = report.population
    runs = population.runs.iloc[rows].reset_index(drop=True)
    table = pd.DataFrame({"run": runs["name"], population.objective.label: population.values[rows]})
    if population.sweeps is not None:
        table.insert(1, "sweep", population.sweeps.iloc[rows].reset_index(drop=True))
    for p in population.searched:
        if p.name in population.config.columns:
            column = population.config[p.name].iloc[rows].reset_index(drop=True)
            table[_free(p.name, dict.fromkeys(table.columns))] = column
    return table if is_blank(runs["url"]) else table.assign(address=runs["url"])


def interactions_table(report: Report) -> pd.DataFrame:
    """One row a pair of parameters: share of variance beyond the single effects, interval, p."""
    return pd.DataFrame(
        [
            {
                "first": i.first,
                "second": i.second,
                "acts together": "yes" if i.claimed else "not clear",
                "share of variance": i.score,
                "95% from": i.score_low,
                "95% to": i.score_high,
                "p": i.p_value,
                "adjusted p": i.p_adjusted,
                "runs": i.n,
            }
            for i in report.interactions
        ]
    )


def heat_map_table(cells: HeatMap) -> pd.DataFrame:
    """One row a cell that holds runs: both bins, the mean objective, the count."""
    return pd.DataFrame(
        [
            {
                cells.first: first,
                f"{cells.second} " if cells.second == cells.first else cells.second: second,
                "mean": float(cells.mean[i, j]),
                "runs": int(cells.count[i, j]),
            }
            for i, first in enumerate(cells.first_labels)
            for j, second in enumerate(cells.second_labels)
            if cells.count[i, j]
        ]
    )


def dependence_table(dependence: PartialDependence) -> pd.DataFrame:
    """One row a place along the parameter: the surrogate's mean prediction and its 95% band."""
    table = pd.DataFrame(
        {
            dependence.parameter: list(dependence.x),
            "predicted mean": dependence.mean,
            "95% from": dependence.low,
            "95% to": dependence.high,
        }
    )
    return _one_type(table, dependence.parameter)


def convergence_table(convergence: Convergence) -> pd.DataFrame:
    """One row a number of runs: the expected best, its 95% band, and the best so far as the runs came."""
    return pd.DataFrame(
        {
            "runs": convergence.runs,
            "expected best": convergence.expected_best,
            "95% from": convergence.low,
            "95% to": convergence.high,
            "best so far": convergence.best_so_far,
        }
    )
