"""The JSON report, of the shape in `schema.json`: plain values, unrounded; what doesn't exist is None; stable lists."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lib.findings import findings_of
from lib.model.columns import restored
from lib.model.json_values import json_ready
from lib.model.notes import Notes, notes_as_dict
from lib.model.parameter import Parameter
from lib.model.sweep import NONE_LEVEL
from lib.render.provenance import SCHEMA_VERSION
from lib.report.as_dict_2 import MOST_RUNS, version_2

if TYPE_CHECKING:
    from lib.results.report import Report


def report_as_dict(report: Report, notes: Notes | None = None) -> dict[str, Any]:
    """Return the whole report as JSON-ready values; every number as the analysis gave it.

    notes : the reader's; those that came with the source if None.
    """
    notes = report.sweep.notes if notes is None else notes
    by_name = {p.name: p for p in report.population.parameters}
    return json_ready(
        {
            "schema_version": SCHEMA_VERSION,
            "source": {
                "kind": report.sweep.origin.kind,
                "label": report.sweep.origin.label,
                "data_sha256": report.sweep.data_sha256,
                **({"format": report.sweep.origin.format} if report.sweep.origin.format else {}),
            },
            "sweep": _sweep(report),
            "runs": _runs(report),
            "best_run": _best_run(report),
            "discrete": [
                {
                    "parameter": d.parameter,
                    "groups": [
                        asdict(level) | {"value": _native(by_name[d.parameter], level.value)} for level in d.groups
                    ],
                    "test": d.test
                    and {
                        "name": d.test.name,
                        "statistic": d.test.statistic,
                        "p_value": d.test.p_value,
                        "p_adjusted": d.test.p_adjusted,
                        "effect_size": d.test.effect_size,
                    },
                }
                for d in report.discrete
            ],
            "continuous": [
                {
                    "parameter": c.parameter,
                    "scale": c.scale,
                    "trend": [asdict(b) for b in c.trend],
                    "sweet_spot": c.sweet_spot and asdict(c.sweet_spot),
                }
                for c in report.continuous
            ],
            "top_runs": [
                {
                    "rank": t.rank,
                    "run_id": t.run_id,
                    "name": t.name,
                    "value": t.value,
                    "url": t.url,
                    "parameters": dict(t.parameters),
                }
                for t in report.top_runs
            ],
            "correlations": [asdict(c) for c in report.correlations],
            "importance": {
                "model": report.surrogate.model,
                "r2": report.surrogate.r2,
                "trusted": report.surrogate.trusted,
                "parameters": [asdict(i) for i in report.surrogate.parameters] if report.surrogate.trusted else [],
            },
            "findings": [
                {
                    "id": f.id,
                    "kind": f.kind,
                    "parameter": f.parameter,
                    "strength": f.strength,
                    "text": f.text,
                    "evidence": dict(f.evidence),
                }
                for f in findings_of(report)
            ],
            "next_sweep": report.next_sweep.config if report.next_sweep else None,
            "warnings": list(report.warnings),
            **version_2(report),
            # Only where somebody wrote any.
            **({"notes": notes_as_dict(notes)} if notes else {}),
        }
    )


def _sweep(report: Report) -> dict[str, Any]:
    declarations = report.sweep.declarations
    one = declarations[0] if len(declarations) == 1 else None
    in_runs = sorted({s for s in report.sweep.runs["sweep"] if s})
    objective = report.population.objective
    return {
        "id": (one.id if one else None) or (in_runs[0] if len(in_runs) == 1 else None),
        "name": one.name if one else None,
        "url": one.url if one else None,
        "method": ", ".join(report.overview.methods) or None,
        "objective": {"metric": objective.metric, "goal": objective.goal, "value": objective.value},
        "parameters": [_parameter(p) for p in report.population.parameters],
        # Only where the reader derived any: the schema knows no such key otherwise.
        **({"derived": [asdict(d) for d in report.sweep.derived]} if report.sweep.derived else {}),
    }


def _parameter(p: Parameter) -> dict[str, Any]:
    return {
        "name": p.name,
        "role": p.role,
        "kind": p.kind,
        "scale": p.scale,
        "distribution": p.distribution,
        "low": p.low,
        "high": p.high,
        "values": [_native(p, v) for v in p.values] if p.values is not None else None,
        "declared": p.declared,
    }


def _native(parameter: Parameter, level: Any) -> Any:
    """Return a level as its own type: null where runs without a value are one; lists and mappings as JSON text."""
    if parameter.null_level and level == NONE_LEVEL:
        return None
    return level if isinstance(level, str) and level[:1] in ("[", "{") else restored(level)


def _runs(report: Report) -> dict[str, Any]:
    ledger = report.population.ledger
    return {
        "total": ledger.total,
        "used": ledger.used,
        "by_state": dict(ledger.by_state),
        "excluded": [{"reason": e.reason, "count": e.count} for e in ledger.excluded],
    }


def _best_run(report: Report) -> dict[str, Any] | None:
    best = report.best_run
    if best is None:
        return None
    return {
        "run_id": best.run_id,
        "name": best.name,
        "value": best.value,
        "url": best.url,
        "parameters": dict(best.parameters),
        "tied_run_ids": list(best.tied_run_ids[:MOST_RUNS]),
        "tied_count": len(best.tied_run_ids),
        "noise_sd": best.noise.sd if best.noise else None,
        "noise_source": best.noise.source if best.noise else None,
        "expected": best.expected,
        "expected_low": best.expected_low,
        "expected_high": best.expected_high,
        "probability_best": best.probability_best,
    }
