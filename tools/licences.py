"""Lists the licences of everything that is pinned in requirements.txt: python -m tools.licences > docs/licences.md."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

PINS = Path(__file__).resolve().parents[1] / "requirements.txt"
# The words by which licences name themselves, and what each is here. All of them may be used by a program under MIT.
PERMISSIVE = {
    "MIT": r"\bMIT\b",
    "BSD": r"\bBSD\b|\b0BSD\b",
    "Apache-2.0": r"\bApache\b",
    "PSF-2.0": r"\bPSF\b|Python Software Foundation",
    "ISC": r"\bISC\b",
    # Asks that changes of its own files stay under it; programs that use it may have any licence.
    "MPL-2.0": r"\bMPL\b|Mozilla Public License",
}
HEAD = """# Licences of what the app is built on

Everything pinned in `requirements.txt`, by what each package says of itself. All of it may be used by a program under
MIT. Nothing is copied into this repository but the axe-core script of the tests, with its licence beside it.
`python -m tools.licences > docs/licences.md` writes this list; a test fails when it is out of date.

| package | licence |
|---|---|"""


def pinned() -> list[str]:
    """Return the names of the packages that are pinned for this machine, in order."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    return sorted(re.match(r"[A-Za-z0-9._-]+", line).group() for line in lines if "==" in line)  # type: ignore[union-attr]


def licence_of(package: str) -> str | None:
    """Return how a package names its licence; None where it isn't installed, as one for another system isn't."""
    try:
        about = metadata(package)
    except PackageNotFoundError:
        return None
    stated = about.get("License-Expression")
    if stated:
        return str(stated)
    classified = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    named = [one for one in classified if one != "OSI Approved"]
    return "; ".join(named) or str(about.get("License") or "").strip().split("\n")[0] or "not stated"


def families(licence: str) -> set[str]:
    """Return which of PERMISSIVE a licence's name holds."""
    return {family for family, words in PERMISSIVE.items() if re.search(words, licence)}


def main() -> None:
    """Print the list."""
    print(HEAD)
    for package in pinned():
        print(f"| {package} | {licence_of(package) or 'for another system; see the package'} |")


if __name__ == "__main__":
    main()
