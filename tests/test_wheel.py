"""The wheel: what it holds, that it runs from any folder, and that it gives the checkout's bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytest.importorskip("hatchling", reason="hatchling builds the wheel: pip install -r requirements-dev.txt")

from hatch_build import renamed, requirements  # noqa: E402
from lib import __version__  # noqa: E402
from testing.exports import unet_export  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments, cwd, path=None):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(path)} if path else {}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Give the folder in which the wheel is unpacked, as installing does."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_nothing_in_the_wheel_gets_in_the_way_of_a_users_modules(installed):
    assert {one.name for one in installed.iterdir()} == {"sweep_report", f"sweep_report-{__version__}.dist-info"}


def test_the_wheel_holds_no_secrets_and_no_caches(installed):
    names = {one.name for one in installed.rglob("*")}
    assert not names & {"secrets.toml", "__pycache__", "tests"}
    assert {"config.toml", "keys.js", "style.css", "report.html.j2", "metric_names.toml", "sweep.parquet"} <= names


def test_the_command_is_called_sweep_report(installed):
    (entry,) = installed.glob("*.dist-info/entry_points.txt")
    assert "sweep-report = sweep_report.__main__:main" in entry.read_text()


def test_the_wheel_needs_what_the_checkout_needs(installed):
    (metadata,) = installed.glob("*.dist-info/METADATA")
    text = metadata.read_text()
    needed = {line.removeprefix("Requires-Dist: ") for line in text.splitlines() if line.startswith("Requires-Dist")}
    assert {Requirement(one) for one in requirements(ROOT / "requirements.in")} <= {Requirement(one) for one in needed}
    pinned = [one for one in needed if "extra == 'pinned'" in one]
    assert len(pinned) == len(requirements(ROOT / "requirements.txt"))


# By day the app of the wheel, without lib: the test below.
@pytest.mark.nightly
def test_from_an_empty_folder_the_wheel_gives_the_checkouts_bytes(installed, tmp_path):
    # Under 20 runs no forest is grown, which takes most of the time.
    (tmp_path / "runs.csv").write_text(unet_export(18, crashed=2), encoding="utf-8")
    asked = ("report", tmp_path / "runs.csv", "--format", "json", "--quiet")
    own = run("-m", "sweep_report", *asked, cwd=tmp_path, path=installed)
    assert own == run("-m", "lib", *asked, cwd=ROOT)
    assert json.loads(own)["runs"]["total"] == 18


def test_every_module_of_the_wheel_is_loadable_and_its_app_draws_the_first_page_without_lib(installed, tmp_path):
    (tmp_path / "runs.csv").write_text(unet_export(18), encoding="utf-8")
    program = """
import importlib, pkgutil, sys
import sweep_report
for module in pkgutil.walk_packages(sweep_report.__path__, "sweep_report."):
    if not module.name.endswith("__main__") and ".app" not in module.name:
        importlib.import_module(module.name)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("lib", "pages")))
from streamlit.testing.v1 import AppTest
from sweep_report.installed import APP
sys.argv = [str(APP), "runs.csv"]
sys.path.insert(0, str(APP.parent))
app = AppTest.from_file(str(APP), default_timeout=120).run()
print(len(app.exception), len(app.error), len(app.title), "lib" in sys.modules)
"""
    assert run("-c", program, cwd=tmp_path, path=installed).decode().splitlines() == ["[]", "0 0 1 False"]


def test_only_imports_are_renamed():
    source = (
        '"""From lib.x import y."""\nfrom lib.a import b\ndef f():\n    from lib import c  # from lib\nlib = "lib"\n'
    )
    assert renamed(source, "m") == (
        '"""From lib.x import y."""\nfrom sweep_report.a import b\n'
        'def f():\n    from sweep_report import c  # from lib\nlib = "lib"\n'
    )


@pytest.mark.parametrize("source", ["import lib.model", "import lib", "load('lib.model.sweep')"])
def test_what_cannot_be_renamed_stops_the_build(source):
    with pytest.raises(ValueError, match="line 1"):
        renamed(source, "m")


def test_the_version_is_said_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "lib/__init__.py"
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.nightly
def test_the_wheel_installs_into_an_empty_environment(wheel, tmp_path):
    run("-m", "venv", tmp_path / "env", cwd=tmp_path)
    python = next((tmp_path / "env").glob("[bS]*/python*"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"{wheel}[pinned]"], cwd=tmp_path, check=True)
    done = subprocess.run(
        [python.with_name("sweep-report"), "report", "sample", "--format", "json", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["runs"]["total"] == 160
