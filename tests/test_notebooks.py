"""The notebooks of docs/notebooks were run, from top to bottom, and still give what stands in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_as_it_was_run_from_top_to_bottom(path):
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell["outputs"] for cell in cells[1:])
    assert all(output["output_type"] != "error" for cell in cells for output in cell["outputs"])


@pytest.mark.nightly
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_again_a_notebook_says_the_same(path):
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    from tools.notebooks import executed, words_of

    assert words_of(executed(path)) == words_of(nbformat.read(path, as_version=4))


def test_there_are_two():
    assert len(NOTEBOOKS) == 2
