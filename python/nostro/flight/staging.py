"""Where the streams of a write wait for its commit: files of Arrow batches, one for each stream.

An operation is a directory with its description and its streams. It comes and goes by a rename, so it is
never without its description; what else is in the staging directory stays there. A stream counts once it is
whole, under its final name; what is not named by the commit is removed with the operation. Files outlive the
process and are not forced to the disk, as a commit puts the rows elsewhere; what another process staged is
read with its checksum.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from nostro.flight.change_messages import IDENTIFIER, BeginWriteRequest, StagedStream
from nostro.flight.errors import InvalidRequest, SourceError

DESCRIPTION = "operation.json"
STREAM_SUFFIX = ".arrow"
UNFINISHED_SUFFIX = ".part"

STAGED_FILE = re.compile(
    rf"operation\.json(\.part)?|{IDENTIFIER.pattern}\.(meta|arrow(\.[0-9a-f]{{8}}\.part)?)", re.ASCII
)
UNFINISHED_DIRECTORY = re.compile(rf"\.{IDENTIFIER.pattern}\.[0-9a-f]{{8}}\.part", re.ASCII)
"""No operation's name, as it begins with a point."""


@dataclass(frozen=True)
class Operation:
    """A write that was begun. `process` names the process of the source in which it was."""

    request: BeginWriteRequest
    process: str


class StagingArea:
    """A directory of operations; safe for many threads, and for one process at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}

    def begin(self, operation: Operation) -> None:
        directory = self._directory / operation.request.operation
        text = json.dumps({"request": operation.request.to_json(), "process": operation.process})
        unfinished = unfinished_directory(directory)
        with self._lock:
            unfinished.mkdir(parents=True)
            try:
                (unfinished / DESCRIPTION).write_text(text, encoding="utf-8")
                remove_operation(directory)
                unfinished.rename(directory)
            except OSError as error:
                shutil.rmtree(unfinished, ignore_errors=True)
                if not directory.exists():
                    raise
                raise InvalidRequest(
                    f"operation {operation.request.operation}: the staging directory has something else of "
                    "that name; accepted: another id"
                ) from error

    def find(self, operation: str) -> Operation | None:
        with self._lock:
            return self._find(operation)

    @contextlib.contextmanager
    def stream(self, operation: str, stream: str, schema: pa.Schema) -> Iterator[StreamWriter]:
        """A writer of one stream. If it is not finished within the block, nothing of it stays."""
        with self._lock:
            if self._find(operation) is None:
                raise InvalidRequest(f"operation {operation} is not open; accepted: one that was begun")
            self._open[operation] = self._open.get(operation, 0) + 1
        final = self._directory / operation / f"{stream}{STREAM_SUFFIX}"
        try:
            if final.exists():
                raise InvalidRequest(f"stream {stream} of operation {operation} is there already")
            with StreamWriter(final, stream, schema) as writer:
                yield writer
        finally:
            with self._lock:
                self._open[operation] -= 1
                if not self._open[operation]:
                    del self._open[operation]

    def check(self, operation: str, streams: Sequence[StagedStream]) -> None:
        """Raises InvalidRequest if a stream is not there as it is named."""
        for named in streams:
            path = self._path(operation, named.stream)
            if not path.is_file():
                raise InvalidRequest(f"operation {operation} has no stream {named.stream}")
            metadata = stream_metadata(path)
            if metadata != named:
                raise InvalidRequest(
                    f"stream {named.stream} of operation {operation} has {metadata.rows} rows and the "
                    f"checksum {metadata.crc32}, not {named.rows} and {named.crc32}"
                )

    def read(
        self, operation: str, streams: Sequence[StagedStream], schema: pa.Schema, *, verified: bool
    ) -> Iterator[pa.RecordBatch]:
        """The streams' rows as the schema has them, one stream after another. If not `verified`, checksums
        are computed once more."""
        for named in streams:
            for batch in read_stream(self._path(operation, named.stream), operation, named, verified):
                yield batch if batch.schema.types == schema.types else batch.cast(schema)

    def discard(self, operation: str) -> None:
        with self._lock:
            remove_operation(self._directory / operation)

    def sweep(self, older_than: float) -> list[str]:
        """Remove operations that nothing was written to for so many seconds; their ids."""
        removed = []
        with self._lock:
            limit = time.time() - older_than
            for directory in self._directory.iterdir() if self._directory.is_dir() else ():
                try:
                    newest = max(path.stat().st_mtime for path in (directory, *directory.iterdir()))
                except OSError:
                    continue
                if newest >= limit or directory.name in self._open:
                    continue
                if UNFINISHED_DIRECTORY.fullmatch(directory.name) and not directory.is_symlink():
                    shutil.rmtree(directory, ignore_errors=True)
                elif remove_operation(directory):
                    removed.append(directory.name)
        return removed

    def _find(self, operation: str) -> Operation | None:
        return read_description(self._directory / operation)

    def _path(self, operation: str, stream: str) -> Path:
        return self._directory / operation / f"{stream}{STREAM_SUFFIX}"


class StreamWriter:
    """Writes one stream's batches to its file."""

    def __init__(self, path: Path, stream: str, schema: pa.Schema) -> None:
        self._final = path
        # each attempt has a file of its own: an earlier one of the same name may still be written by a lost
        # client
        self._path = path.with_name(f"{path.name}.{os.urandom(4).hex()}{UNFINISHED_SUFFIX}")
        self._stream = stream
        self._file = pa.OSFile(str(self._path), "wb")
        self._writer = pa.ipc.new_file(self._file, schema)
        self._finished = False
        self.rows = 0
        self.crc32 = 0

    def __enter__(self) -> StreamWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self._file.close()
            self._path.unlink(missing_ok=True)

    def write(self, batch: pa.RecordBatch) -> None:
        self._writer.write_batch(batch)
        self.rows += batch.num_rows
        for buffer in buffers(batch):
            self.crc32 = zlib.crc32(buffer, self.crc32)

    def finish(self, rows: int, crc32: int) -> StagedStream:
        """The stream is whole if rows and checksum are those that the client has; else raises
        InvalidRequest."""
        if (rows, crc32) != (self.rows, self.crc32):
            raise InvalidRequest(
                f"stream {self._stream}: {self.rows} rows with the checksum {self.crc32} came, "
                f"not {rows} with {crc32}"
            )
        self._writer.close()
        self._file.close()
        metadata_path(self._final).write_text(json.dumps({"rows": rows, "crc32": crc32}), encoding="utf-8")
        self._path.rename(self._final)
        self._finished = True
        return StagedStream(self._stream, rows, crc32)


