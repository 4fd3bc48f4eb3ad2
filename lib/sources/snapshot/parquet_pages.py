"""How much a Parquet file really unpacks to, by what its pages say: a file's footer, which readers trust, can lie.

A page begins with a header in Thrift's compact protocol. Two of its fields matter here: how large the page is as it
lies in the file, and how much room a reader makes to unpack it (https://github.com/apache/parquet-format, PageHeader).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq

MOST_PAGES = 200_000
_UNPACKED, _PACKED = 2, 3
_DEEPEST = 4
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 7, 8, 12
_INTEGERS = (4, 5, 6)


def unpacked_bytes(content: bytes, metadata: pq.FileMetaData, most: int) -> int:
    """Return how many bytes the file's pages unpack to, at most a little over `most`: counting stops there.

    Raises ValueError for pages that aren't where the footer says, or more of them than a snapshot has.
    """
    total = pages = 0
    for start, end in _chunks(metadata):
        if not 0 <= start <= end <= len(content):
            raise ValueError("a column lies outside of the file")
        while start < end:
            sizes, body = _header(content, start, 0)
            unpacked, packed = sizes.get(_UNPACKED, -1), sizes.get(_PACKED, -1)
            if unpacked < 0 or packed < 0:
                raise ValueError("a page without a size")
            total, pages, start = total + unpacked, pages + 1, body + packed
            if total > most:
                return total
            if pages > MOST_PAGES:
                raise ValueError("too many pages")
    return total


def _chunks(metadata: pq.FileMetaData) -> Iterator[tuple[int, int]]:
    for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
        for column in (group.column(i) for i in range(group.num_columns)):
            # Of a group without rows nothing is read, and offsets may point nowhere.
            if group.num_rows <= 0:
                continue
            start = column.data_page_offset
            if column.has_dictionary_page and column.dictionary_page_offset is not None:
                start = min(start, column.dictionary_page_offset)
            yield start, start + column.total_compressed_size


def _header(content: bytes, at: int, depth: int) -> tuple[dict[int, int], int]:
    """Read a Thrift struct: its integers by field number, and where it ends."""
    found: dict[int, int] = {}
    field = 0
    while True:
        byte, at = content[at], at + 1
        if byte == 0:
            return found, at
        step, kind = byte >> 4, byte & 0x0F
        if step:
            field += step
        else:
            field, at = _integer(content, at)
        if kind in _INTEGERS:
            found[field], at = _integer(content, at)
        else:
            at = _after(content, at, kind, depth)


def _after(content: bytes, at: int, kind: int, depth: int) -> int:
    """Return where a value that is no integer ends."""
    if kind in (_TRUE, _FALSE):
        return at
    if kind == _BYTE:
        return at + 1
    if kind == _DOUBLE:
        return at + 8
    if kind == _BINARY:
        size, at = _varint(content, at)
        return at + size
    if kind == _STRUCT and depth < _DEEPEST:
        return _header(content, at, depth + 1)[1]
    raise ValueError("a page header that no snapshot has")


def _integer(content: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(content, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte, at = content[at], at + 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("a number that is too long")
