"""What a report says in words: sentences from a fixed set of rules, each with the numbers that it quotes as evidence.

A rule fills its template from its evidence alone, so no sentence can quote a number that the evidence doesn't hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.analysis.best import BestRun
from lib.analysis.confounding import Confounding
from lib.analysis.convergence import Convergence
from lib.analysis.effects import FEWEST_RUNS, Effect
from lib.analysis.groups import DiscreteImpact
from lib.analysis.inferred_objective import inferred_objective
from lib.analysis.interactions import Interaction
from lib.analysis.overview import Overview
from lib.analysis.population import Population
from lib.analysis.surrogate import Surrogate
from lib.analysis.trend import ContinuousImpact
from lib.analysis.winners import winners
from lib.model.columns import plain
from lib.model.numbers import count, duration, listing, number, p_value, percent
from lib.model.objective import value_rule

CLAIM_BAR = 0.05

# Where each kind of finding is shown in full.
PAGE_OF_KIND = {
    "best": "best-run",
    "tie": "best-run",
    "effect": "hyperparameter-impact",
    "no_effect": "hyperparameter-impact",
    "edge": "hyperparameter-impact",
    "interaction": "interactions",
    "confounded": "hyperparameter-impact",
    "data_quality": "data",
    "goal_inferred": "data",
    "budget": "findings",
    "sampler_bias": "correlation",
}


@dataclass(frozen=True, eq=False, slots=True)
class Finding:
    """One statement. `evidence` holds every number in `text`, unrounded; `strength` is strong, moderate or weak."""

    id: str
    kind: str
    parameter: str | None
    strength: str
    text: str
    evidence: Mapping[str, Any]

    @property
    def page(self) -> str:
        """The address of the page that shows it in full."""
        return PAGE_OF_KIND[self.kind]


@dataclass(frozen=True, eq=False)
class Grounds:
    """The results that findings are drawn from."""

    population: Population
    overview: Overview
    best: BestRun | None
    discrete: tuple[DiscreteImpact, ...]
    continuous: tuple[ContinuousImpact, ...]
    effects: tuple[Effect, ...]
    interactions: tuple[Interaction, ...]
    confounding: tuple[Confounding, ...]
    surrogate: Surrogate
    convergence: Convergence | None


def findings(grounds: Grounds) -> tuple[Finding, ...]:
    """Draw all findings, in the order in which a reader would act on them.

    First whether the data can be trusted, then the best run and its rivals, then what moved the objective (largest gain
    first) and where ranges end too early, then what qualifies that, then what had no visible effect.
    """
    return tuple(
        [
            *_goal_inferred(grounds),
            *_data_quality(grounds),
            *_best(grounds),
            *_tie(grounds),
            *_effects(grounds),
            *_edges(grounds),
            *_interactions(grounds),
            *_confounded(grounds),
            *_sampler_bias(grounds),
            *_budget(grounds),
            *_no_effects(grounds),
        ]
    )


def _finding(
    id: str, kind: str, parameter: str | None, strength: str, template: str, evidence: Mapping[str, Any]
) -> Finding:
    if "rule" in evidence and "{rule}" not in template:
        template = template.replace("{metric}", "{metric} ({rule})", 1)
    written = {name: _written(name, value) for name, value in evidence.items()}
    return Finding(id, kind, parameter, strength, template.format_map(written), dict(evidence))


def _metric(g: Grounds) -> dict[str, Any]:
    """Name the objective for a sentence, with the rule for its value where that isn't the last."""
    objective = g.population.objective
    rule = value_rule(objective.value)
    if rule.kind == "last" or objective.unit:
        return {"metric": objective.metric}
    number_of_rule = {"rule_number": rule.number} if rule.kind in ("mean", "step") else {}
    return {"metric": objective.metric, "rule": rule.text, **number_of_rule}


