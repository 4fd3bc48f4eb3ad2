"""The provenance of a report: source, time of reading, data hash, choices, versions: what it takes to repeat it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from lib.model.filters import words_of

if TYPE_CHECKING:
    from lib.results.report import Report

# Of the JSON report, which `lib/report` makes.
SCHEMA_VERSION = 2
_PACKAGES = ("pandas", "scipy", "scikit-learn")


def provenance(report: Report) -> list[tuple[str, str]]:
    """Return (what, value) pairs. The time is when the runs were read, not when the report was written: it repeats."""
    population = report.population
    choices = population.choices
    chosen = [
        f"objective {population.objective.goal} {population.objective.metric} ({population.objective.value})",
        f"states {', '.join(choices.states) if choices.states else 'finished'}",
        f"top {choices.top}",
    ]
    if choices.parameters:
        chosen.append(f"hyperparameters {', '.join(choices.parameters)}")
    chosen += [f"derived {d.name} = {d.expression}" for d in choices.derive]
    if choices.scales:
        chosen.append(f"scales {', '.join(f'{name}:{scale}' for name, scale in choices.scales)}")
    if choices.columns:
        chosen.append(f"columns {', '.join(one.text for one in choices.columns)}")
    if choices.seeds:
        chosen.append(f"repeats may differ in {', '.join(choices.seeds)}")
    chosen += [f"only runs with {words_of(one)}" for one in choices.filters]
    return [
        ("Source", report.sweep.origin.label),
        ("Read", report.sweep.origin.fetched_at or "not known"),
        ("Data hash (SHA-256)", report.sweep.data_sha256),
        ("Choices", "; ".join(chosen)),
        ("Versions", ", ".join([f"report schema {SCHEMA_VERSION}", *(f"{p} {version(p)}" for p in _PACKAGES)])),
    ]


def provenance_text(report: Report) -> str:
    """Return the provenance as plain text, a line each, for files that have no room of their own for it."""
    return "\n".join(f"{what}: {value}" for what, value in provenance(report))
