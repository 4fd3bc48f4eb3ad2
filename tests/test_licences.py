"""What the app is built on may be used by a program under MIT, and the list of it is current."""

from pathlib import Path

import pytest

from tools.licences import HEAD, families, licence_of, pinned

LISTED = Path(__file__).resolve().parents[1] / "docs" / "licences.md"


@pytest.mark.parametrize("package", pinned())
def test_every_pinned_package_is_listed_with_a_licence_that_may_be_used(package):
    text = LISTED.read_text(encoding="utf-8")
    licence = licence_of(package)
    if licence is None:
        assert f"\n| {package} | " in text
        return
    assert f"\n| {package} | {licence} |\n" in text
    assert families(licence)


def test_nothing_else_is_listed():
    rows = LISTED.read_text(encoding="utf-8").removeprefix(HEAD).strip().splitlines()
    assert len(rows) == len(pinned()) > 50


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0", "SSPL-1.0", "Proprietary", "not stated"])
def test_a_licence_that_may_not_be_used_is_noticed(licence):
    assert families(licence) == set()
