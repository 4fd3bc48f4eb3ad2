"""What every test stands on: no home folder, no account, no caches of another test."""

import gc
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from testing.one_first import one_first

# Before anything is imported that takes long to compile.
_turn = one_first(Path(__file__))

from lib.analysis import models  # noqa: E402

if TYPE_CHECKING:
    from xdist.scheduler.protocol import Scheduling

# Set while pytest collects, so before the first import of wandb, which reads its settings once. The program never sees
# the keys, settings or caches of the person who runs the tests; nor do the programs that the tests start.
_home = tempfile.TemporaryDirectory(prefix="sweep-report-home-")
for _name in ("HOME", "WANDB_DIR", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR"):
    os.environ[_name] = _home.name
os.environ["WANDB_SILENT"] = "true"
os.environ["WANDB_ERROR_REPORTING"] = "false"
for _name in ("WANDB_API_KEY", "WANDB_BASE_URL", "WANDB_ENTITY", "WANDB_PROJECT", "WANDB_SERVICE"):
    os.environ.pop(_name, None)

settings.register_profile("ci", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("nightly", max_examples=1000, deadline=None)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)

# Forests take most of the time of a small report, and no test by day depends on how many trees they have. The programs
# that tests start, and all tests at night, grow them whole.
if PROFILE == "ci":
    models.TREES = 4


# Modules that take longest, the longest first: what begins last takes seconds, and the processes end at about the same
# time. What waits for seconds that are counted isn't first, while every process imports what it needs.
LONGEST = ("pages", "hostile_sweeps", "exports", "sections", "command_line", "wandb_failures", "reading_process")
LONGEST += ("report_formats", "extremes", "one_door", "wheel", "hostile_names", "kept_uploads", "wandb_command_line")
LONGEST += ("objective_values", "wandb_loader", "brief", "uploads", "charts", "sources_export", "layers", "nesting")
LONGEST += ("parallel_page", "from_python", "json_report", "wandb_paging", "wandb_fetch", "sources_bounds")
# Tests with a browser whose pages aren't of the app on the sample.
OTHER_APPS = ("test_exports", "test_hostile_names", "test_markup", "test_parallel_controls", "test_parallel_gestures")
OTHER_APPS += ("test_policy", "test_wandb", "test_wandb_hangs")


def room_of(path: Path) -> str:
    """Return what one process of several runs in one go: tests with a browser share it and its app, others a module."""
    if path.parent.name != "browser":
        return str(path)
    return "browser, other apps" if path.stem in OTHER_APPS else "browser, the sample"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turns = {f"test_{name}": place for place, name in enumerate(LONGEST)}

    def turn(item: pytest.Item) -> tuple[int, str]:
        if item.path.parent.name == "browser":
            return -1, room_of(item.path)
        return turns.get(item.path.stem, len(LONGEST)), ""

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    _turn.close()
    # What stays to the end is gone through by no collection of garbage.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "Scheduling | None":
    """With --dist=loadscope, give each process one room after another (`room_of`)."""
    from xdist.scheduler import LoadScopeScheduling

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return room_of(Path(nodeid.split("::", 1)[0]))

    return Rooms(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(autouse=True)
def _no_caches_of_other_tests() -> Iterator[None]:
    """AppTest gives every test the same session, so what one test cached the next would read."""
    yield
    streamlit = sys.modules.get("streamlit")
    if streamlit is not None:
        streamlit.cache_data.clear()
        streamlit.cache_resource.clear()


@pytest.fixture(autouse=True, scope="session")
def _components_are_looked_for_once() -> None:
    """Each AppTest would read what is known of every installed package, to find that none brings a component."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True, scope="session")
def _one_pool_of_reading_processes() -> Iterator[None]:
    """The process that a visit leaves ready serves the next test's: no test starts two for one file."""
    from lib.serving import uploads

    pool = uploads.Readers()
    end = pool.close
    pool.close = lambda: None
    uploads.Readers = lambda: pool
    yield
    uploads.Readers = type(pool)
    end()


@pytest.fixture(autouse=True, scope="session")
def _every_json_report_is_of_its_schema() -> Iterator[None]:
    """Whatever report a test turns into JSON is held against `lib/report/schema.json`."""
    from jsonschema import Draft202012Validator

    from lib.report import as_dict, build

    schema = json.loads((Path(build.__file__).parent / "schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    unchecked = as_dict.report_as_dict

    def checked(report: Any, notes: Any = None) -> dict[str, Any]:
        found = unchecked(report, notes)
        wrong = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(found)]
        assert not wrong, wrong
        return found

    as_dict.report_as_dict = checked
    yield
    as_dict.report_as_dict = unchecked
