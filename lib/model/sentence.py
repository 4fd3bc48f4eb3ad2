"""Sentences from templates and evidence: every number in a sentence states how it is written.

    sentence("{left_out:whole} of {total:count run} ({share:percent}) were left out.", evidence)

Values come from data, so they may hold anything: braces in a name are text, never a field of the template.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lib.model.numbers import (
    coefficient,
    count,
    duration,
    factor,
    interval,
    listing,
    number,
    p_value,
    percent,
    precise,
    signed,
    with_interval,
)


def sentence(template: str, evidence: Mapping[str, Any], **words: str) -> str:
    """Fill a template from its evidence, and from `words`, which stand in it as they are.

    A field is {name} or {name:FORMAT}; NAME stands for another piece of evidence:

    - nothing: text as it is, a number with four significant digits, a list as "a, b and c"
    - `digits N`: a number with N significant digits
    - `signed`: "+0.029", "−0.03"
    - `whole`: "10,000"
    - `count`, `count NOUN`, `count ONE|MANY`: "7 runs", "1 other run", "2 entries"
    - `plural ONE|MANY`: the word that goes with the number, without it: "was", "were"
    - `percent`, `p`, `duration`
    - `factor`: how many times, with two significant digits, "9,000"
    - `coefficient`: a correlation with two decimals
    - `within NAME`: a value to one digit beyond its uncertainty
    - `± LOW HIGH`: the same, beside its 95% interval
    - `to NAME`: an interval

    Raises KeyError for a field without evidence, ValueError for a format that there is not.
    """
    return _Formatter(evidence).vformat(template, (), {**evidence, **words})


class _Formatter(string.Formatter):
    def __init__(self, evidence: Mapping[str, Any]) -> None:
        self._evidence = evidence

    def format_field(self, value: Any, format_spec: str) -> str:
        name, _, argument = format_spec.partition(" ")
        if name in _BESIDE_OTHERS:
            return _BESIDE_OTHERS[name](value, *(self._evidence[one] for one in argument.split()))
        if name not in _FORMATS:
            raise ValueError(f"There is no format {name!r} of sentences.")
        return _FORMATS[name](value, argument)


def _plain(value: Any, _: str) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listing([number(one) for one in value])
    return number(value)


def _count(value: int, nouns: str) -> str:
    one, _, many = (nouns or "run").partition("|")
    return count(value, one, many or None)


def _plural(value: int, words: str) -> str:
    one, _, many = words.partition("|")
    return one if value == 1 else many


_FORMATS: Mapping[str, Callable[[Any, str], str]] = {
    "": _plain,
    "digits": lambda value, digits: number(value, int(digits)),
    "signed": lambda value, _: signed(value),
    "whole": lambda value, _: f"{value:,}",
    "count": _count,
    "plural": _plural,
    "percent": lambda value, _: percent(value),
    "coefficient": lambda value, _: coefficient(value),
    "factor": lambda value, _: factor(value),
    "p": lambda value, _: p_value(value),
    "duration": lambda value, _: duration(value),
}
_BESIDE_OTHERS: Mapping[str, Callable[..., str]] = {
    "within": precise,
    "±": with_interval,
    "to": interval,
}
