"""How an effect is said in a few words, the same in every picture and sentence: from where to where, and the gain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lib.model.numbers import factor, number, with_interval

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.results.report import Report

NO_CLEAR_EFFECT = "no clear effect"


def move_words(report: Report, effect: Effect) -> str:
    """Say from which setting to which an effect was measured: "0.0099 → 0.00012"; that there is none, or no test.

    Where there is none, how large one would have been seen.
    """
    if not effect.claimed:
        if effect.p_adjusted is None:
            return "not tested"
        if effect.ruled_out_times is not None:
            return f"{NO_CLEAR_EFFECT} (above {factor(effect.ruled_out_times)} times ruled out)"
        above = effect.ruled_out_above
        return NO_CLEAR_EFFECT if above is None else f"{NO_CLEAR_EFFECT} (above {number(above, 2)} ruled out)"
    if effect.gain is None or effect.better is None:
        return "matters; by how much is not known"
    worse, better = (setting_words(report, effect.parameter, end) for end in (effect.worse, effect.better))
    return f"{worse} → {better}"


def setting_words(report: Report, parameter: str, value: object) -> str:
    """Write a setting that a sentence names: a level as it is, a place along a range with two digits."""
    grouped = any(p.name == parameter and p.grouped for p in report.population.searched)
    return number(value, 4 if grouped else 2)


def said_in_times(effects: Iterable[Effect]) -> bool:
    """Whether sizes are said by how many times the objective is better: where all claimed ones that are known have one.

    The gain of a loss over decades in its own units is that of the worst runs, and says nothing of good ones.
    """
    sized = [one for one in effects if one.claimed and one.gain is not None]
    return bool(sized) and all(one.times is not None for one in sized)


def gain_words(effect: Effect) -> str:
    """Write the gain of an effect beside its uncertainty: "0.0112 ± 0.004"; "20 times" where results span decades."""
    if effect.times is not None:
        return f"{factor(effect.times)} times"
    return with_interval(effect.gain, effect.gain_low, effect.gain_high)
