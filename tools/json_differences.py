"""What differs between the JSON reports of two checkouts, but for sentences: `python -m tools.json_differences OTHER`.

Prints a line for each place that differs, and ends with status 1 where there is one. Numbers count as equal up to a
part in 10^9; a string of three words or more is a sentence.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
SOURCES = ("sample", "sample/followup", "sample/repeats")
_EXACT = 1e-9
_WORDS_OF_A_SENTENCE = 3


def differences(here: Any, there: Any, place: str = "") -> Iterator[str]:
    """Yield a line for each place at which two JSON values differ, sentences left out."""
    if isinstance(here, dict) and isinstance(there, dict):
        for key in here | there:
            inside = f"{place}.{key}".lstrip(".")
            if key not in there:
                yield f"{inside}: only here"
            elif key not in here:
                yield f"{inside}: only there"
            else:
                yield from differences(here[key], there[key], inside)
    elif isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            yield f"{place}: {len(here)} here, {len(there)} there"
        for at, (one, other) in enumerate(zip(here, there, strict=False)):
            yield from differences(one, other, f"{place}[{at}]")
    elif not _equal(here, there):
        yield f"{place}: {json.dumps(here)} here, {json.dumps(there)} there"


def _equal(here: Any, there: Any) -> bool:
    if _number(here) and _number(there):
        return math.isclose(here, there, rel_tol=_EXACT)
    if isinstance(here, str) and isinstance(there, str):
        return here == there or min(len(here.split()), len(there.split())) >= _WORDS_OF_A_SENTENCE
    return type(here) is type(there) and bool(here == there)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def report_of(checkout: Path, source: str) -> Any:
    """Return the JSON report that a checkout writes of a source."""
    command = [sys.executable, "-m", "lib", "report", source, "--format", "json", "--quiet"]
    return json.loads(subprocess.run(command, cwd=checkout, capture_output=True, check=True).stdout)


def main() -> int:
    """Compare this checkout with another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the other checkout")
    parser.add_argument("source", nargs="*", default=SOURCES, help="sources as both take them")
    given = parser.parse_args()
    found = 0
    for source in given.source:
        for line in differences(report_of(HERE, source), report_of(given.other, source)):
            print(f"{source}: {line}")
            found += 1
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
