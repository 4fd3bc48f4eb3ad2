"""The report for a paper or a thesis: a LaTeX document with tables, a methods paragraph, and BibTeX of what it cites.

It is written from the JSON report alone, so that every number in it is there. It compiles as it is with pdfLaTeX; parts
of it can be copied into a paper that loads booktabs and graphicx.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.model.numbers import MISSING, count, duration, listing, number, p_value
from lib.render.effect_sizes import by_times, size_of
from lib.render.latex_cells import advice_of, cut, name_cell, number_cell, range_of, span, value_cell
from lib.render.latex_references import REFERENCES
from lib.render.latex_text import escaped, numeral, table

Data = Mapping[str, Any]

MOST_COLUMNS = 6
_MOST_LEVELS = 40
_HEAD = r"""% Compiles with pdfLaTeX and BibTeX. To copy a table into a paper, load booktabs and graphicx there.
\begin{filecontents*}[overwrite]{sweep-report.bib}
%BIBLIOGRAPHY%
\end{filecontents*}
\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\IfFileExists{geometry.sty}{\usepackage[margin=28mm]{geometry}}{}
\usepackage{booktabs}
\usepackage{graphicx}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\setlength{\belowcaptionskip}{4pt}
\begin{document}
\sloppy % Names with underscores can't be broken.
"""
_FOOT = r"""\bibliographystyle{plain}
\bibliography{sweep-report}
\end{document}
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the document: a PDF file, and what it shows."""

    path: str
    caption: str
    label: str


def latex_of(report: Data, figures: Sequence[Figure] = ()) -> str:
    """Write the JSON report as LaTeX (UTF-8). Text from the data is escaped: none is read as a command.

    figures : those to include, by their path from the document.
    """
    text = "\n\n".join(
        part
        for part in (
            rf"\section*{{Hyperparameter search: {name_cell(report['source']['label'], 60)}}}",
            _notes(report),
            _methods(report),
            _search_space(report),
            _effects(report),
            _levels(report),
            _top_runs(report),
            _budget(report),
            *map(_figure, figures),
            _checklist(report),
            f"% Data hash (SHA-256) {report['source']['data_sha256']}; report schema {report['schema_version']}.",
        )
        if part
    )
    cited = [entry for key, entry in REFERENCES.items() if rf"\cite{{{key}}}" in text]
    foot = _FOOT if cited else "\\end{document}\n"
    return f"{_HEAD.replace('%BIBLIOGRAPHY%', chr(10).join(cited))}\n{text}\n\n{foot}"


def _notes(report: Data) -> str:
    """Return what a reader wrote about the report."""
    notes = report.get("notes")
    if notes is None:
        return ""
    lines = [rf"\textbf{{{escaped(notes['title'])}}}"] if notes["title"] else []
    lines += [escaped(part) for part in notes["conclusion"].split("\n") if part.strip()]
    lines += [f"On finding {escaped(one['id'])}: {escaped(one['note'])}" for one in notes["findings"]]
    lines += [f"On run {escaped(one['run_id'])}: {escaped(one['note'])}" for one in notes["runs"]]
    return "\n\n".join([r"\subsection*{Notes}", *lines])


def _figure(figure: Figure) -> str:
    return "\n".join(
        [
            r"\begin{figure}[htbp]",
            r"\centering",
            rf"\includegraphics{{{figure.path}}}",
            rf"\caption{{{escaped(figure.caption)}}}",
            rf"\label{{fig:{figure.label}}}",
            r"\end{figure}",
        ]
    )


def _methods(report: Data) -> str:
    runs, objective = report["runs"], report["sweep"]["objective"]
    searched = _searched(report)
    out = ", ".join(f"{one['count']:,} ({one['reason']})" for one in runs["excluded"])
    method = report["sweep"]["method"]
    sentences = [
        f"We searched {count(len(searched), 'hyperparameter')} ({listing([cut(p['name']) for p in searched])})"
        + (f" by {_METHODS.get(method, f'a {method} search')}" if method else "")
        + f" to {objective['goal']} {cut(objective['metric'])}.",
        f"Of {count(runs['total'], 'run')}, {runs['used']:,} are used" + (f"; left out: {out}." if out else "."),
        f"The value of a run is {_VALUES.get(objective['value'].partition(':')[0], objective['value'])}.",
    ]
    repeats = report["repeats"]
    if repeats["repeated"]:
        sentences.append(
            f"{count(repeats['repeated'], 'configuration')} of {repeats['configurations']:,} were run more than once."
        )
    cost = report.get("cost")
    if cost:
        sentences.append(f"All runs together took {duration(cost['seconds'])} of compute.")
    told = [escaped(" ".join(sentences))]
    if any(one["p_value"] is not None for one in report["effects"]):
        told.append(
            r"Effects are tested by F tests on the normal scores of the objective's ranks~\cite{conover1981}, each "
            r"hyperparameter given the others that matter~\cite{belloni2014}; tests of lines, parabolas and splines "
            r"are combined by Cauchy's method~\cite{liu2020}, and p-values are corrected over all hyperparameters by "
            r"Holm's method~\cite{holm1979}. An effect is claimed where the corrected p-value is below 0.05; intervals "
            r"are 95\,\%."
        )
    best = report["best_run"]
    if best is not None:
        value = f"The best run has {cut(objective['metric'])}"
        told.append(f"{escaped(value)} {numeral(number(best['value']))}.")
        if best["expected"] is not None:
            told.append(
                f"Part of that is luck: if its configuration is repeated, {number_cell(best['expected'])} is expected "
                f"(95\\,\\% interval {span(best['expected_low'], best['expected_high'])}), and "
                f"{count(best['tied_count'], 'other run')} can't be distinguished from it given the noise of runs "
                f"like it (standard deviation {numeral(number(best['noise_sd'], 2))})."
            )
    budget = _example_of_budget(report)
    if budget is not None:
        told.append(
            f"With a budget of {budget['runs']:,} such runs, a best value of {number_cell(budget['mean'])} is expected "
            rf"(Table~\ref{{tab:budget}})~\cite{{dodge2019}}."
        )
    return "\\paragraph{Methods.} " + "\n".join(told)


_METHODS = {"bayes": "Bayesian search", "random": "random search", "grid": "grid search"}
_VALUES = {
    "last": "the last that it logged",
    "best": "the best that it logged",
    "mean": "the mean of the last that it logged",
    "step": "the last that it logged at or before a given step",
}


def _search_space(report: Data) -> str:
    rows = [
        (name_cell(p["name"]), range_of(p), escaped(p["scale"]), escaped(p["distribution"] or p["kind"]))
        for p in _searched(report)
    ]
    heads = ("Hyperparameter", "Range or levels", "Scale", "Distribution")
    return table("The search space.", "search-space", heads, rows) if rows else ""


def _effects(report: Data) -> str:
    effects = [one for one in report["effects"] if one["p_value"] is not None]
    times = by_times(effects)
    rows = []
    for one in effects:
        size, low, high = size_of(one, times)
        name = name_cell(one["parameter"]) + (f" ({name_cell(one['within'])})" if one["within"] else "")
        p, digits = escaped(_p_alone(one["p_adjusted"])), 2 if times else 3
        cells = (number_cell(size, digits), span(low, high, digits), p, advice_of(one["recommended"]))
        rows.append((name, str(one["n"]), *cells))
    metric = name_cell(report["sweep"]["objective"]["metric"])
    what = f"How many times better {metric} gets" if times else f"Gain in {metric}"
    caption = f"{what} from the worst to the best setting of each hyperparameter, given the others."
    heads = (
        "Hyperparameter",
        "$n$",
        "Times better" if times else "Gain",
        r"95\,\% interval",
        "Corrected $p$",
        "Recommended",
    )
    return table(caption, "effects", heads, rows) if rows else ""


def _p_alone(p: float | None) -> str:
    return MISSING if p is None else p_value(p).removeprefix("p = ").removeprefix("p ")


def _levels(report: Data) -> str:
    rows = [
        (
            name_cell(one["parameter"]),
            value_cell(level["value"]),
            str(level["count"]),
            number_cell(level["mean"]),
            span(level["ci_low"], level["ci_high"]),
        )
        for one in report["discrete"]
        for level in one["groups"]
    ]
    metric = name_cell(report["sweep"]["objective"]["metric"])
    caption = f"Mean of {metric} by level, with its 95\\,\\% interval, over all runs."
    if len(rows) > _MOST_LEVELS:
        caption += f" {len(rows) - _MOST_LEVELS:,} further levels are not listed."
    heads = ("Hyperparameter", "Level", "Runs", "Mean", r"95\,\% interval")
    return table(caption, "levels", heads, rows[:_MOST_LEVELS]) if rows else ""


def _top_runs(report: Data) -> str:
    top = report["top_runs"]
    if not top:
        return ""
    names = list(top[0]["parameters"])
    shown = names[:MOST_COLUMNS]
    heads = ("Rank", "Run", name_cell(report["sweep"]["objective"]["metric"]), *map(name_cell, shown))
    rows = [
        (
            str(run["rank"]),
            name_cell(run["name"]),
            number_cell(run["value"]),
            *(value_cell(run["parameters"].get(name)) for name in shown),
        )
        for run in top
    ]
    left_out = (
        f" {len(names) - len(shown):,} further hyperparameters are not listed." if len(names) > len(shown) else ""
    )
    return table(f"The best runs.{left_out}", "top-runs", heads, rows)


def _budget(report: Data) -> str:
    points = (report.get("convergence") or {}).get("expected_best") or []
    rows = [(str(one["runs"]), number_cell(one["mean"]), span(one["low"], one["high"])) for one in points]
    metric = name_cell(report["sweep"]["objective"]["metric"])
    caption = (
        rf"Expected best {metric} for a budget of runs~\cite{{dodge2019}}: the "
        "best of this many of these runs, in random order."
    )
    heads = ("Runs", "Expected best", r"95\,\% of orders")
    return table(caption, "budget", heads, rows) if rows else ""


def _example_of_budget(report: Data) -> Data | None:
    """Return the expected best for the largest budget of at most half of the runs; None where none is known."""
    points = (report.get("convergence") or {}).get("expected_best") or []
    within = [one for one in points if 1 < one["runs"] <= report["runs"]["used"] / 2]
    return within[-1] if within else None


def _checklist(report: Data) -> str:
    """Answer what the checklists of NeurIPS and ACL ask about hyperparameters."""
    runs, cost, best = report["runs"], report.get("cost"), report["best_run"]
    answers = [
        ("Bounds of each hyperparameter", r"Table~\ref{tab:search-space}" if _searched(report) else "none searched")
    ]
    answers.append(("Number of search trials", f"{runs['total']:,} ({runs['used']:,} used)"))
    answers.append(("Method of choosing values", escaped(report["sweep"]["method"] or "not stated")))
    objective = report["sweep"]["objective"]
    answers.append(("Criterion", escaped(f"{objective['goal']} {cut(objective['metric'])} ({objective['value']})")))
    if best is not None:
        values = [f"{name_cell(name)} = {value_cell(value)}" for name, value in best["parameters"].items()]
        answers.append(("Best-found configuration", "; ".join(values) or "no hyperparameter was searched"))
    if (report.get("convergence") or {}).get("expected_best"):
        answers.append(("Expected validation performance", r"Table~\ref{tab:budget}"))
    answers.append(("Compute", escaped(duration(cost["seconds"])) if cost else "not stated by the runs"))
    items = "\n".join(rf"\item[{what}:] {answer}" for what, answer in answers)
    return f"\\paragraph{{Reproducibility checklist.}}\n\\begin{{description}}\n{items}\n\\end{{description}}"


def _searched(report: Data) -> list[Data]:
    return [p for p in report["sweep"]["parameters"] if p["role"] == "searched"]
