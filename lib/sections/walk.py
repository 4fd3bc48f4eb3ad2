"""How a section is run: block by block, with an answer to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lib.sections.blocks import Block, Blocks, Child


def walk(blocks: Blocks, answer: Callable[[Block], Any]) -> Any:
    """Run a section or a part of one: give each block to `answer`, send back what it returns; return the part's own."""
    given: Any = None
    while True:
        try:
            block = blocks.send(given)
        except StopIteration as end:
            return end.value
        given = answer(block)


def run(child: Child, answer: Callable[[Block], Any]) -> Any:
    """Run one child of a container and return what it answers."""
    return walk(child(), answer) if callable(child) else answer(child)  # ty: ignore[invalid-argument-type]


def run_all(children: Iterable[Child], answer: Callable[[Block], Any]) -> tuple[Any, ...]:
    """Run the children of a container in order and return what each answers."""
    return tuple(run(child, answer) for child in children)
