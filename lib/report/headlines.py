"""The first sentence of each section: the answer to its question, with the number. Plain text, no markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.inferred_objective import goal_caveat
from lib.model.numbers import count, duration, interval, listing, moment, number, p_value, percent
from lib.model.objective import value_rule

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.interactions import Interaction
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report


def overview_headline(report: Report) -> str:
    """Say what was searched, for what, by how many runs, and what came out on top."""
    objective, ledger = report.population.objective, report.population.ledger
    methods = [{"bayes": "Bayesian"}.get(method, method) for method in report.overview.methods]
    how = f"{' and '.join(methods)} search" if methods else "search"
    searched = [p.name for p in report.population.searched]
    over = f" over {listing(searched)}" if searched else ""
    article = "An" if how[0] in "aeiou" else "A"
    text = f"{article} {how}{over}: {count(ledger.total, 'run')}, {ledger.used:,} of them used here"
    if report.overview.compute_seconds > 0:
        text += f", {duration(report.overview.compute_seconds)} of compute"
    text += f", to {objective.goal} {objective.metric}."
    if ledger.used:
        best = int(report.population.best_first[0])
        value = number(float(report.population.values[best]))
        text += f" The {objective.best_word} is {value}."
    return text


def coverage_sentence(report: Report) -> str | None:
    """Say how many combinations of levels were tried; None where fewer than two parameters have levels."""
    found = report.coverage
    if found.of is None or sum(t.levels is not None for t in found.parameters) < 2:
        return None
    return f"Of {count(found.of, 'combination')} of their levels, {found.combinations:,} were tried."


def objective_rule(report: Report) -> str:
    """Say which of a run's values counts, as every page states it."""
    objective = report.population.objective
    if objective.metric == report.sweep.runtime_metric:
        return f"{objective.metric}, {objective.goal}; each run's own runtime in seconds"
    caveat = goal_caveat(objective)
    goal = f"{objective.goal} ({caveat})" if caveat else objective.goal
    text = f"{objective.metric}, {goal}; {value_rule(objective.value).words}"
    made = next((d.expression for d in report.sweep.derived if d.name == objective.metric), None)
    return text if made is None else f"{text}; derived: {made}"


def data_headline(report: Report) -> str:
    """Say where the runs came from and how many of them count."""
    ledger, origin = report.population.ledger, report.sweep.origin
    when = f", read {moment(origin.fetched_at)}" if origin.fetched_at else ""
    text = f"{count(ledger.total, 'run')} from {origin.label}{when}: {ledger.used:,} used"
    if ledger.excluded:
        text += ", left out: " + "; ".join(f"{e.count:,} ({e.reason})" for e in ledger.excluded)
    return text + "."


def best_run_headline(report: Report) -> str:
    """Say which run is best, by how much, and how many can't be told from it."""
    best, objective = report.best_run, report.population.objective
    if best is None:
        return "No run has a usable value of the objective, so there is no best run."
    text = f"{best.name} reached {objective.metric} {number(best.value)}, the {objective.best_word} of "
    text += f"{count(report.population.ledger.used, 'run')}"
    if best.noise is None:
        return text + "; too few runs to say how much of that is luck."
    if not best.tied_run_ids:
        return text + f", beyond what the noise of one run ({number(best.noise.sd)}) explains."
    return text + f"; {count(len(best.tied_run_ids), 'other run')} can't be told from it at the noise of one run."


def effect_sentence(effect: Effect | None, metric: str) -> str:
    """Say what one parameter does to the objective, or that nothing clear is seen."""
    if effect is None or effect.p_adjusted is None:
        return "Too few different runs to say."
    if not effect.claimed:
        return f"No clear pattern in these runs ({p_value(effect.p_adjusted)} after correction, n = {effect.n:,})."
    text = f"It moves {metric}"
    if effect.gain is not None and effect.gain_low is not None and effect.gain_high is not None:
        reach = (effect.gain_high - effect.gain_low) / 2
        text += (
            f": from {number(effect.worse)} to {number(effect.better)} gains {number(effect.gain)} ± {number(reach, 2)}"
        )
    return f"{text} ({p_value(effect.p_adjusted)} after correction)."


