"""Fixtures of the tests that talk to the stand-in server. Import the functions by name; pytest knows them by `name`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from lib.sources.address import parse_address
from lib.sources.record import Address
from lib.sources.wandb.access import Access
from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, made_store
from testing.wandb_server.server import StandIn

SWEEP = "team/seg/sweep01"


@pytest.fixture(name="server")
def server_fixture() -> Iterator[StandIn]:
    """A stand-in with `team/seg` (25 runs), `team/nasty` and `other/private` (12 runs)."""
    with StandIn(made_store(25)) as server:
        yield server


@pytest.fixture(name="owner")
def owner_fixture(server: StandIn) -> Access:
    """The owner's key, which the server lets read everything, lent for everything."""
    return Access(OWNER_KEY, owner=True, base_url=server.url, allowed=("*",))


@pytest.fixture(name="visitor")
def visitor_fixture(server: StandIn) -> Access:
    """A visitor's own key, which the server lets read `other/private` alone."""
    return Access(VISITOR_KEY, owner=False, base_url=server.url)


@pytest.fixture(name="address")
def address_fixture(server: StandIn) -> Callable[[str], Address]:
    """Reads a source text as a visitor would type it."""
    return lambda text: parse_address(text, base_url=server.url, files_allowed=False)