def unfinished_directory(operation: Path) -> Path:
    return operation.with_name(f".{operation.name}.{os.urandom(4).hex()}{UNFINISHED_SUFFIX}")


def remove_operation(directory: Path) -> bool:
    """False if there is none, or something else of that name."""
    if not is_operation(directory):
        return False
    unfinished = unfinished_directory(directory)
    try:
        directory.rename(unfinished)
    except OSError:
        return False
    shutil.rmtree(unfinished, ignore_errors=True)
    return True


def is_operation(directory: Path) -> bool:
    """Whether it has its own description, or one that is damaged among nothing but staged files."""
    if directory.is_symlink() or not IDENTIFIER.fullmatch(directory.name):
        return False
    try:
        names = {path.name for path in directory.iterdir()}
    except OSError:
        return False
    if names.isdisjoint((DESCRIPTION, f"{DESCRIPTION}{UNFINISHED_SUFFIX}")):
        return False
    try:
        described = read_description(directory)
    except (OSError, ValueError, LookupError, TypeError):
        described = None
    if described is not None and described.request.operation == directory.name:
        return True
    return all(STAGED_FILE.fullmatch(name) for name in names)


def read_description(directory: Path) -> Operation | None:
    try:
        text = (directory / DESCRIPTION).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    body: Any = json.loads(text)
    return Operation(BeginWriteRequest.from_json(body["request"]), body["process"])


def buffers(batch: pa.RecordBatch) -> Iterator[pa.Buffer]:
    """What the checksum is of: the buffers of the batch's message, in their order."""
    for column in batch.columns:
        for buffer in column.buffers():
            if buffer is not None:
                yield buffer


def read_stream(path: Path, operation: str, named: StagedStream, verified: bool) -> Iterator[pa.RecordBatch]:
    rows = crc32 = 0
    try:
        with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
            for index in range(reader.num_record_batches):
                batch = reader.get_batch(index)
                rows += batch.num_rows
                if not verified:
                    for buffer in buffers(batch):
                        crc32 = zlib.crc32(buffer, crc32)
                yield batch
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"stream {named.stream} of operation {operation} is damaged: {error}") from None
    if rows != named.rows or (not verified and crc32 != named.crc32):
        raise SourceError(f"stream {named.stream} of operation {operation} is damaged")


def metadata_path(stream: Path) -> Path:
    return stream.with_suffix(".meta")


def stream_metadata(path: Path) -> StagedStream:
    body: Any = json.loads(metadata_path(path).read_text(encoding="utf-8"))
    return StagedStream(path.name.removesuffix(STREAM_SUFFIX), body["rows"], body["crc32"])
