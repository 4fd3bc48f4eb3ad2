"""What passes between the server and a reading process: a small JSON object and, behind it, bytes.

Nothing is pickled: the reader of a message can't be made to run anything, and takes no more bytes than it agreed to.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

# Lengths of the object and of the bytes, in network order.
_LENGTHS = struct.Struct("!IQ")
MOST_HEADER_BYTES = 4_000_000
_PIECE = 1 << 20


class BrokenMessage(Exception):
    """The other side ended, or sent what is no message."""


def write_message(pipe: BinaryIO, header: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Send one message. Raises OSError where the other side has gone."""
    head = json.dumps(header, separators=(",", ":")).encode()
    pipe.write(_LENGTHS.pack(len(head), len(body)))
    pipe.write(head)
    view = memoryview(body)
    for start in range(0, len(view), _PIECE):
        pipe.write(view[start : start + _PIECE])
    pipe.flush()


def read_message(pipe: BinaryIO, most_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Wait for one message; return its object and its bytes, of which there are at most `most_bytes`.

    Raises BrokenMessage for anything else, also for the end of the pipe.
    """
    head_size, body_size = _LENGTHS.unpack(_exactly(pipe, _LENGTHS.size))
    if head_size > MOST_HEADER_BYTES or body_size > most_bytes:
        raise BrokenMessage(f"a message of {head_size:,} and {body_size:,} bytes")
    head = _exactly(pipe, head_size)
    try:
        header = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise BrokenMessage("a header that is no JSON") from error
    if not isinstance(header, dict):
        raise BrokenMessage("a header that is no object")
    return header, _exactly(pipe, body_size)


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise BrokenMessage("the pipe ended")
    return content
