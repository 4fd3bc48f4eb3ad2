"""No layer loads what it must do without: the libraries of the layers above, and those layers themselves.

That imports run downwards is held by `lint-imports` (pyproject.toml); here it is tried by loading.
"""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# The layers of lib, from the ground.
LAYERS = (
    *("model", "sources", "statistics", "analysis", "results", "findings"),
    *("charts", "sections", "render", "report", "serving", "ui"),
)
# What a layer (a package or a module of lib) may not load, neither itself nor through what it imports.
FORBIDDEN = {
    f"lib/{layer}": [
        "streamlit",
        "wandb",
        *(["altair"] if layer in ("model", "sources", "statistics", "analysis", "results", "findings") else []),
        *(f"lib.{above}" for above in LAYERS[place + 1 :]),
    ]
    for place, layer in enumerate(LAYERS)
    if layer not in ("render", "serving", "ui")
}
# statistics stand beside sources.
FORBIDDEN["lib/sources"].remove("lib.statistics")
# The written formats; what draws on the app's pages is lib/render/app*.py.
FORBIDDEN |= {
    f"lib/render/{name}.py": ["streamlit", "wandb", "lib.report", "lib.ui"]
    for name in (
        *(
            "archive",
            "brief",
            "figures",
            "html",
            "json_text",
            "latex",
            "latex_cells",
            "markdown",
            "notebook",
            "paper",
            "pictures",
            "provenance",
            "vega",
        ),
        "written",
    )
}
FORBIDDEN["lib/__main__.py"] = ["streamlit", "wandb", "lib.ui"]
# The one module that talks to W&B, and only when it is asked to.
WANDB_MODULE = ROOT / "lib" / "sources" / "wandb" / "session.py"

# Each layer is loaded in a process of its own, split off once the libraries that every layer may load are there; those
# that may not load the same share one.
LOAD_EACH = """
import importlib, json, os, sys, traceback
import numpy, pandas, scipy.optimize, scipy.stats, yaml

class Forbid:
    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in self.names):
            raise AssertionError(f"{name} was imported")

for forbidden, layers in json.loads(sys.argv[1]):
    assert not {name.split(".")[0] for name in forbidden} & {name for name in sys.modules}, layers
    if os.fork():
        os.wait()
        continue
    sys.meta_path.insert(0, Forbid(forbidden))
    for layer, modules in layers.items():
        try:
            for module in modules:
                importlib.import_module(module)
        except BaseException:
            failed = traceback.format_exc()
        else:
            failed = ""
        print(json.dumps([layer, failed]), flush=True)
    os._exit(0)
"""


def files_of(layer: str) -> list[Path]:
    place = ROOT / layer
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def names_imported_in(file: Path) -> set[str]:
    """Every module that the file imports anywhere, also inside functions; `from a import b` gives `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


@cache
def what_failed() -> dict[str, str]:
    """Load every layer; return what went wrong, "" where nothing did."""
    jobs: list[tuple[list[str], dict[str, list[str]]]] = []
    for layer, names in FORBIDDEN.items():
        if not jobs or jobs[-1][0] != names:
            jobs.append((names, {}))
        jobs[-1][1][layer] = [module_name(file) for file in files_of(layer)]
    done = subprocess.run(
        [sys.executable, "-c", LOAD_EACH, json.dumps(jobs)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_a_layer_loads_without_the_layers_above_it(layer):
    assert files_of(layer)
    assert what_failed()[layer] == ""


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_no_function_of_a_layer_imports_a_layer_above_it(layer):
    for file in files_of(layer):
        allowed = {"wandb"} if file == WANDB_MODULE else set()
        forbidden = set(FORBIDDEN[layer]) - allowed
        found = {
            name for name in names_imported_in(file) if any(f"{name}.".startswith(f"{each}.") for each in forbidden)
        }
        assert not found, f"{file.relative_to(ROOT)} imports {', '.join(sorted(found))}"


def test_one_module_alone_imports_wandb():
    users = [
        file for file in [*ROOT.glob("lib/**/*.py"), *ROOT.glob("pages/*.py")] if "wandb" in names_imported_in(file)
    ]
    assert users in ([], [WANDB_MODULE])
