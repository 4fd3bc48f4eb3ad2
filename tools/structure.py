"""How the code is laid out, in numbers: lines by folder, modules over 300 lines, arrows between folders, floors.

    python -m tools.structure            # this checkout
    python -m tools.structure --root OTHER_CHECKOUT

Prints Markdown. An arrow is one folder of `lib` importing another, a floor the longest way down through them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

FOLDERS = ("lib", "pages", "testing", "tests", "bench", "tools")
MOST_LINES = 300


def lines_of(path: Path) -> int:
    """Return how many lines a file has."""
    return path.read_bytes().count(b"\n")


def part_of(module: str) -> str:
    """Return the folder of `lib` that a module is in, or its own name where it is in none: "lib.sources"."""
    return ".".join(module.split(".")[:2])


def arrows_of(root: Path) -> tuple[int, int, dict[str, set[str]]]:
    """Return the number of modules, of imports between them, and which folder of `lib` imports which."""
    import grimp

    sys.path.insert(0, str(root))
    graph = grimp.build_graph("lib", cache_dir=None)
    between: dict[str, set[str]] = {part_of(module): set() for module in graph.modules}
    imports = 0
    for module in graph.modules:
        found = graph.find_modules_directly_imported_by(module)
        imports += len(found)
        between[part_of(module)] |= {part_of(one) for one in found} - {part_of(module), "lib"}
    return len(graph.modules), imports, between


def floors_of(arrows: Mapping[str, set[str]]) -> int | None:
    """Return how many folders stand on one another at most; None where some import each other in a circle."""
    heights: dict[str, int] = {}
    left = dict(arrows)
    while left:
        ready = {part: below for part, below in left.items() if below.isdisjoint(left.keys() - {part})}
        if not ready:
            return None
        for part, below in ready.items():
            heights[part] = 1 + max((heights[one] for one in below), default=0)
            del left[part]
    return max(heights.values(), default=0)


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1], help="another checkout")
    root = parser.parse_args().root.resolve()
    print("| Folder | Files | Lines |\n|---|---:|---:|")
    folders = [one for one in FOLDERS if (root / one).is_dir()]
    inner = sorted(path for path in (root / "lib").iterdir() if path.is_dir() and path.name != "__pycache__")
    for folder in [*(root / one for one in folders), *inner]:
        files = sorted(folder.rglob("*.py"))
        name = folder.relative_to(root).as_posix()
        print(f"| `{name}/` | {len(files):,} | {sum(map(lines_of, files)):,} |")
    modules, imports, arrows = arrows_of(root)
    count = sum(len(below) for below in arrows.values())
    floors = floors_of(arrows)
    print(f"\n{modules} modules of `lib` with {imports} imports between them; {count} arrows between its folders,")
    print("some in circles." if floors is None else f"on {floors} floors.")
    print(f"\nOver {MOST_LINES} lines:\n")
    for path in sorted((root / "lib").rglob("*.py")):
        if lines_of(path) > MOST_LINES:
            print(f"- `{path.relative_to(root).as_posix()}`: {lines_of(path)}")


if __name__ == "__main__":
    main()
