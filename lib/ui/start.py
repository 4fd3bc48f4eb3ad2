"""What a server does before its first visitor: it imports what pages need, and reads what it was started with.

A plain script runs nothing before the first session, who would wait for all of it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.results.report import Report

_LOG = logging.getLogger(__name__)
# A server answers after that at the latest; what is read is ready later then.
_SECONDS = 20
# By then the first visitor, who often comes as the server starts, has the first page.
SECONDS_LATER = 10


@asynccontextmanager
async def ready(_app: Any) -> AsyncIterator[None]:
    """Be ready for visitors before the server answers; the lifespan of `streamlit.App`."""
    preparing = asyncio.create_task(asyncio.to_thread(_prepare_and_settle))
    await asyncio.wait([preparing], timeout=_SECONDS)
    yield


def _prepare_and_settle() -> None:
    report = prepare()
    # Streamlit looks for circles of dead objects after every run of the script, and holds up all that runs meanwhile:
    # 0.15 s on 200,000 objects. Those that are here to stay are left out. A report that is dropped is in no circle.
    gc.collect()
    gc.freeze()
    if report is not None:
        # Not while the first visitor's page is drawn, and a server that is stopped waits for none of it.
        later = threading.Timer(SECONDS_LATER, prepare_more, args=(report,))
        later.daemon = True
        later.start()


def prepare() -> Report | None:
    """Import the pages' modules, and make the report of the files named at the start, with the first page's pictures.

    Returns the report; None where there is none. What can't be read is said to the visitor who asks for it. W&B is left
    alone: reading shows how far it is.
    """
    try:
        # These imports take longer than the server itself, which is why they aren't at the top.
        from lib.loader import load_report
        from lib.model.choices import Choices
        from lib.render.app import prepare_section
        from lib.sections import SECTIONS
        from lib.ui.source import request_at_start

        import_module(f"{__package__}.shell")
        request = request_at_start()
        if request.wandb_addresses():
            return None
        report = load_report(request, Choices())
        # Which pages have something to show is asked on every page.
        for section in SECTIONS:
            section.why_empty(report)
        prepare_section(SECTIONS[0], report)
        return report
    except Exception as error:
        _LOG.info("Nothing was read before the first visitor: %s", type(error).__name__)
        return None


def prepare_more(report: Report) -> None:
    """Make the pictures of the other pages that the row of the navigation names, one page after the other."""
    from lib.render.app import prepare_section
    from lib.sections import SECTIONS

    for section in SECTIONS[1:]:
        # Parallel coordinates are drawn on what the visitor's page stands on.
        if section.group is None and section.address != "parallel-coordinates" and section.why_empty(report) is None:
            try:
                prepare_section(section, report)
            except Exception as error:
                _LOG.info("%s is made for the first visitor: %s", section.title, type(error).__name__)