def impact_headline(report: Report) -> str:
    """Say which parameters move the objective."""
    claimed = sorted((e for e in report.effects if e.claimed), key=lambda e: -(e.gain or 0))
    searched = len(report.population.searched)
    if not searched:
        return "No hyperparameter varies in these runs, so there is nothing to compare."
    if not claimed:
        subject = "The searched hyperparameter shows no"
        if searched > 1:
            subject = f"None of the {searched} searched hyperparameters shows a"
        return f"{subject} clear effect on {report.population.objective.metric} in these runs."
    first = claimed[0]
    text = f"{len(claimed)} of {searched} searched hyperparameters clearly "
    names = listing([e.parameter for e in claimed])
    text += f"{'moves' if len(claimed) == 1 else 'move'} {report.population.objective.metric}: {names}."
    if first.gain is not None:
        text += f" The largest gain, {number(first.gain)}, is from {first.parameter} "
        text += f"{number(first.worse)} to {number(first.better)}."
    return text


def discrete_sentence(report: Report, impact: DiscreteImpact) -> str:
    """Say what one discrete or categorical parameter does, with its plain means and its test."""
    effect = next((e for e in report.effects if e.parameter == impact.parameter), None)
    text = effect_sentence(effect, report.population.objective.metric)
    means = [g for g in impact.groups if g.count >= 3]
    if impact.test is not None and len(means) > 1:
        sign = report.population.objective.sign
        best, worst = max(means, key=lambda g: sign * g.mean), min(means, key=lambda g: sign * g.mean)
        text += f" Plain means run from {number(worst.mean)} ({number(worst.value)}) to "
        text += f"{number(best.mean)} ({number(best.value)})"
        text += f"; {impact.test.name} H = {number(impact.test.statistic)}, {p_value(impact.test.p_adjusted)} adjusted,"
        text += f" epsilon² = {number(impact.test.effect_size, 3)}."
    return text


def continuous_sentence(report: Report, impact: ContinuousImpact) -> str:
    """Say what one continuous parameter does, and where its sweet spot is, or that there is none."""
    effect = next((e for e in report.effects if e.parameter == impact.parameter), None)
    text = effect_sentence(effect, report.population.objective.metric)
    if impact.sweet_spot is not None:
        text += f" Sweet spot: {interval(impact.sweet_spot.low, impact.sweet_spot.high)}."
    elif effect is not None and effect.p_adjusted is not None:
        text += " No sweet spot stands out."
    return text


def top_runs_headline(report: Report) -> str:
    """Say how close together the top runs are and what sets them apart."""
    top, objective = report.top_runs, report.population.objective
    if not top:
        return "No run has a usable value of the objective, so there are no top runs."
    spread = f"{number(top[0].value)} to {number(top[-1].value)}" if len(top) > 1 else number(top[0].value)
    text = f"The best {len(top)} of {count(report.population.ledger.used, 'run')} reach {objective.metric} {spread}."
    apart = [s for s in report.shared_by_top if s.p_adjusted is not None and s.p_adjusted < 0.05]
    if apart:
        said = []
        for s in apart[:3]:
            if s.level is not None:
                said.append(f"{s.parameter} {s.level} in {percent(s.top_share)} (the rest: {percent(s.rest_share)})")
            else:
                said.append(f"{s.parameter} typically {number(s.top_median)} (the rest: {number(s.rest_median)})")
        text += f" What sets them apart: {'; '.join(said)}."
    elif report.shared_by_top:
        text += " No single hyperparameter sets them clearly apart from the rest."
    return text


