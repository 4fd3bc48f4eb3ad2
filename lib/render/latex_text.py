"""Text, numbers and tables as LaTeX prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# What LaTeX reads as a command, as a mark of its own, or joins into another sign: each stands for itself this way.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "-": r"{-}",
    "[": r"{[}",
    "]": r"{]}",
    "*": r"{*}",
    ",": r"{,}",
    "\u2013": r"\textendash{}",
    "\u2212": r"$-$",
    "\u2192": r"$\to$",
    "\u221e": r"$\infty$",
    "\u00b1": r"$\pm$",
    "\u2026": r"\ldots{}",
    "\u201c": r"\textquotedblleft{}",
    "\u201d": r"\textquotedblright{}",
}


def escaped(text: str) -> str:
    """Escape text so that LaTeX prints it letter for letter, in one line.

    pdfLaTeX knows the letters of Latin scripts in T1; of other signs the code point is printed ("U+03B1").
    """
    return "".join(map(_character, " ".join(text.split())))


def numeral(text: str) -> str:
    """Turn a number that `lib.model.numbers` wrote into LaTeX: minus and powers of ten in mathematics."""
    mantissa, e, exponent = text.replace("\u2212", "-").partition("e")
    if e and mantissa.lstrip("-").replace(".", "").isdigit() and exponent.lstrip("-").isdigit():
        return rf"${mantissa}\times 10^{{{exponent}}}$"
    is_negative = text.startswith("\u2212") and text[1:].replace(".", "").isdigit()
    return f"$-{text[1:]}$" if is_negative else escaped(text)


def table(caption: str, label: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a booktabs table, made smaller where it is wider than the page. All text in it is LaTeX already."""
    lines = [" & ".join(row) + r" \\" for row in rows]
    return "\n".join(
        [
            r"\begin{table}[htbp]",
            r"\centering\small",
            rf"\caption{{{caption}}}",
            rf"\label{{tab:{label}}}",
            r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
            rf"\begin{{tabular}}{{@{{}}{'l' * len(heads)}@{{}}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
        ]
    )


def _character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if " " <= character <= "~" or ("\u00c0" <= character <= "\u017e" and character not in "\u00d7\u00f7\u0149\u0138"):
        return character
    return f"U+{ord(character):04X}"
