"""Findings and recommendations: what was found, in words with its evidence, and the next sweep to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.convergence import UNORDERED
from lib.charts.convergence import convergence_chart
from lib.model.numbers import count, listing, number, percent
from lib.sections.blocks import (
    Blocks,
    Card,
    Chart,
    Code,
    Download,
    Headline,
    Items,
    Link,
    Method,
    Note,
    Row,
    Table,
    Text,
)
from lib.sections.claims import claims, facts
from lib.sections.effect_words import setting_words
from lib.sections.objective import value_words
from lib.sections.picked import if_picked

if TYPE_CHECKING:
    from lib.analysis.convergence import Convergence
    from lib.analysis.next_sweep import NextSweep
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(findings_headline(report))
    yield from if_picked(report)
    yield Row((lambda: _story(report), lambda: _what_to_do(report)), weights=(2, 1), close=True, stays=1)


def _story(report: Report) -> Blocks:
    told = claims(report)
    if not told:
        yield Text("These runs support no claim.")
    yield from told
    yield Method(
        "Clear and likely are about how strong the evidence is: the p-value after correction, and how much of the "
        "variance an effect explains. The page also says what was looked for and not found. Each page shows what its "
        "claims rest on, and says how it was computed."
    )


def _what_to_do(report: Report) -> Blocks:
    yield Card("Next sweep", (lambda: _next(report),))
    if report.convergence is not None:
        yield Card("Would more runs help?", (lambda: _more_runs(report),))
    yield Card("How far to trust this", (Items(facts(report)), Note(ledger_sentence(report))), Link("data"))


def _next(report: Report) -> Blocks:
    yield Text(next_sweep_sentence(report))
    recommended = report.next_sweep
    if recommended is None:
        return
    yield Table(
        "next-sweep",
        "What was searched, and what to search next",
        lambda: was_next_table(recommended),
        wraps=True,
    )
    yield Download("Download next-sweep.yaml", recommended.to_yaml, "next-sweep.yaml", "application/yaml")
    yield Code(recommended.command, "text")
    yield Note(recommended.expected)
    if report.fixable:
        yield Note(fixable_sentence(report))
    yield Code(recommended.to_yaml(), "yaml", folded="The sweep config (YAML)")
    yield Table(
        "next-sweep-reasons",
        "Why each hyperparameter changes or stays",
        lambda: reasons_table(recommended),
        folded="Why",
    )
    yield Method(recommended.runs_why)


def _more_runs(report: Report) -> Blocks:
    search = report.convergence
    assert search is not None
    yield Text(convergence_sentence(report))
    if search.verdict == "too few runs":
        return
    if brings := more_runs_sentence(report):
        yield Text(brings)
    yield Chart(
        "convergence",
        "Expected best against number of runs",
        f"Expected best {report.population.objective.metric} of the first k runs in random order, with its 95% band.",
        convergence_chart,
        (search, report.population.objective, report.population.objective_scale),
        {"compact": True},
        small=True,
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


def was_next_table(recommended: NextSweep) -> pd.DataFrame:
    """One row a parameter: what was searched, and what to search next, "same" where that is the same."""
    return pd.DataFrame(
        [
            {"parameter": c.parameter, "was": c.before, "next": "same" if c.action == "kept" else c.after}
            for c in sorted(recommended.changes, key=lambda c: c.action == "kept")
        ]
    )


def reasons_table(recommended: NextSweep) -> pd.DataFrame:
    """One row a parameter: what becomes of it, and why."""
    return pd.DataFrame([{"parameter": c.parameter, "becomes": c.action, "why": c.why} for c in recommended.changes])


def ledger_sentence(report: Report) -> str:
    """Say how many of the runs the claims are about."""
    ledger = report.population.ledger
    if ledger.used == ledger.total:
        return f"{'The only run is' if ledger.total == 1 else f'All {ledger.total:,} runs are'} used."
    return f"{ledger.used:,} of {count(ledger.total, 'run')} are used."


def findings_headline(report: Report) -> str:
    """Say the one thing to do, in a sentence."""
    claimed = [e for e in report.effects if e.claimed]
    best = report.best_run
    if best is None:
        return f"{report.population.why_no_run}, so nothing can be found."
    said = f"Best {report.population.objective.metric}: {value_words(report, best.value)} by {best.name}"
    if report.population.ledger.used == 1:
        return f"{said}, the only run; one run can't show what matters."
    if not claimed:
        return f"{said}; no hyperparameter clearly affects it in these runs."
    names = listing([e.parameter for e in sorted(claimed, key=lambda e: -e.size)])
    return f"{said}; what matters is {names}."


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
    lead = "If you go on, run" if _little_to_gain(recommended) else "Run"
    text = f"{lead} {runs} in {space}: {listing(changed)} {'changes' if len(changed) == 1 else 'change'}."
    metric = report.population.objective.metric
    if metric in {d.name for d in report.sweep.derived}:
        text += f" {metric} is derived here, so the program has to log it for W&B to search by it."
    return f"{text} {_stopping(report)}".strip()


def _little_to_gain(recommended: NextSweep) -> bool:
    """Whether even many more runs of the next sweep would improve the best by less than noise can show."""
    return not recommended.beyond and recommended.more_runs[-1].gain <= recommended.hidden


def fixable_sentence(report: Report) -> str:
    """Say what needn't be searched any longer, and what that loses at most."""
    metric, noise = report.population.objective.metric, report.noise
    if not report.fixable or noise is None:
        return "Keep searching every hyperparameter: fixing any of them may lose more than run-to-run noise."
    named = [
        f"{one.parameter} at {setting_words(report, one.parameter, one.value)} (at most {number(one.loss_high, 2)})"
        for one in report.fixable
    ]
    return (
        f"You can fix these, since each costs less {metric} than run-to-run noise ({number(noise.sd, 2)}); in brackets "
        f"is the most that it may cost (95%): {listing(named)}."
    )


def more_runs_sentence(report: Report) -> str:
    """Say what 20, 50 and 100 more runs of the next sweep would bring."""
    recommended = report.next_sweep
    if recommended is None:
        return ""
    if report.population.spans_decades:
        # What is gained in the units of a loss over decades is gained on its worst runs.
        return ""
    metric = report.population.objective.metric
    most = recommended.more_runs[-1]
    if most.gain <= recommended.hidden:
        gain = f"by less than noise can show ({number(recommended.hidden, 2)})"
        text = f"{most.runs} runs of the next sweep would improve the best {metric} {gain}, not counting luck"
    else:
        counts = listing([str(one.runs) for one in recommended.more_runs])
        gains = [number(one.gain, 2) for one in recommended.more_runs]
        by = gains[0] if len(set(gains)) == 1 else listing(gains)
        text = f"{counts} runs of the next sweep would improve the best {metric} by about {by}, not counting luck"
    return f"{text}; beyond the searched ranges, nothing is known yet." if recommended.beyond else f"{text}."


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
        text += f"; the expected gain is at most {number(found.next_gain, 2)}." if found.next_gain is not None else "."
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