def _written(name: str, value: Any) -> str:
    """Write one piece of evidence for a sentence, by what its name says it is."""
    if name.startswith(("runs", "count")) and isinstance(value, int):
        return count(value, "run")
    if name.startswith(("share", "r2", "probability")):
        return percent(value)
    if name.startswith("p_") or name == "p":
        return p_value(value)
    if name.startswith("seconds"):
        return duration(value)
    if isinstance(value, (list, tuple)):
        return listing([number(v) for v in value])
    return number(value)


def _goal_inferred(g: Grounds) -> list[Finding]:
    found = inferred_objective(g.population.objective) if len(g.population.rows) else None
    if found is None:
        return []
    strength, text, evidence = found
    return [_finding("goal_inferred", "goal_inferred", None, strength, text, evidence)]


def _data_quality(g: Grounds) -> list[Finding]:
    ledger, found = g.population.ledger, []
    if ledger.used == 0:
        reasons = {f"runs_{i}": e.count for i, e in enumerate(ledger.excluded)}
        whys = "; ".join(f"{e.reason}: {{runs_{i}}}" for i, e in enumerate(_escaped(ledger.excluded)))
        text = f"No run can be used, so there is nothing to report ({whys})."
        return [_finding("data_quality:none", "data_quality", None, "strong", text, reasons)]
    left_out = ledger.total - ledger.used
    if left_out:
        evidence: dict[str, Any] = {"runs_left_out": left_out, "runs_total": ledger.total, "share": 0.0}
        evidence["share"] = left_out / ledger.total
        evidence |= {f"runs_{i}": e.count for i, e in enumerate(ledger.excluded)}
        whys = "; ".join(f"{e.reason}: {{runs_{i}}}" for i, e in enumerate(_escaped(ledger.excluded)))
        strength = "strong" if evidence["share"] > 0.2 else "moderate" if evidence["share"] > 0.05 else "weak"
        text = f"{{runs_left_out}} of {{runs_total}} ({{share}}) were left out ({whys})."
        found.append(_finding("data_quality:left_out", "data_quality", None, strength, text, evidence))
    for name, lacking in g.overview.missing:
        evidence = {"parameter": name, "runs_missing": lacking, "share": lacking / ledger.used}
        text = "{runs_missing} ({share}) used here lack a value of {parameter}; comparisons by it go without them."
        strength = "strong" if evidence["share"] > 0.2 else "weak"
        found.append(_finding(f"data_quality:missing:{name}", "data_quality", name, strength, text, evidence))
    for parameter in g.population.searched:
        held = g.population.levels(parameter.name).dropna()
        if parameter.declared and held.nunique() == 1 and ledger.used >= FEWEST_RUNS:
            evidence = {"parameter": parameter.name, "value": plain(held.iloc[0]), "runs": len(held)}
            text = (
                "{parameter} was to be searched, but is {value} in all {runs} that have it: of it nothing can be said."
            )
            name = parameter.name
            found.append(_finding(f"data_quality:constant:{name}", "data_quality", name, "moderate", text, evidence))
    return [*found, *_rule_decides(g)]


def _rule_decides(g: Grounds) -> list[Finding]:
    both = winners(g.population)
    if both is None or both.same:
        return []
    rule = value_rule(g.population.objective.value)
    evidence = {
        "metric": g.population.objective.metric,
        "last_run": both.last_name,
        "last_value": both.last_value,
        "best_run": both.best_name,
        "best_value": both.best_value,
        "rule": rule.words,
    }
    if rule.number:
        evidence["rule_number"] = rule.number
    text = (
        "Which value of a run counts decides the winner: by the last {metric} it is {last_run} ({last_value}), by the "
        "best of each run's history {best_run} ({best_value}). This report goes by {rule}."
    )
    return [_finding("data_quality:value_rule", "data_quality", None, "moderate", text, evidence)]


def _escaped(excluded: Sequence[Any]) -> list[Any]:
    """Names in a template may hold braces: double them, so that they are taken as they are."""
    return [type(e)(e.reason.replace("{", "{{").replace("}", "}}"), e.count) for e in excluded]


