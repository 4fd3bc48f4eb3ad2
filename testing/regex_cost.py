"""Says whether Python's backtracking matcher can take more than linear time over a regular expression.

The pattern becomes an automaton of its single characters (Glushkov). Time is exponential where a loop can be gone
through in two ways by one text, and polynomial where one text leads round a loop, from it into a later one, and round
that (Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by Using Ambiguity
of NFA", CIAA 2016). A search is a match behind a loop over any character. A loop behind which the match may end at once
never fails and is none of these. Counts over 20 are taken as endless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_SAMPLE = [chr(code) for code in range(128)] + list("éſİı１\xa0\x85\u2028\u3000\U0001f600")
_MANY = 20
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_END, _DEAD = -1, -2


@dataclass
class _Automaton:
    flags: int
    # Of each place which characters it takes, and where it leads: places, or _END; each way listed once.
    takes: list[frozenset[str]] = field(default_factory=list)
    steps: list[list[int]] = field(default_factory=list)
    # Silent steps lead on without a character; `firm` ones can't fail.
    silent: dict[int, list[tuple[int, bool]]] = field(default_factory=dict)
    # Where the text's own start is demanded.
    at_start: dict[int, list[int]] = field(default_factory=dict)
    states: int = 0
    places: dict[int, tuple[int, int]] = field(default_factory=dict)

    def state(self) -> int:
        self.states += 1
        return self.states

    def join(self, start: int, end: int, firm: bool = True) -> None:
        self.silent.setdefault(start, []).append((end, firm))

    def character(self, start: int, end: int, takes: frozenset[str]) -> None:
        self.places[len(self.takes)] = (start, end)
        self.takes.append(takes)

    def build(self, items: Any, start: int, end: int) -> None:
        for kind, what in items:
            after = self.state()
            self.item(kind, what, start, after)
            start = after
        self.join(start, end)

    def item(self, kind: Any, what: Any, start: int, end: int) -> None:
        if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            self.character(start, end, _characters(kind, what, self.flags))
        elif kind is op.SUBPATTERN:
            self.build(what[-1], start, end)
        elif kind is op.ATOMIC_GROUP:
            self.build(what, start, end)
        elif kind is op.BRANCH:
            for branch in what[1]:
                self.build(branch, start, end)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            self.repeat(*what, start, end)
        elif kind is op.AT:
            if what not in (op.AT_BEGINNING, op.AT_BEGINNING_STRING) or self.flags & re.MULTILINE:
                self.join(start, end, firm=False)
            else:
                self.at_start.setdefault(start, []).append(end)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            self.build(what[1], start, _DEAD)
            self.join(start, end, firm=False)
        else:
            raise NotImplementedError(f"{kind} in a pattern")

    def repeat(self, fewest: int, most: Any, item: Any, start: int, end: int) -> None:
        for _ in range(min(fewest, _MANY)):
            after = self.state()
            self.build(item, start, after)
            start = after
        if most is op.MAXREPEAT or most > _MANY:
            inner, after = self.state(), self.state()
            self.join(start, inner)
            self.build(item, inner, after)
            self.join(after, inner)
            self.join(inner, end)
            return
        for _ in range(most - fewest):
            after = self.state()
            self.build(item, start, after)
            self.join(start, end)
            start = after
        self.join(start, end)

    def ways(self, state: int) -> tuple[list[int], bool]:
        """Return the places that a state leads to, each once a way, and whether the match may end there for certain."""
        at: dict[int, list[int]] = {}
        for place, (start, _) in self.places.items():
            at.setdefault(start, []).append(place)
        found: list[int] = []
        ends = False
        todo: list[tuple[int, bool, frozenset[tuple[int, int]]]] = [(state, True, frozenset())]
        while todo:
            here, firm, gone = todo.pop()
            ends |= here == _END and firm
            found += at.get(here, [])
            for step, (there, sure) in enumerate(self.silent.get(here, [])):
                if (here, step) not in gone:
                    todo.append((there, firm and sure, gone | {(here, step)}))
        return found, ends


def slow_in(pattern: str, flags: int = 0, *, searched: bool = True, whole: bool = False) -> str | None:
    """Return "exponential" or "polynomial" where matching may take that time of the text's length; None where linear.

    searched : whether the match may begin anywhere. whole : whether it has to end where the text does.
    """
    tree = _parser.parse(pattern, flags)
    automaton = _Automaton(tree.state.flags)
    start = automaton.state()
    automaton.build(tree, start, _END)
    follow, safe = [], set()
    for place, (_, end) in automaton.places.items():
        ways, ends = automaton.ways(end)
        follow.append(ways)
        if ends and not whole:
            safe.add(place)
    if searched:
        automaton.takes.append(frozenset(_SAMPLE))
        follow.append([len(follow), *automaton.ways(start)[0]])
    loops = _loops(follow)
    # Round any other loop leads past a place behind which the match may end: it can't fail there.
    failing = [
        loop
        for loop in loops
        if _loops(
            [[to for to in follow[at] if to in loop - safe] if at in loop - safe else [] for at in range(len(follow))]
        )
    ]
    if any(_ambiguous(loop, follow, automaton.takes) for loop in failing):
        return "exponential"
    if any(_leads(one, other, follow, automaton.takes) for one in loops for other in failing if one is not other):
        return "polynomial"
    return None


def _characters(kind: Any, what: Any, flags: int) -> frozenset[str]:
    if kind is op.ANY:
        source = "."
    elif kind is op.IN:
        source = "[" + "".join(map(_in_brackets, what)) + "]"
    else:
        source = ("[^" if kind is op.NOT_LITERAL else "[") + f"\\U{what:08x}]"
    kept = flags & (re.IGNORECASE | re.DOTALL | re.ASCII)
    return frozenset(one for one in _SAMPLE if re.fullmatch(source, one, kept))


def _in_brackets(part: tuple[Any, Any]) -> str:
    kind, what = part
    if kind is op.NEGATE:
        return "^"
    if kind is op.CATEGORY:
        return _CATEGORIES[what]
    return f"\\U{what:08x}" if kind is op.LITERAL else f"\\U{what[0]:08x}-\\U{what[1]:08x}"


def _loops(follow: list[list[int]]) -> list[set[int]]:
    """Return the sets of places that can be gone round."""
    reach = [_reached(place, follow) for place in range(len(follow))]
    loops: list[set[int]] = []
    for place, there in enumerate(reach):
        if place in there and not any(place in loop for loop in loops):
            loops.append({other for other in there if place in reach[other]})
    return loops


def _reached(place: int, follow: list[list[int]]) -> set[int]:
    seen: set[int] = set()
    todo = list(follow[place])
    while todo:
        here = todo.pop()
        if here not in seen:
            seen.add(here)
            todo += follow[here]
    return seen


def _ambiguous(loop: set[int], follow: list[list[int]], takes: list[frozenset[str]]) -> bool:
    """Whether one text leads round the loop in two ways."""
    for start in loop:
        seen = set()
        todo = [(start, start, False)]
        while todo:
            one, other, parted = todo.pop()
            firsts = [place for place in follow[one] if place in loop]
            seconds = [place for place in follow[other] if place in loop]
            for i, first in enumerate(firsts):
                for j, second in enumerate(seconds):
                    if takes[first] & takes[second]:
                        now = (first, second, parted or (i != j if one == other else first != second))
                        if now == (start, start, True):
                            return True
                        if now not in seen:
                            seen.add(now)
                            todo.append(now)
    return False


def _leads(one: set[int], other: set[int], follow: list[list[int]], takes: list[frozenset[str]]) -> bool:
    """Whether one text leads round the first loop, from it into the second, and round the second."""
    return any(_leads_from(p, q, one, other, follow, takes) for p in one for q in other)


def _leads_from(
    p: int, q: int, one: set[int], other: set[int], follow: list[list[int]], takes: list[frozenset[str]]
) -> bool:
    seen = set()
    todo = [(p, p, q)]
    while todo:
        for now in _together(todo.pop(), one, other, follow, takes):
            if now == (p, q, q):
                return True
            if now not in seen:
                seen.add(now)
                todo.append(now)
    return False


def _together(
    places: tuple[int, int, int], one: set[int], other: set[int], follow: list[list[int]], takes: list[frozenset[str]]
) -> Iterator[tuple[int, int, int]]:
    for a in {place for place in follow[places[0]] if place in one}:
        for c in {place for place in follow[places[2]] if place in other}:
            both = takes[a] & takes[c]
            if both:
                for b in set(follow[places[1]]):
                    if both & takes[b]:
                        yield a, b, c
