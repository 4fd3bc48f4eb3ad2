"""The reading process: takes files over a pipe, reads them within limits, and answers with a sweep or one sentence."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from lib.model.errors import InputError
from lib.model.sweep import Declaration
from lib.sources import open_upload
from lib.sources.child.limits import be_the_first_to_go, hold_to
from lib.sources.child.messages import BrokenMessage, read_message, write_message
from lib.sources.snapshot.file import packed_sweep
from lib.sources.sweep_config import parse_sweep_config

# A sender of more than this is not the server.
_MOST_BYTES = 1 << 40
_Answer = tuple[Mapping[str, Any], bytes | memoryview]


def main() -> int:
    """Answer one request after the other until the pipe ends, which it does when the server ends."""
    # The terminal's Ctrl-C reaches all processes of the server; this one ends with its pipe.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _own_output()
    # At full speed: somebody may be waiting already.
    _import_readers()
    be_the_first_to_go()
    with contextlib.suppress(BrokenMessage, OSError):
        write_message(answers, {"ready": True})
        while True:
            header, content = read_message(sys.stdin.buffer, _MOST_BYTES)
            hold_to(header["memory"], header["processor_seconds"])
            answer = _answer(header, content)
            del content
            write_message(answers, *answer)
    return 0


def _own_output() -> BinaryIO:
    """Return the pipe to the server; whatever else prints, in Python or in C, goes to standard error instead."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _import_readers() -> None:
    """Import what reading needs, while nobody waits for it."""
    for name in ("yaml", "pyarrow.csv", "pyarrow.parquet"):
        importlib.import_module(name)


def _answer(header: Mapping[str, Any], content: bytes) -> _Answer:
    kinds: dict[str, Callable[[Mapping[str, Any], bytes], _Answer]] = {
        "sweep_config": _sweep_config,
        "upload": _upload,
    }
    try:
        return kinds[header["read"]](header, content)
    except InputError as error:
        # A reader that caught a MemoryError has its own sentence for it.
        return {"problem": str(error)}, b""
    except MemoryError:
        return {"failed": "memory"}, b""
    except Exception as error:
        # Where it happened, without the message: that could hold a part of the file.
        frames = "".join(traceback.format_tb(error.__traceback__)[-8:])
        return {"failed": "unexpected", "where": f"{frames}{type(error).__name__}"}, b""


def _sweep_config(header: Mapping[str, Any], content: bytes) -> _Answer:
    text = content.decode("utf-8-sig", errors="replace")
    declaration = parse_sweep_config(text, header["name"])
    return {"name": declaration.name, "config": declaration.config}, b""


def _upload(header: Mapping[str, Any], content: bytes) -> _Answer:
    given = header["declaration"]
    sweep = open_upload(
        header["name"],
        content,
        declaration=None if given is None else Declaration(name=given["name"], config=given["config"]),
        parameters=tuple(header["parameters"]),
        metric=header["metric"],
    )
    return {}, packed_sweep(sweep)
