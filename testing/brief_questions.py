"""What a reader asks of a sweep, answered from the brief alone, and held against the JSON report to the digit.

python -m testing.brief_questions sample runs.csv     # each question, the brief's answer, the JSON report's
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Data = Mapping[str, Any]
_NUMBER = r"([−-]?\d[\d.,]*(?:e[−-]?\d+)?)"


@dataclass(frozen=True)
class Question:
    """A question, where the brief's answer stands, and what the JSON report says."""

    text: str
    pattern: str
    """A regular expression of the brief without escapes; its first group is the answer."""
    truth: Callable[[Data], Any]
    """The answer in the JSON report; None where it doesn't arise."""


def questions(report: Data) -> Iterator[Question]:
    """Yield what there is to ask of a report: of the best run, each effect, and the next sweep."""
    best, outlook = report["best_run"], report["next_sweep_outlook"]
    yield Question(
        "Which metric is the objective?", r"Objective: \w+ (\S+) \(", lambda r: r["sweep"]["objective"]["metric"]
    )
    yield Question("To what end?", r"Objective: (\w+) ", lambda r: r["sweep"]["objective"]["goal"])
    yield Question("How many runs are used?", rf"\. {_NUMBER} of [\d,]+ runs? used", lambda r: r["runs"]["used"])
    yield Question("Of how many?", rf" of {_NUMBER} runs? used", lambda r: r["runs"]["total"])
    yield Question("How many hyperparameters were searched?", rf"{_NUMBER} searched hyperparameter", _searched)
    yield Question("Of which data is it?", r"Data hash \(SHA-256\) (\w+)", lambda r: r["source"]["data_sha256"])
    yield Question(
        "What has the next sweep as method?", r"Method (\w+)\.", lambda r: (r["next_sweep"] or {}).get("method")
    )
    repeated = rf"So far: {_NUMBER} configurations?"
    yield Question("How many configurations were run more than once?", repeated, lambda r: r["repeats"]["repeated"])
    if best is not None:
        yield from _of_best(best)
    for effect in report["effects"]:
        if effect["p_adjusted"] is not None and effect["within"] is None:
            yield from _of_effect(effect)
    if outlook is not None:
        yield from _of_next(outlook)


def _searched(report: Data) -> int:
    return sum(p["role"] == "searched" for p in report["sweep"]["parameters"])


def _of_best(best: Data) -> Iterator[Question]:
    name = re.escape(best["name"])
    yield Question("Which run is best?", r"The best run is (.+?): ", lambda _: best["name"])
    yield Question(
        "What did it reach?", rf"The best run is {name}: \S+ (?:\([^)]*\) )?{_NUMBER},", lambda _: best["value"]
    )
    yield Question("What if it is repeated?", rf"expect about {_NUMBER}", lambda _: best["expected"])
    yield Question("At least?", rf"expect about .+?interval {_NUMBER} to", lambda _: best["expected_low"])
    yield Question("At most?", rf"expect about .+?interval \S+ to {_NUMBER}", lambda _: best["expected_high"])
    tied = lambda _: best["tied_count"] or None  # noqa: E731
    yield Question("How many runs are as good?", rf"{_NUMBER} other runs? (?:is|are) statistically tied", tied)
    noise = rf"noise: a standard deviation of {_NUMBER}"
    yield Question("How much does one run vary?", noise, lambda _: best["noise_sd"])
    for parameter, value in best["parameters"].items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            pattern = rf"Its configuration: .*?\b{re.escape(parameter)} {_NUMBER}"
            yield Question(f"What is its {parameter}?", pattern, lambda _, value=value: value)


def _of_effect(effect: Data) -> Iterator[Question]:
    name = effect["parameter"]
    row = rf"\| {re.escape(name)} \| "
    yield Question(
        f"Is an effect of {name} claimed?", row + r"(yes|no) ", lambda _: "yes" if effect["claimed"] else "no"
    )
    small = effect["p_adjusted"] < 0.001
    p = row + (r"\w+ \| p (< 0.001) " if small else rf"\w+ \| p = {_NUMBER} ")
    yield Question(f"How sure is {name}?", p, lambda _: "< 0.001" if small else effect["p_adjusted"])
    yield Question(f"Of how many is {name} known?", row + rf"\w+ \| [^|]+ \| {_NUMBER} ", lambda _: effect["n"])
    gain = row + r"\w+ \| [^|]+ \| [^|]+ \| "
    yield Question(f"What does {name} gain?", gain + rf"\+?{_NUMBER}", lambda _: effect["gain"])
    yield Question(f"At least, {name}?", gain + rf"\S+ \[{_NUMBER}, ", lambda _: effect["gain_low"])
    yield Question(f"At most, {name}?", gain + rf"\S+ \[\S+ {_NUMBER}\]", lambda _: effect["gain_high"])


def _of_next(outlook: Data) -> Iterator[Question]:
    yield Question("How many runs next?", rf"Method \w+\. {_NUMBER} runs?", lambda _: outlook["runs"])
    yield Question("What are they expected to reach?", rf"expected mean {_NUMBER}", lambda _: outlook["mean"])
    yield Question("At least, the next?", rf"expected mean \S+ \({_NUMBER} to", lambda _: outlook["low"])
    yield Question("And so far?", rf"\), so far {_NUMBER}", lambda _: outlook["so_far"])


def answer(question: Question, brief: str) -> str | None:
    """Return what the brief says; None where it doesn't."""
    found = re.search(question.pattern, re.sub(r"\\(.)", r"\1", brief))
    return None if found is None else found[1].rstrip(".,")


def agrees(said: str | None, truth: Any) -> bool:
    """Whether an answer is the JSON report's: the same word, or its number to the digits that are written."""
    if said is None or truth is None:
        return said is None and truth is None
    if isinstance(truth, str):
        return said == truth
    bare = said.replace(",", "").replace("−", "-")
    mantissa, _, exponent = bare.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(float(bare) - truth) <= 0.5 * unit * (1 + 1e-9)


def main(sources: list[str]) -> int:
    """Ask every question of the briefs of some sources; return how many answers are wrong."""
    from lib.render.brief import brief_of
    from lib.report import build_report

    asked = wrong = 0
    for source in sources or ["sample"]:
        report = build_report(source).to_dict()
        brief = brief_of(report)
        for question in questions(report):
            said, truth = answer(question, brief), question.truth(report)
            asked += 1
            wrong += not agrees(said, truth)
            print(f"{'ok' if agrees(said, truth) else 'WRONG'}\t{question.text}\t{said}\t{truth}")
    print(f"{asked} questions, {wrong} wrong", file=sys.stderr)
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
