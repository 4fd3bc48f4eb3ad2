"""The report in brief, as Markdown for a message, a ticket or a language model: at most 8 kB, about 2,000 tokens.

It is written from the JSON report alone, so that every number in it is there. What doesn't fit is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.model.numbers import MISSING, count, duration, factor, number, p_value, percent, signed
from lib.model.text import without_controls
from lib.render.effect_sizes import by_times, size_of
from lib.render.markdown import escaped

MOST_BYTES, MOST_TOKENS = 6_000, 2_000
_TOKEN = re.compile(r" ?[^\W\d_]+|\d{1,3}| ?[^\w\s]+|_|\s+")
# Longer words cost a token for every few letters more.
_WHOLE_WORD, _FURTHER = 7, 5
_LONGEST_SENTENCE = 420
_LONGEST_NAME = 40
_VERDICT = ("goal_inferred", "best", "tie")
_TRUST = ("data_quality", "unequal_training", "drift", "confounded", "sampler_bias", "repeats", "alias", "conditional")
_HOW_TO_REPEAT = "The command next-sweep with --replicate writes a config that repeats the leading configurations."

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of the brief."""

    title: str
    """Its heading."""
    lines: tuple[str, ...]
    """What it lists, the most important first."""
    head: tuple[str, ...] = ()
    """What stands above the list, such as a table's heading; it is never cut."""
    further: int = 0
    """How many were left out before."""
    what: str = "line"
    """What is listed, in the singular."""

    def text(self, most: int) -> str:
        """Write the part with at most this many lines of its list."""
        return "\n".join([f"## {self.title}", *self.head, *self.lines[:most]])

    def left_out(self, most: int) -> int:
        """Return how many of the list aren't written."""
        return max(0, len(self.lines) - most) + self.further


def brief_of(report: Data) -> str:
    """Write the JSON report in brief: UTF-8 Markdown of at most MOST_BYTES and MOST_TOKENS.

    Names from the data are escaped.
    """
    parts = [
        _verdict(report),
        _effects(report),
        _list("Interactions, and effects within levels", _within(report), "statement"),
        _list("What failed", _sentences(report, ("failures",)), "finding"),
        _list("What to repeat", _repeat(report), "line"),
        _next_sweep(report),
        _list("Warnings", [*map(_shortened, report["warnings"]), *_sentences(report, _TRUST)], "warning"),
    ]
    parts.insert(0, _notes(report))
    shown = [part for part in parts if part.lines or part.head]
    most = max(len(part.lines) for part in shown)
    text = without_controls(_written(report, shown, most))
    while (len(text.encode()) > MOST_BYTES or tokens_of(text) > MOST_TOKENS) and most > 1:
        most -= 1
        text = without_controls(_written(report, shown, most))
    return text


def _notes(report: Data) -> _Part:
    """Return what a reader wrote about the report."""
    notes = report.get("notes")
    if not notes:
        return _Part("The reader's notes", (), what="note")
    lines = [f"- {escaped(_shortened(text))}" for text in (notes["title"], notes["conclusion"]) if text]
    lines += [f"- On finding {escaped(one['id'])}: {escaped(_shortened(one['note']))}" for one in notes["findings"]]
    lines += [f"- On run {escaped(one['run_id'])}: {escaped(_shortened(one['note']))}" for one in notes["runs"]]
    return _Part("The reader's notes", tuple(lines), what="note")


