"""How the wheel is built: the checkout's `lib/` becomes the package `sweep_report`.

In the checkout the program is called `lib`, and `pages/` and `streamlit_app.py` stand where Streamlit's hosting looks
for them. Nothing called `lib` may be installed, though: it would get in the way of a user's own modules of that name.
So the wheel holds a copy under a name of its own, in which imports of `lib` are imports of `sweep_report`. The other
ways cost more: an installed folder that is put on sys.path when the program starts is found before the user's own
`lib`, in notebooks most of all; relative imports can't be used by the pages, which are scripts; and renaming the folder
would change every file, the command `python -m lib` and the addresses of hosted apps.

Only import statements are rewritten, and nothing else may name the package: code says `__package__` or `__name__`, and
a string like "lib.model" stops the build. What lies beside `lib/` goes into the package: `sample/`, and `app/` with the
entry point, the pages and Streamlit's options.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PACKAGE = "sweep_report"
_MODULE = re.compile(r"lib(\.\w+)+")


class CustomMetadataHook(MetadataHookInterface):
    """Reads the dependencies from the requirements files."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the dependencies, and the extra `pinned` that has the versions this program was tested with."""
        root = Path(self.root)
        metadata["dependencies"] = requirements(root / "requirements.in")
        metadata["optional-dependencies"] = {"pinned": requirements(root / "requirements.txt")}


class CustomBuildHook(BuildHookInterface):
    """Lays out the package and hands it to the builder."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the package's folder. An editable install is refused: a checkout runs as it is."""
        if version == "editable":
            raise RuntimeError("A checkout is run as it is, by `python -m lib` in its folder. Install it without -e.")
        self._folder = Path(tempfile.mkdtemp(prefix="sweep-report-"))
        lay_out(Path(self.root), self._folder)
        build_data["force_include"][str(self._folder)] = PACKAGE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the folder again."""
        shutil.rmtree(self._folder)


def requirements(path: Path) -> list[str]:
    """Return the requirements of a file, without comments."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def lay_out(root: Path, folder: Path) -> None:
    """Copy the checkout at `root` into `folder` as the package, each module renamed."""
    skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(root / "lib", folder, ignore=skipped, dirs_exist_ok=True)
    shutil.copytree(root / "pages", folder / "app" / "pages", ignore=skipped)
    shutil.copy(root / "streamlit_app.py", folder / "app")
    (folder / "app" / ".streamlit").mkdir()
    # Not the whole folder: a secrets.toml may lie there.
    shutil.copy(root / ".streamlit" / "config.toml", folder / "app" / ".streamlit")
    (folder / "sample").mkdir()
    for sweep in sorted((root / "sample").glob("*.parquet")):
        shutil.copy(sweep, folder / "sample")
    for module in sorted(folder.rglob("*.py")):
        # Bytes, not text: line ends stay as they are.
        module.write_bytes(renamed(module.read_bytes().decode(), str(module.relative_to(folder))).encode())


def renamed(source: str, name: str) -> str:
    """Return a module's source in which imports of `lib` are imports of the package. `name` is for messages.

    Raises ValueError for `import lib.x`, which would bind the name `lib`, and for a string that names a module of lib.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "lib":
            line, start = lines[node.lineno - 1], node.col_offset
            lines[node.lineno - 1] = line[:start] + re.sub(r"^from(\s+)lib\b", rf"from\1{PACKAGE}", line[start:])
        elif isinstance(node, ast.Import) and any(one.name.split(".")[0] == "lib" for one in node.names):
            raise ValueError(
                f"{name}, line {node.lineno}: write `from lib... import ...`: `import lib` can't be renamed."
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _MODULE.fullmatch(node.value):
            raise ValueError(f"{name}, line {node.lineno}: {node.value!r} names a module. Say __package__ or __name__.")
    return "".join(lines)