def _best(g: Grounds) -> list[Finding]:
    if g.best is None:
        return []
    evidence: dict[str, Any] = {
        **_metric(g),
        "run": g.best.name,
        "value": g.best.value,
        "runs": g.population.ledger.used,
        "mean": g.best.mean,
    }
    text = (
        f"The best run is {{run}}: {g.population.objective.best_word} {{metric}} {{value}} of {{runs}} (mean {{mean}})."
    )
    if g.best.expected is not None and g.best.noise is not None:
        evidence |= {"expected": g.best.expected, "noise_sd": g.best.noise.sd}
        text += " Allowing for luck (one run varies by {noise_sd}), expect about {expected} from its configuration."
    return [_finding("best", "best", None, "strong", text, evidence)]


def _tie(g: Grounds) -> list[Finding]:
    if g.best is None or g.best.noise is None or not g.best.tied_run_ids:
        return []
    tied, used = len(g.best.tied_run_ids), g.population.ledger.used
    sources = {
        "repeats": "measured from repeated configurations",
        "surrogate": "from what a model of the runs can't predict",
        "spread": "all of the spread, since a model of the runs predicts none of it",
        "bound": "all of the spread, since too few runs allow a model of it: an upper bound",
    }
    share = (tied + 1) / used
    evidence = {"runs_tied": tied, "share": share, "run": g.best.name, "noise_sd": g.best.noise.sd}
    text = (
        "{runs_tied} can't be told from {run} at the noise of one run (standard deviation {noise_sd}, "
        + sources[g.best.noise.source]
        + "): the winner is one of {share} of all runs. Repeat the leading configurations before choosing between them."
    )
    strength = "strong" if share < 0.1 else "moderate" if share < 0.5 else "weak"
    return [_finding("tie", "tie", None, strength, text, evidence)]


def _strength(effect: Effect) -> str:
    share, p = effect.share or 0.0, effect.p_adjusted if effect.p_adjusted is not None else 1.0
    if p < 0.001 and share >= 0.05:
        return "strong"
    return "moderate" if p < 0.01 else "weak"


def _effects(g: Grounds) -> list[Finding]:
    found = []
    for effect in sorted((e for e in g.effects if e.claimed), key=lambda e: (-(e.gain or 0.0), e.parameter)):
        evidence: dict[str, Any] = {
            "parameter": effect.parameter,
            **_metric(g),
            "better": effect.better,
            "worse": effect.worse,
            "gain": effect.gain,
            "p_adjusted": effect.p_adjusted,
            "share": effect.share,
            "n": effect.n,
        }
        text = "{parameter} moves {metric}"
        if effect.gain is not None and effect.gain_low is not None and effect.gain_high is not None:
            evidence["plus_minus"] = (effect.gain_high - effect.gain_low) / 2
            evidence |= {"gain_low": effect.gain_low, "gain_high": effect.gain_high}
            text += ": going from {worse} to {better} gains {gain} ± {plus_minus}"
            if effect.gain_low <= 0:
                text += ", so how much is open"
        text += " ({p_adjusted}"
        if effect.share is not None:
            text += ", {share} of the variance"
        text += ")."
        if effect.adjusted_for:
            evidence["adjusted_for"] = list(effect.adjusted_for)
            text += " That is adjusted for {adjusted_for}."
        if effect.optimum_low is not None and effect.optimum_high is not None and effect.shape in ("peak", "valley"):
            evidence |= {"optimum_low": effect.optimum_low, "optimum_high": effect.optimum_high}
            text += " The best lies between {optimum_low} and {optimum_high}."
        found.append(
            _finding(f"effect:{effect.parameter}", "effect", effect.parameter, _strength(effect), text, evidence)
        )
    return found


def _edges(g: Grounds) -> list[Finding]:
    found = []
    for effect in g.effects:
        if not effect.claimed or effect.at_edge is None:
            continue
        evidence = {
            "parameter": effect.parameter,
            "end": effect.edge,
            "side": effect.at_edge,
            **_metric(g),
        }
        further = "lower" if effect.at_edge == "low" else "higher"
        text = f"The best {{metric}} lies at the {{side}} end of {{parameter}} ({{end}}): nothing {further} was tried."
        found.append(_finding(f"edge:{effect.parameter}", "edge", effect.parameter, _strength(effect), text, evidence))
    return found


