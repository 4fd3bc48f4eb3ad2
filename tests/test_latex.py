"""The report as LaTeX: text from the data is printed letter for letter, and every number is the JSON report's."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.__main__ import main
from lib.render.latex import latex_of
from lib.render.latex_text import SPECIAL, escaped, numeral
from testing.sweeps import reported, sweep_of
from tests.quoted_numbers import unfounded
from tests.test_brief import leaves

BACK = {latex: character for character, latex in SPECIAL.items()}
TOKEN = re.compile("|".join(map(re.escape, sorted(BACK, key=len, reverse=True))))


def printed(latex):
    """Return what LaTeX prints of escaped text."""
    return TOKEN.sub(lambda found: BACK[found.group()], latex)


@pytest.fixture(scope="module")
def sample():
    from lib.report import build_report

    return build_report("sample").to_dict()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_text_is_printed_letter_for_letter(text):
    assert printed(escaped(text)) == " ".join(text.split())


@given(st.text(max_size=40))
def test_no_text_leaves_a_command_or_an_open_brace(text):
    latex = escaped(text)
    assert "\n" not in latex
    assert not re.search(r"[\\{}$&#%_^~]", TOKEN.sub("", latex))
    assert all(ord(character) < 0x180 for character in latex)


@pytest.mark.parametrize(
    ("written", "latex"),
    [
        ("1e-5", r"$1\times 10^{-5}$"),
        ("−1.5e-5", r"$-1.5\times 10^{-5}$"),
        ("−0.5", "$-0.5$"),
        ("0.5", "0.5"),
        ("–", r"\textendash{}"),
        ("true", "true"),
    ],
)
def test_numbers_in_latex(written, latex):
    assert numeral(written) == latex


def test_every_number_is_that_of_the_json_report(sample):
    body = latex_of(sample).split(r"\begin{document}")[1]
    body = re.sub(r"\$(-?[\d.]+)\\times 10\^\{(-?\d+)\}\$", r"\1e\2", body)
    body = re.sub(r"\\(cite|ref|label)\{[^}]*\}|95\\,\\%|\$-\$|SHA-256|below 0\.05", "", body)
    body = printed(re.sub(r"\$-([\d.]+)\$", r"-\1", body))
    spent = re.findall(r"(?:took|Compute:\]) ([\d dhmins]+)", body)
    assert len(spent) == 2
    for text in spent:
        body = body.replace(text, " ")
    numbers = [one for one in leaves(sample) if isinstance(one, (int, float)) and not isinstance(one, bool)]
    searched = sum(p["role"] == "searched" for p in sample["sweep"]["parameters"])
    names = [one for one in leaves(sample) if isinstance(one, str) and len(one) > 3]
    assert len(re.findall(r"\d", body)) > 300
    assert unfounded(body, {"numbers": [*numbers, searched]}, *names) == []


def test_tables_have_as_many_cells_as_columns(sample):
    for columns, rows in re.findall(
        r"\\begin\{tabular\}\{@\{\}(l+)@\{\}\}(.*?)\\end\{tabular\}", latex_of(sample), re.S
    ):
        lines = [line for line in rows.splitlines() if line.endswith(r"\\")]
        assert len(lines) > 1
        assert {len(re.findall(r"(?<!\\)&", line)) + 1 for line in lines} == {len(columns)}


def test_what_is_cited_is_in_the_bibliography_and_nothing_else(sample):
    text = latex_of(sample)
    assert set(re.findall(r"\\cite\{(\w+)\}", text)) == set(re.findall(r"^@\w+\{(\w+),", text, re.M))


def test_environments_and_braces_are_closed_whatever_the_names(sample):
    evil = r"\input{/etc/passwd}%&_#{"
    report = reported(
        sweep_of(
            {evil: ["a", "b", "}"] * 4}, {r"acc\undefined": [i / 7 for i in range(12)]}, names=[evil] * 12, label=evil
        ),
        metric=r"acc\undefined",
        goal="maximize",
    ).to_dict()
    for text in (latex_of(report), latex_of(sample)):
        assert sorted(re.findall(r"\\begin\{(\w+\*?)\}", text)) == sorted(re.findall(r"\\end\{(\w+\*?)\}", text))
        bare = re.sub(r"\\[{}]", "", text)
        assert bare.count("{") == bare.count("}")
        assert r"\input" not in text
        assert r"\undefined" not in text


def test_a_sweep_without_a_usable_run_has_latex_too():
    report = reported(sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]}, states=["crashed"] * 2), metric="score")
    assert r"\end{document}" in latex_of(report.to_dict())


def test_the_expected_best_of_one_run_is_the_mean_and_of_all_the_best(sample):
    first, *_, last = sample["convergence"]["expected_best"]
    assert (first["runs"], last["runs"]) == (1, sample["runs"]["used"])
    counts = [(one["count"], one["mean"]) for one in sample["discrete"][0]["groups"]]
    assert first["mean"] == pytest.approx(sum(n * mean for n, mean in counts) / sum(n for n, _ in counts))
    assert last["mean"] == pytest.approx(sample["best_run"]["value"])


def test_the_command_line_writes_latex(capsys, sample):
    assert main(["report", "sample", "--format", "latex", "--quiet"]) == 0
    assert capsys.readouterr().out == latex_of(sample)


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex isn't installed")
def test_it_compiles_without_a_warning(sample, tmp_path):
    (tmp_path / "report.tex").write_text(latex_of(sample), encoding="utf-8")
    for command in ("pdflatex", "bibtex", "pdflatex", "pdflatex"):
        mode = ["-interaction=nonstopmode", "-halt-on-error"] if command == "pdflatex" else []
        done = subprocess.run([command, *mode, "report"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    # That the bibliography beside it is written again is no fault.
    assert re.findall(r"Warning: (?!Writing or overwriting)", done.stdout) == []
    assert "Overfull" not in done.stdout
