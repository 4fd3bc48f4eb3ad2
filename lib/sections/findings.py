"""Findings and recommendations: what was found, in words with its evidence, and the next sweep to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.convergence import UNORDERED
from lib.charts.progress import convergence_chart
from lib.findings import findings_by_group, findings_of
from lib.model.numbers import count, listing, number, percent
from lib.sections.blocks import (
    AppOnly,
    Blocks,
    Chart,
    Claim,
    Code,
    Download,
    Heading,
    Headline,
    Items,
    Link,
    Note,
    Row,
    Table,
    Text,
)

if TYPE_CHECKING:
    from lib.analysis.convergence import Convergence
    from lib.analysis.next_sweep import NextSweep
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(findings_headline(report))
    for heading, found in findings_by_group(report):
        yield Heading(heading)
        for finding in found:
            there = Link(finding.section) if finding.section != "findings" else None
            yield Claim(finding.text, finding.strength, link=there)

    yield Heading("What to sweep next")
    yield Text(next_sweep_sentence(report))
    recommended = report.next_sweep
    if recommended is not None:
        yield Row((lambda: _config(recommended), lambda: _reasons(recommended)), weights=(3, 2))

    search = report.convergence
    if search is not None:
        yield Heading("Would more runs help?")
        yield Text(convergence_sentence(report))
        yield Chart(
            "convergence",
            "Expected best against number of runs",
            f"Expected best {report.population.objective.metric} of the first k runs in random order, with its 95% "
            "band.",
            convergence_chart,
            (search, report.population.objective),
        )
        yield Note(
            "Solid: the expected best of this many of these runs in any order, with its 95% band. Dashed: as they came."
        )
        yield Table(
            "convergence",
            "Expected best by number of runs",
            lambda: convergence_table(search),
            folded="The table behind the chart",
            written=0,
        )

    yield Heading("Conclusion")
    yield Text(conclusion(report))
    yield AppOnly("export", "A written report is itself one of the formats that are offered.")


def _config(recommended: NextSweep) -> Blocks:
    yield Code(recommended.to_yaml(), "yaml")
    yield Download("Sweep config (YAML)", recommended.to_yaml, "next-sweep.yaml", "application/yaml")
    yield Code(recommended.command, "bash")


def _reasons(recommended: NextSweep) -> Blocks:
    if recommended.changes:
        yield Items(tuple(f"{c.parameter}: {c.action}, {c.before} → {c.after}. {c.why}" for c in recommended.changes))
    yield Note(recommended.runs_why)
    yield Note(recommended.expected)


def findings_headline(report: Report) -> str:
    """Say the one thing to do, in a sentence."""
    claimed = [e for e in report.effects if e.claimed]
    best = report.best_run
    if best is None:
        return "There is no usable run, so nothing can be found."
    metric = report.population.objective.metric
    if not claimed:
        return (
            f"Best {metric}: {number(best.value)} by {best.name}; no hyperparameter clearly affects it in these runs."
        )
    names = listing([e.parameter for e in sorted(claimed, key=lambda e: -(e.gain or 0))])
    return f"Best {metric}: {number(best.value)} by {best.name}; what matters is {names}."


def conclusion(report: Report) -> str:
    """Sum the report up: what is known, how sure, and what to do next."""
    best = report.best_run
    if best is None:
        return "Without a usable run there is nothing to conclude: see the ledger for why each run was left out."
    parts = [findings_headline(report)]
    found = findings_of(report)
    quiet = [f.parameter for f in found if f.kind == "no_effect" and f.parameter and "partners" not in f.evidence]
    if quiet:
        parts.append(f"No clear pattern for {listing(quiet)}.")
    if best.tied_run_ids and best.noise is not None:
        are = "is" if len(best.tied_run_ids) == 1 else "are"
        parts.append(
            f"{count(len(best.tied_run_ids), 'other run')} {are} statistically tied with the best, given run-to-run "
            f"noise ({number(best.noise.sd)}), so repeat the leading configurations before relying on one."
        )
    if report.next_sweep is not None:
        parts.append(
            f"Next: {count(report.next_sweep.runs, 'run')} of the recommended sweep, which keeps "
            f"{percent(report.next_sweep.volume_ratio)} of the searched space."
        )
    return " ".join(parts)


def next_sweep_sentence(report: Report) -> str:
    """Say how large the recommended space is against the searched one, and how many runs it asks for."""
    recommended = report.next_sweep
    if recommended is None:
        return "These runs say too little to recommend a next sweep."
    changed = [c.parameter for c in recommended.changes if c.action != "kept"]
    runs = count(recommended.runs, "more run")
    if not changed:
        text = f"Nothing clearly calls for another space; {runs} of this one would say more."
        return f"{text} {_stopping(report)}".strip()
    space = f"a space {percent(recommended.volume_ratio)} the size of this one"
    text = f"Run {runs} in {space}: {listing(changed)} {'changes' if len(changed) == 1 else 'change'}."
    metric = report.population.objective.metric
    if metric in {d.name for d in report.sweep.derived}:
        text += f" {metric} is derived here, so the program has to log it for W&B to search by it."
    return f"{text} {_stopping(report)}".strip()


def _stopping(report: Report) -> str:
    rule = report.next_sweep.early_stopping if report.next_sweep else None
    if rule is None:
        return ""
    saved = f"which would have saved {percent(rule.saved_share)} of the training steps of these runs"
    return f"Stop weak runs early (Hyperband, min_iter {rule.min_iter}, eta {rule.eta}), {saved}."


def convergence_sentence(report: Report) -> str:
    """Say whether the search has settled, by what its last quarter brought and what as many more would."""
    found = report.convergence
    if found is None:
        return "Without a usable run there is nothing to say about more of them."
    text = found.last_quarter_gain_why
    if found.verdict != UNORDERED:
        text += f" Verdict: {found.verdict}."
    if found.verdict != "too few runs":
        runs = count(found.next_runs, "more run")
        text += f" {runs} like these have a {percent(found.next_better)} chance of a new best"
        text += f"; the expected gain is at most {number(found.next_gain)}." if found.next_gain is not None else "."
    return text


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
