"""What a finding is, and what a rule for findings is: a function of the report, with its kind, section and group."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from lib.model.objective import value_rule
from lib.model.sentence import sentence

if TYPE_CHECKING:
    from lib.results.report import Report

Strength = Literal["strong", "moderate", "weak"]

_REGULARISATION = re.compile(
    r"(^|[._/-])(dropout|weight_?decay|wd|l1|l2|reg|regulari[sz][^\W_]*|decay|label_smoothing|augment[^\W_]*)([._/-]|$)",
    re.I,
)


class Group(StrEnum):
    """The headings that findings stand under, in the order in which a reader acts on them."""

    BEST = "Best performance"
    DISCRETE = "Discrete hyperparameters"
    CONTINUOUS = "Continuous hyperparameters"
    REGULARISATION = "Regularisation"
    INTERACTIONS = "Interactions between hyperparameters"
    DATA = "How far to trust this"


@dataclass(frozen=True, eq=False, slots=True)
class Finding:
    """One statement of the report, as pages, documents and the JSON report hold it."""

    id: str
    """Its kind and what it is about, unique in a report: "effect:lr"."""
    kind: str
    """Its kind in the JSON report, like "effect"."""
    parameter: str | None
    """The hyperparameter that it is about; None where it is about the sweep."""
    strength: Strength
    """How strong its evidence is."""
    headline: str
    """The claim in at most a dozen words, besides names, without a full stop."""
    text: str
    """The claim in full."""
    evidence: Mapping[str, Any]
    """Every number that `text` and `headline` quote, unrounded, and the names in them."""
    group: Group
    """The heading that it stands under."""
    section: str
    """The address of the section that shows it in full."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a rule yields: templates (see `lib.model.sentence`) and the evidence that fills them."""

    headline: str
    """The template of the finding's headline."""
    text: str
    """The template of the finding's text."""
    evidence: Mapping[str, Any]
    """The numbers and names that both quote."""
    strength: Strength
    """How strong the evidence is."""
    about: str = ""
    """What the finding's id adds to its kind, like the parameter's name; "" where one a report is made."""
    parameter: str | None = None
    """The hyperparameter that it is about."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Ready words for the templates that are no evidence."""


Statements = Iterator[Statement]


@dataclass(frozen=True)
class Rule:
    """A rule: what it looks at and says, and where that is shown."""

    find: Callable[[Report], Statements]
    """Yields what there is to say of a report."""
    kind: str
    """The kind of its findings."""
    section: str
    """The address of the section that shows them in full."""
    group: Group | Callable[[Report, str | None], Group]
    """The heading they stand under, or what decides it by the parameter."""

    def findings(self, report: Report) -> Iterator[Finding]:
        """Yield the findings of this rule."""
        for said in self.find(report):
            group = self.group if isinstance(self.group, Group) else self.group(report, said.parameter)
            yield Finding(
                id=f"{self.kind}:{said.about}" if said.about else self.kind,
                kind=self.kind,
                parameter=said.parameter,
                strength=said.strength,
                headline=sentence(said.headline, said.evidence, **said.words),
                text=sentence(said.text, said.evidence, **said.words),
                evidence=dict(said.evidence),
                group=group,
                section=self.section,
            )


def finding(
    *, kind: str, section: str, group: Group | Callable[[Report, str | None], Group]
) -> Callable[[Callable[[Report], Statements]], Rule]:
    """Make a function of the report a rule. It takes part once `lib.findings.RULES` names it."""
    return lambda find: Rule(find, kind, section, group)


def group_of_parameter(report: Report, parameter: str | None) -> Group:
    """Return the heading of what is said about a searched hyperparameter, by its name and kind."""
    searched = next(p for p in report.population.searched if p.name == parameter)
    if _REGULARISATION.search(searched.name):
        return Group.REGULARISATION
    return Group.DISCRETE if searched.grouped else Group.CONTINUOUS


def objective_named(report: Report) -> dict[str, Any]:
    """Return the evidence that names the objective: `metric`, and `rule` where a run's value isn't the last one."""
    objective = report.population.objective
    rule = value_rule(objective.value)
    if rule.kind == "last" or objective.unit:
        return {"metric": objective.metric}
    number_of_rule = {"rule_number": rule.number} if rule.kind in ("mean", "step") else {}
    return {"metric": objective.metric, "rule": rule.text, **number_of_rule}


def objective_words(report: Report) -> dict[str, str]:
    """Return the word `objective` for templates: the metric, with the rule for its value where that isn't the last."""
    named = objective_named(report)
    return {"objective": f"{named['metric']} ({named['rule']})" if "rule" in named else named["metric"]}
