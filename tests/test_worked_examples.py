"""The worked examples of what an addition touches: each still fits the code, and does what it is for."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "docs" / "worked-examples").glob("*.diff"))


def applied(example: Path, folder: Path, *options: str) -> None:
    done = subprocess.run(["git", "apply", *options, str(example)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{example.name} doesn't fit the code any more: change it too. {done.stderr}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_code(example: Path) -> None:
    applied(example, ROOT, "--check")


@pytest.mark.nightly
def test_the_examples_do_what_they_are_for(tmp_path: Path) -> None:
    code = tmp_path / "code"
    for folder in ("lib", "pages"):
        shutil.copytree(ROOT / folder, code / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for example in EXAMPLES:
        applied(example, code)
    drawn = random.Random(1)
    runs = pd.DataFrame(
        {
            "Name": [f"r{i}" for i in range(30)],
            "State": ["finished"] * 29 + ["running"],
            "Tags": ["baseline, new", "baseline"] * 15,
            "size": ["tiny", "small", "large"] * 10,
            "lr": [10 ** drawn.uniform(-4, -1) for _ in range(30)],
            "val_score": [0.1 * (i % 3 == 2) + drawn.gauss(0, 0.02) for i in range(30)],
        }
    )
    runs.to_feather(tmp_path / "runs.feather")

    def report(kind: str) -> str:
        command = [sys.executable, "-m", "lib", "report", str(tmp_path / "runs.feather"), "--format", kind]
        return subprocess.run(command, cwd=code, capture_output=True, text=True, check=True).stdout

    text, found = report("markdown"), json.loads(report("json"))
    assert "The used runs carry 2 tags." in text
    assert "| baseline | 29 |" in text
    assert "1 run of 30 still trains: this report changes when it ends." in text
    assert [one["id"] for one in found["findings"] if one["id"] == "data_quality:running"]
    (size,) = [one for one in found["sweep"]["parameters"] if one["name"] == "size"]
    assert (size["kind"], size["values"]) == ("ordinal", ["tiny", "small", "large"])
    (groups,) = [one["groups"] for one in found["discrete"] if one["parameter"] == "size"]
    assert [group["value"] for group in groups] == ["tiny", "small", "large"]
