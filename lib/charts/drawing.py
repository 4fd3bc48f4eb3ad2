"""Drawing one chart, whatever its values: a chart that can't be drawn is one missing chart, named where it would stand.

Everything that turns a result into a picture passes here, for pages and for every format, so that what no one foresaw
costs a reader one chart and not the page.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_LOG = logging.getLogger(__name__)
Picture = TypeVar("Picture")


@dataclass(frozen=True, slots=True)
class NotDrawn:
    """What stands for a chart that can't be drawn."""

    error: str
    """The kind of the exception."""

    bytes_held: int = 0
    """It holds nothing, where charts hold their tables."""

    def sentence(self, chart: str) -> str:
        """Say which chart is missing. chart : what it is called, or what it would have shown."""
        return f"The chart “{chart.removesuffix('.')}” can't be drawn from these values."


def drawn(draw: Callable[..., Picture], *arguments: Any, **options: Any) -> Picture | NotDrawn:
    """Return `draw(*arguments, **options)`, or what stands for it where that fails.

    The log gets one line, the kind of the exception and where it was raised. Its message may quote a visitor's file (a
    level, a name), and who runs the command line reads this log: message and traceback are logged at DEBUG alone.
    MemoryError is passed on: it says nothing about these values.
    """
    try:
        return draw(*arguments, **options)
    except MemoryError:
        raise
    except Exception as error:
        raised = traceback.extract_tb(error.__traceback__)[-1]
        _LOG.error("A chart was not drawn: %s in %s, line %s", type(error).__name__, raised.name, raised.lineno)
        _LOG.debug("Why it was not drawn:", exc_info=error)
        return NotDrawn(type(error).__name__)