def _interactions(g: Grounds) -> list[Finding]:
    found = []
    for pair in g.interactions:
        if not pair.claimed:
            continue
        evidence = {
            "first": pair.first,
            "second": pair.second,
            "share": pair.score,
            "p_adjusted": pair.p_adjusted,
            "n": pair.n,
        }
        text = (
            "{first} and {second} act together: the best value of one depends on the other "
            "({share} of the variance beyond their single effects, {p_adjusted})."
        )
        strength = (
            "strong" if (pair.p_adjusted or 1) < 0.001 else "moderate" if (pair.p_adjusted or 1) < 0.01 else "weak"
        )
        found.append(
            _finding(f"interaction:{pair.first}:{pair.second}", "interaction", pair.first, strength, text, evidence)
        )
    return found


def _confounded(g: Grounds) -> list[Finding]:
    found = []
    for one in g.confounding:
        evidence = {
            "parameter": one.parameter,
            "other": one.other,
            "low_level": one.low_level,
            "low_typical": one.low_typical,
            "high_level": one.high_level,
            "high_typical": one.high_typical,
            "share_of_variance": one.strength,
            "p_adjusted": one.p_adjusted,
        }
        text = (
            "The levels of {parameter} were tried under different values of {other} (typically {low_typical} at "
            "{low_level}, {high_typical} at {high_level}; {p_adjusted}): compare the adjusted effect, not plain means."
        )
        id = f"confounded:{one.parameter}:{one.other}"
        found.append(
            _finding(id, "confounded", one.parameter, "strong" if one.strength > 0.14 else "moderate", text, evidence)
        )
    return found


def _sampler_bias(g: Grounds) -> list[Finding]:
    bayes = "bayes" in g.overview.methods
    stopped = g.overview.early_terminate is not None
    if not bayes and not stopped or g.population.ledger.used == 0:
        return []
    runs = {"runs": g.population.ledger.used}
    how = (
        "chosen by a Bayesian search, which crowds where it did well" if bayes else "stopped early where they did badly"
    )
    if bayes and stopped:
        how += ", and some were stopped early"
    text = (
        f"The {{runs}} were {how}: plain means and correlations describe where the search looked as well as "
        "what works. Claims here rest on comparisons adjusted for the other parameters."
    )
    return [_finding("sampler_bias", "sampler_bias", None, "moderate", text, runs)]


def _budget(g: Grounds) -> list[Finding]:
    if g.convergence is None or g.convergence.last_quarter_gain is None:
        return []
    c = g.convergence
    evidence: dict[str, Any] = {
        "runs_last": c.last_quarter_runs,
        "gain": c.last_quarter_gain,
        **_metric(g),
    }
    text = "The last {runs_last} improved the best {metric} by {gain}: "
    if c.last_quarter_gain == 0:
        del evidence["gain"]
        text = "The last {runs_last} brought no better {metric}: "
    text += {
        "converged": "no sign that the search was still getting better.",
        "still improving": "the search had not settled yet.",
        "too few runs": "too few runs to tell whether it has settled.",
    }[c.verdict]
    strength = "moderate" if c.verdict != "too few runs" else "weak"
    return [_finding("budget", "budget", None, strength, text, evidence)]


def _no_effects(g: Grounds) -> list[Finding]:
    found = []
    for effect in g.effects:
        if effect.claimed or effect.p_adjusted is None:
            continue
        evidence = {
            "parameter": effect.parameter,
            **_metric(g),
            "p_adjusted": effect.p_adjusted,
            "n": effect.n,
        }
        text = "No clear pattern of {metric} with {parameter} in these runs ({p_adjusted}, n = {n})."
        found.append(_finding(f"no_effect:{effect.parameter}", "no_effect", effect.parameter, "weak", text, evidence))
    return found