def parallel_coordinates_headline(report: Report) -> str:
    """Say how to read the picture and what its best quarter has in common."""
    ledger, objective = report.population.ledger, report.population.objective
    if not ledger.used:
        return "No run has a usable value of the objective, so there is nothing to draw."
    values = report.population.values[report.population.best_first]
    cut = values[max(0, len(values) // 4 - 1)]
    return (
        f"Each line is one of {count(ledger.used, 'run')}; the brightest are the best quarter, "
        f"{objective.metric} {'above' if objective.sign > 0 else 'below'} {number(float(cut))}."
    )


def correlation_headline(report: Report) -> str:
    """Say which correlation is strongest, with its interval, and how many are clear."""
    known = [c for c in report.correlations if c.coefficient is not None]
    if not known:
        return "No searched hyperparameter is a number that varies, so there is no correlation to give."
    top = max(known, key=lambda c: (abs(c.coefficient or 0), c.method == "spearman"))
    clear = {c.parameter for c in known if c.p_adjusted is not None and c.p_adjusted < 0.05}
    names = {c.parameter for c in known}
    text = f"The strongest is {top.parameter}: {top.method.capitalize()} {number(top.coefficient, 3)}"
    if top.ci_low is not None:
        text += f" (95% interval {number(top.ci_low, 3)} to {number(top.ci_high, 3)})"
    total = f"{len(names)} numeric hyperparameter{'s' if len(names) > 1 else ''}"
    are = "is" if len(clear) == 1 else "are"
    text += f" over {count(top.n, 'run')}; {len(clear)} of {total} {are} clear after correction."
    return text


def importance_sentence(report: Report) -> str:
    """Say how far the importances can be trusted."""
    surrogate = report.surrogate
    if surrogate.r2 is None:
        return f"No importance is given: {surrogate.why_not}."
    if not surrogate.trusted:
        return f"No importance is shown: {surrogate.why_not} (cross-validated R² {number(surrogate.r2, 2)})."
    return f"A {surrogate.model}: cross-validated R² {number(surrogate.r2, 2)}."


def findings_headline(report: Report) -> str:
    """Say the one thing to do, in a sentence."""
    claimed = [e for e in report.effects if e.claimed]
    best = report.best_run
    if best is None:
        return "There is no usable run, so nothing can be found."
    metric = report.population.objective.metric
    if not claimed:
        return f"Best {metric}: {number(best.value)} by {best.name}; no hyperparameter clearly moved it in these runs."
    names = listing([e.parameter for e in sorted(claimed, key=lambda e: -(e.gain or 0))])
    return f"Best {metric}: {number(best.value)} by {best.name}; what matters is {names}."


def conclusion(report: Report) -> str:
    """Sum the report up: what is known, how sure, and what to do next."""
    best = report.best_run
    if best is None:
        return "Without a usable run there is nothing to conclude: see the ledger for why each run was left out."
    parts = [findings_headline(report)]
    quiet = [e.parameter for e in report.effects if not e.claimed and e.p_adjusted is not None]
    if quiet:
        parts.append(f"No clear pattern for {listing(quiet)}.")
    if best.tied_run_ids and best.noise is not None:
        parts.append(
            f"{count(len(best.tied_run_ids), 'run')} can't be told from the best at the noise of one run "
            f"({number(best.noise.sd)}), so repeat the leading configurations before relying on one."
        )
    if report.next_sweep is not None:
        parts.append(
            f"Next: {count(report.next_sweep.runs, 'run')} of the recommended sweep, which keeps "
            f"{percent(report.next_sweep.volume_ratio)} of the searched space."
        )
    return " ".join(parts)


def noise_sentence(report: Report) -> str:
    """Say how the noise of one run was estimated, and what that means for the best value."""
    best = report.best_run
    if best is None or best.noise is None:
        return "With fewer than three usable runs, the noise of one run can't be estimated."
    noise = best.noise
    how = {
        "repeats": f"measured between {count(noise.runs, 'run')} that repeat {count(noise.groups, 'configuration')}",
        "surrogate": "the spread of held-out runs round what a random forest predicts, so an upper bound",
        "spread": "the spread of all runs, since a random forest predicts none of it",
        "bound": "the spread of all runs, an upper bound: too few to predict one from the others",
    }[noise.source]
    text = f"One run of a configuration varies by about {number(noise.sd)} (standard deviation; {how})."
    if best.expected is not None:
        text += f" The best of many runs is partly lucky: repeated, expect about {number(best.expected)} of this one."
    return text


def repeats_sentence(report: Report) -> str | None:
    """Say which configuration is best by its mean, beside the best single run; None where none was repeated."""
    found = report.repeats
    if found is None:
        return None
    first = found.configurations[0]
    aside = f" (differing in {listing(list(found.differ_in))})" if found.differ_in else ""
    text = (
        f"{count(len(found.configurations), 'configuration')} {'was' if len(found.configurations) == 1 else 'were'} "
        f"run more than once{aside}, {count(found.runs, 'run')} in all; within one, runs vary by {number(found.sd)} "
        f"(pooled standard deviation). Best by mean: {number(first.mean)} over {count(first.count, 'run')} "
        f"(95% interval {interval(first.ci_low, first.ci_high)})."
    )
    best = report.best_run
    if best is None:
        return text
    text += f" Best by luck: {best.name}, {number(best.value)}"
    if found.of_best is None:
        return f"{text}, a configuration that was run once."
    if found.of_best is first:
        return f"{text}, a run of that same configuration."
    return f"{text}, whose configuration has the mean {number(found.of_best.mean)}."


def tie_end(report: Report) -> float | None:
    """Return the value of the tie set's last run; None where the best has no rivals."""
    best = report.best_run
    if best is None or not best.tied_run_ids:
        return None
    last = len(best.tied_run_ids)
    return float(report.population.values[report.population.best_first[last]])


def tie_note(report: Report) -> str | None:
    """Say by what rule runs are in the tie set."""
    best = report.best_run
    if best is None or best.noise is None:
        return None
    return (
        "With 95% confidence the truly best of these configurations is among the best run and its tie set "
        "(Gupta's subset selection), at the noise of one run stated above."
    )


def sampling_caveat(report: Report) -> str | None:
    """Say once, near the numbers, that an adaptive search doesn't sample evenly; None where it did."""
    found = next((f for f in report.findings if f.kind == "sampler_bias"), None)
    return found.text if found else None


def confounding_sentences(report: Report, parameter: str) -> list[str]:
    """Say where a parameter's levels were tried under different values of another one that matters."""
    return [f.text for f in report.findings if f.kind == "confounded" and f.parameter == parameter]


def missing_note(missing: int, parameter: str) -> str | None:
    """Say how many used runs have no value of a parameter; None where all have."""
    return f"{count(missing, 'run')} without a value of {parameter} not shown here." if missing else None


def next_sweep_sentence(report: Report) -> str:
    """Say how large the recommended space is against the searched one, and how many runs it asks for."""
    recommended = report.next_sweep
    if recommended is None:
        return "These runs say too little to recommend a next sweep."
    changed = [c.parameter for c in recommended.changes if c.action != "kept"]
    runs = count(recommended.runs, "more run")
    if not changed:
        text = f"Nothing clearly calls for another space; {runs} of this one would tell more."
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
    spared = f"which would have spared {percent(rule.saved_share)} of the steps of these runs"
    return f"Stop weak runs early (Hyperband, min_iter {rule.min_iter}, eta {rule.eta}), {spared}."


def interactions_headline(report: Report) -> str:
    """Say which pairs act together, or that none clearly does."""
    pairs = [i for i in report.interactions if i.score is not None]
    if not pairs:
        return "With fewer than two hyperparameters that vary over enough runs, there is no pair to look at."
    claimed = [i for i in pairs if i.claimed]
    if not claimed:
        return f"None of the {count(len(pairs), 'pair')} of hyperparameters clearly acts together in these runs."
    named = listing([f"{i.first} with {i.second}" for i in claimed], most=3)
    are = "acts" if len(claimed) == 1 else "act"
    return f"{len(claimed)} of {count(len(pairs), 'pair')} clearly {are} together beyond single effects: {named}."


def pair_sentence(pair: Interaction) -> str:
    """Say how strongly one pair acts together, and how sure that is."""
    share = f"{percent(pair.score)} of the variance beyond their single effects"
    if pair.score_low is not None and pair.score_high is not None:
        share += f" (95% interval {percent(pair.score_low)} to {percent(pair.score_high)})"
    verdict = "act together" if pair.claimed else "don't clearly act together"
    sure = f"{p_value(pair.p_adjusted)} after correction, n = {pair.n:,}"
    return f"{pair.first} and {pair.second} {verdict}: {share}, {sure}."


def dependence_sentence(report: Report) -> str:
    """Say whether the surrogate can be asked at all, and how well it predicts."""
    surrogate = report.surrogate
    if not surrogate.trusted:
        return f"No model's view is shown: {surrogate.why_not}."
    return (
        f"A random forest predicts held-out runs with R² {number(surrogate.r2, 2)}; this is what it expects along one "
        "hyperparameter, the others as they were."
    )


def convergence_sentence(report: Report) -> str:
    """Say whether the search has settled, by what its last quarter brought and what as many more would."""
    from lib.analysis.convergence import UNORDERED

    found = report.convergence
    if found is None:
        return "Without a usable run there is nothing to say about more of them."
    text = found.last_quarter_gain_why
    if found.verdict != UNORDERED:
        text += f" Verdict: {found.verdict}."
    if found.verdict != "too few runs":
        runs = count(found.next_runs, "more run")
        text += f" {runs} like these would hold a new best with {percent(found.next_better)} chance"
        text += f", a gain of {number(found.next_gain)} to expect at most." if found.next_gain is not None else "."
    return text