def tokens_of(text: str) -> int:
    """Count the tokens of text about as language models split it: words, up to three digits, signs, blanks.

    An estimate: each model has a rule of its own. Tables of numbers have most, a token for every two bytes.
    """
    pieces = (piece.strip() for piece in _TOKEN.findall(text))
    return sum(1 + (len(one) - 3) // _FURTHER if one.isalpha() and len(one) > _WHOLE_WORD else 1 for one in pieces)


def _written(report: Data, parts: Sequence[_Part], most: int) -> str:
    left_out = [f"{count(part.left_out(most), part.what)} of “{part.title}”" for part in parts if part.left_out(most)]
    always = "All runs but the best; levels, bins, correlations and importances; curves, cost and trade-off"
    return "\n\n".join(
        [
            _head(report),
            *(part.text(most) for part in parts),
            f"## Left out\n{'; '.join([always, *left_out])}. The JSON report has them.",
            f"Data hash (SHA-256) {report['source']['data_sha256']}; report schema {report['schema_version']}.\n",
        ]
    )


def _head(report: Data) -> str:
    runs, objective = report["runs"], report["sweep"]["objective"]
    excluded = ", ".join(f"{one['count']:,} {escaped(_shortened(one['reason']))}" for one in runs["excluded"][:5])
    out = f" (left out: {excluded})" if excluded else ""
    cost = report.get("cost")
    spent = f"; {duration(cost['seconds'])} of compute" if cost else ""
    roles = [p["role"] for p in report["sweep"]["parameters"]]
    searched = count(roles.count("searched"), "searched hyperparameter")
    return (
        f"# Sweep in brief: {escaped(_shortened(report['source']['label'], _LONGEST_NAME * 2))}\n"
        f"Objective: {objective['goal']} {_name(objective['metric'])} (a run's value: {escaped(objective['value'])}). "
        f"{runs['used']:,} of {runs['total']:,} runs used{out}; {searched}{spent}."
    )


def _verdict(report: Data) -> _Part:
    lines = _sentences(report, _VERDICT)
    best = report["best_run"]
    if best is not None:
        values = ", ".join(f"{_name(name)} {_value(value)}" for name, value in list(best["parameters"].items())[:12])
        if values:
            lines.insert(1 if lines else 0, f"- Its configuration: {values}.")
    search = report.get("convergence")
    if search is not None:
        more = (
            f"; chance of a new best in {search['next_runs']:,} more runs of the same kind "
            f"{percent(search['next_better'])}"
        )
        lines.append(f"- The search: {search['verdict']}{more if search['next_runs'] else ''}.")
    return _Part("Verdict", (), tuple(lines) or ("There is no usable run.",))


def _effects(report: Data) -> _Part:
    overall = [one for one in report["effects"] if one["within"] is None]
    times = by_times(overall)
    overall.sort(key=lambda one: (not one["claimed"], -(size_of(one, times)[0] or 0.0), one["parameter"]))
    rows = tuple(
        f"| {_name(one['parameter'])} | {'yes' if one['claimed'] else 'no'} | {_p(one['p_adjusted'])} | {one['n']:,} "
        f"| {_gain(one, times)} | {_value(one['worse'])} → {_value(one['better'])} | {_advice(one['recommended'])} "
        f"| {number(one['ruled_out_times' if times else 'ruled_out_above'], 2)} |"
        for one in overall
    )
    metric, what = _name(report["sweep"]["objective"]["metric"]), "times better" if times else "gain"
    head = (
        f"{f'How many times better {metric} gets' if times else f'Gain in {metric}'} from the worst to the best "
        "setting with its 95% interval, adjusted for the others; p after Holm's correction.",
        "",
        f"| hyperparameter | claimed | p | n | {what} | from → to | recommended | larger ruled out |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    return _Part("Effects", rows, head if rows else (), what="hyperparameter")


def _within(report: Data) -> list[str]:
    pairs = [
        f"- {_name(one['first'])} and {_name(one['second'])} interact ({_p(one['p_adjusted'])}; together they explain "
        f"{percent(one['share'])} of the variance beyond their single effects)."
        for one in report["interactions"]
        if one["claimed"]
    ]
    levels = [
        f"- {_name(one['parameter'])} where {escaped(_shortened(one['within']))}: "
        f"{f'{_gain(one, True)} times better' if one['times'] is not None else f'gain {_gain(one, False)}'} from "
        f"{_value(one['worse'])} to {_value(one['better'])} ({_p(one['p_adjusted'])}, n = {one['n']:,})."
        for one in report["effects"]
        if one["within"] is not None and one["claimed"]
    ]
    return pairs + levels


def _repeat(report: Data) -> list[str]:
    best = report["best_run"]
    if best is None:
        return []
    lines = []
    if best["tied_count"]:
        first = ", ".join(f"`{_code(one)}`" for one in [best["run_id"], *best["tied_run_ids"][:4]])
        lines.append(f"- The configurations of {first} first. {_HOW_TO_REPEAT}")
    repeats = report["repeats"]
    lines.append(
        f"- So far: {count(repeats['repeated'], 'configuration')} of {repeats['configurations']:,} run more than once; "
        + (
            f"the noise of one run, near the best, is {number(best['noise_sd'], 2)} (from: {best['noise_source']})."
            if best["noise_sd"] is not None
            else "the noise of one run isn't known."
        )
    )
    return lines


def _next_sweep(report: Data) -> _Part:
    config, outlook = report["next_sweep"], report.get("next_sweep_outlook")
    if config is None:
        return _Part("Next sweep", (), ("These runs say too little to recommend one.",))
    spaces = list(_flat(config["parameters"]))
    lines = [f"- {_name(name)}: {_space(space)}" for name, space in spaces if "value" not in space]
    fixed = [f"{_name(name)} {_value(space['value'])}" for name, space in spaces if "value" in space]
    if fixed:
        lines.append(f"- fixed: {'; '.join(fixed[:8])}{f'; and {len(fixed) - 8} more' if len(fixed) > 8 else ''}")
    head = [f"Method {escaped(str(config['method']))}." if "method" in config else ""]
    if outlook is not None:
        head.append(
            f"{count(outlook['runs'], 'run')} over {percent(outlook['volume_ratio'])} of the space; expected mean "
            f"{number(outlook['mean'])} ({number(outlook['low'])} to {number(outlook['high'])}), so far "
            f"{number(outlook['so_far'])}."
        )
    return _Part("Next sweep", tuple(lines), (" ".join(one for one in head if one),), what="hyperparameter")


def _flat(parameters: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the parameters of a sweep config, nested ones by the names of all their keys."""
    for name, space in parameters.items():
        if "parameters" in space:
            yield from _flat(space["parameters"], f"{before}{name}.")
        else:
            yield f"{before}{name}", space


def _space(space: Mapping[str, Any]) -> str:
    if "values" in space:
        values = [_value(one) for one in space["values"]]
        return f"{', '.join(values[:10])}{f' and {len(values) - 10} more' if len(values) > 10 else ''}"
    told = [f"{number(space['min'])} to {number(space['max'])}"] if "min" in space and "max" in space else []
    told += [escaped(str(space["distribution"]))] if "distribution" in space else []
    told += [f"{key} {number(space[key])}" for key in ("mu", "sigma", "q") if key in space]
    return ", ".join(told)


def _list(title: str, lines: Sequence[str], what: str) -> _Part:
    return _Part(title, tuple(line if line.startswith("- ") else f"- {escaped(line)}" for line in lines), what=what)


def _sentences(report: Data, kinds: Sequence[str]) -> list[str]:
    """Return the findings of some kinds, in the order of the kinds."""
    found: Iterator[Data] = (one for kind in kinds for one in report["findings"] if one["kind"] == kind)
    return [f"- {escaped(_shortened(one['text']))}" for one in found]


def _gain(effect: Data, times: bool) -> str:
    """Write the size of an effect with its interval, in times or in the objective's units."""
    size, low, high = size_of(effect, times)
    if size is None:
        return MISSING
    gain = factor(size) if times else signed(size, 3)
    if low is None or high is None:
        return gain
    ends = [factor(end) if times else number(end, 3) for end in (low, high)]
    return f"{gain} [{', '.join(ends)}]"


def _advice(advice: Mapping[str, Any] | None) -> str:
    if advice is None:
        return MISSING
    if "values" in advice:
        levels = [_value(one) for one in advice["values"]]
        return f"{', '.join(levels[:6])}{f' and {len(levels) - 6} more' if len(levels) > 6 else ''}"
    return f"{_value(advice['low'])} to {_value(advice['high'])}"


def _p(p: float | None) -> str:
    return escaped(p_value(p))


def _value(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float)):
        return number(value)
    return _name(value if isinstance(value, str) else str(value))


def _name(name: str) -> str:
    return escaped(_shortened(name, _LONGEST_NAME))


def _code(text: str) -> str:
    # The ids of one program mostly differ at their ends.
    whole = " ".join(text.replace("`", "'").split())
    half = _LONGEST_NAME // 2
    return whole if len(whole) <= _LONGEST_NAME else f"{whole[: half - 1]}…{whole[-half:]}"


def _shortened(text: str, most: int = _LONGEST_SENTENCE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
