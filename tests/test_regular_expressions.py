"""Every regular expression of the code takes time in proportion to its text, whatever the text is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from testing.regex_cost import slow_in

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*ROOT.glob("lib/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"])
FROM_START, WHOLE = {"match", "fullmatch"}, {"fullmatch"}
FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
# pandas' own, which take Python's expressions; `replace` and `split` only where they are told so.
OF_COLUMNS = {"match", "fullmatch", "contains", "extract", "extractall", "findall", "count"}


@dataclass(frozen=True)
class Used:
    """A regular expression of the code, and how it is used."""

    where: str
    pattern: str
    flags: int
    uses: frozenset[str]


def used_in(text: str, where: str) -> Iterator[Used]:
    """Find every regular expression in the text of a module; fails for one that isn't written out."""
    tree = ast.parse(text)
    names = {
        node.value: target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of, name = node.func.value, node.func.attr
        if isinstance(of, ast.Name) and of.id == "re" and name in FUNCTIONS:
            uses = uses_of(names.get(node), tree) if name == "compile" else {name}
        elif (
            isinstance(of, ast.Attribute)
            and of.attr == "str"
            and ((name in OF_COLUMNS and not as_plain_text(node)) or by_pattern(node))
        ):
            uses = {name}
        else:
            continue
        assert isinstance(node.args[0], ast.Constant), f"{where}:{node.lineno}: write the pattern out, so it is checked"
        flags = [
            one.attr
            for part in [*node.args[1:], *[k.value for k in node.keywords]]
            for one in ast.walk(part)
            if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "re"
        ]
        value = re.RegexFlag(0)
        for flag in flags:
            value |= re.RegexFlag[flag]
        yield Used(f"{where}:{node.lineno}", node.args[0].value, int(value), frozenset(uses))


@cache
def used_in_file(path: Path) -> tuple[Used, ...]:
    return tuple(used_in(path.read_text(), str(path.relative_to(ROOT))))


def by_pattern(call: ast.Call) -> bool:
    return any(
        k.arg == "regex" and not (isinstance(k.value, ast.Constant) and not k.value.value) for k in call.keywords
    )


def as_plain_text(call: ast.Call) -> bool:
    return any(k.arg == "regex" and isinstance(k.value, ast.Constant) and k.value.value is False for k in call.keywords)


def uses_of(name: str | None, tree: ast.AST) -> set[str]:
    """How a compiled pattern is used; "anyhow" where it is handed on, or isn't private."""
    if name is None or not name.startswith("_"):
        return {"anyhow"}
    found, mentions = set(), 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            found.add(node.attr)
            mentions -= 1
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            mentions += 1
    return found if found and mentions == 0 else {"anyhow"}


def cost(used: Used) -> str | None:
    searched, whole = not used.uses <= FROM_START, bool(used.uses & WHOLE)
    return slow_in(used.pattern, used.flags, searched=searched, whole=whole)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_pattern_takes_more_than_linear_time(path: Path) -> None:
    for used in used_in_file(path):
        assert cost(used) is None, used


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (r'_P = re.compile(r"(?:\d+(?:\.\d+)?\s*[dhms]\w*\s*)+"); _P.fullmatch(x)', "exponential"),
        (r're.match(r"(a+)+b", x)', "exponential"),
        (r're.match(r"(a|a)*b", x)', "exponential"),
        (r're.match(r"(a*)*b", x)', "exponential"),
        (r're.match(r"(?i)(a1|A1)*b", x)', "exponential"),
        (r're.match(r"\d+\d+x", x)', "polynomial"),
        (r're.match(r"a.*x.*y", x)', "polynomial"),
        (r're.search(r"\w+$", x)', "polynomial"),
        (r're.sub(r"\s+$", "", x)', "polynomial"),
        (r're.findall(r"a(.*c)?", x)', "polynomial"),
        (r"re.findall(r'\"(?:[^\"\\]|\\.)*\"', x)", "polynomial"),
        (r'column.str.contains(r"\d+x")', "polynomial"),
        (r'column.str.replace(r"\d+x", "", regex=True)', "polynomial"),
        (r'_P = re.compile(r"\w+$"); _P.match(x)', None),
        (r'_P = re.compile(r"\w+$"); _P.match(x); f(_P)', "polynomial"),
        (r'P = re.compile(r"\w+$"); P.match(x)', "polynomial"),
        (r're.match(r"(a|b)*abb", x)', None),
        (r're.sub(r"\s+", " ", x)', None),
        (r're.search(r"^\w+$", x)', None),
        (r're.findall(r"`([^`]*)`", x)', None),
        (r're.fullmatch(r"(\d+:)*\d+", x)', None),
        (r'column.str.replace(r"\d+x", "")', "none found"),
    ],
)
def test_the_check_tells_slow_patterns_from_linear_ones(code: str, says: str | None) -> None:
    found = [cost(used) for used in used_in(code, "x.py")]
    assert (found or ["none found"]) == [says]


def test_a_pattern_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(AssertionError, match="write the pattern out"):
        list(used_in("re.search(pattern, x)", "x.py"))


PUMPED = """
import re, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
for pattern, flags, uses in {cases!r}:
    compiled = re.compile(pattern, flags)
    letters = dict.fromkeys([*"a1_ .-/:\\\\|<=d\\"`@\\n", *(c for c in pattern if c.isalnum())])
    for pump in [*letters, *(a + b for a in list(letters)[:8] for b in list(letters)[:8])]:
        for lead in ("", pattern[:1]):
            text = lead + pump * (3_000 // len(pump)) + "!"
            if set(uses) <= {{"match", "fullmatch"}}:
                getattr(compiled, uses[0])(text)
            else:
                sum(1 for _ in compiled.finditer(text))
"""


def test_growing_texts_end_within_a_limit_of_cpu_time() -> None:
    cases = [(used.pattern, used.flags, sorted(used.uses)) for path in SOURCES for used in used_in_file(path)]
    ended = subprocess.run([sys.executable, "-c", PUMPED.format(cases=cases)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-500:]
