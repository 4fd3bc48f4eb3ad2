"""Run the notebooks of docs/notebooks again, and write what their cells gave into them.

python -m tools.notebooks
python -m tools.notebooks a-sweep-in-python     # one of them
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "notebooks"
SECONDS = 600
# What of an output tells one run from another and says nothing.
_PASSING = ("execution", "id")


def executed(path: Path) -> nbformat.NotebookNode:
    """Return a notebook after its cells ran, in the checkout. Raises CellExecutionError where one of them fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    for cell in notebook.cells:
        for name in _PASSING:
            cell.metadata.pop(name, None)
        if cell.cell_type == "code":
            cell.outputs = [one for one in cell.outputs if one.get("name") != "stderr"]
            for output in cell.outputs:
                output.get("metadata", {}).pop("execution", None)
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return notebook


def words_of(notebook: nbformat.NotebookNode) -> list[str]:
    """Return what the cells printed and showed in words, without pictures and addresses in memory."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            text = output.get("text") or data.get("text/html") or data.get("text/plain") or ""
            found.append(re.sub(r"0x[0-9a-f]+|<style.*?</style>", "", str(text), flags=re.S))
    return found


def main(names: list[str]) -> None:
    """Run the notebooks of these names, or all."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if not names or path.stem in names:
            nbformat.write(executed(path), path)
            print(path.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
