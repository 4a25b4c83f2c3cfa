"""A folder of Parquet files as a source."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.dataset as ds
from pyarrow import fs

from nostro.flight.enforcement import BATCH_ROWS, batches_without_columns
from nostro.flight.errors import NotFound, SourceError
from nostro.flight.parquet_statistics import (
    Chunk,
    chunks_of,
    chunks_of_folder_column,
    range_of,
    statistics_of_column,
    statistics_of_folder_column,
)
from nostro.flight.source import Applies, ColumnRange, Partition, ReadRequest, Source, Table
from nostro.flight.table_statistics import ColumnStatistics, Statistics, StatisticsRequest

SUFFIX = ".parquet"
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What Hive writes for NULL in the name of a folder."""


@dataclass(frozen=True)
class _Group:
    """A row group: which of the table's files it is in, where, and how large it is."""

    file: int
    index: int
    rows: int
    size: int


@dataclass(frozen=True)
class _Loaded:
    """A table's files in one state, their footers read. `chunks` and `statistics` are of those columns that
    were asked for; a column has as many chunks as there are `groups`."""

    state: str
    table: Table
    files: tuple[ds.ParquetFileFragment, ...]
    groups: tuple[_Group, ...]
    folder_columns: tuple[str, ...]
    chunks: dict[str, tuple[Chunk, ...]] = dataclasses.field(default_factory=dict)
    statistics: dict[str, ColumnStatistics] = dataclasses.field(default_factory=dict)

    def chunks_of(self, column: str) -> tuple[Chunk, ...]:
        if column not in self.chunks:
            of_file = chunks_of_folder_column if column in self.folder_columns else chunks_of
            described = self.table.columns.field(column)
            self.chunks[column] = tuple(chunk for file in self.files for chunk in of_file(file, described))
        return self.chunks[column]

    def range_of(self, column: str, groups: Iterable[int]) -> ColumnRange:
        chunks = self.chunks_of(column)
        return range_of([chunks[number] for number in groups], self.table.columns.field(column))

    def statistics_of(self, column: str) -> ColumnStatistics:
        if column not in self.statistics:
            of_chunks = statistics_of_folder_column if column in self.folder_columns else statistics_of_column
            self.statistics[column] = of_chunks(self.chunks_of(column), self.table.columns.field(column))
        return self.statistics[column]


class ParquetSource(Source):
    """Parquet files below a folder: its folders are schemas; a file `TABLE.parquet` or a folder in them is a
    table. Folders named `KEY=VALUE` within a table's give columns, as Hive writes them.

    Names that begin with a dot or an underscore are not looked at. Only the columns asked for and the row
    groups whose statistics a predicate admits are read, in batches; partitions are ranges of row groups. A
    read sees the files as they were when it was planned: when one has changed since, it is refused.

    A column of folders' names is an integer when every name is one, without leading zeros, else text;
    `folder_columns` declares other types. Timestamps of Parquet's outdated form INT96 are read in
    `int96_unit`; microseconds hold any date that Spark can write.
    """

    applies = Applies.PROJECTION

    def __init__(
        self,
        folder: Path | str,
        name: str = "parquet",
        version: str = "0",
        folder_columns: Mapping[str, pa.DataType] | None = None,
        int96_unit: str = "us",
    ) -> None:
        self._folder = Path(folder).absolute()
        if not self._folder.is_dir():
            raise NotADirectoryError(f"folder {folder}: no such folder")
        self.name = name
        self.version = version
        self._declared = dict(folder_columns or {})
        self._format = ds.ParquetFileFormat(
            read_options=ds.ParquetReadOptions(coerce_int96_timestamp_unit=int96_unit),
            # a row group would else be in memory as a whole before its first batch is sent
            default_fragment_scan_options=ds.ParquetFragmentScanOptions(
                pre_buffer=False, use_buffered_stream=True
            ),
        )
        self._loaded: dict[tuple[str, str], _Loaded] = {}
        self._lock = threading.Lock()

    def schemas(self) -> Iterable[str]:
        return [entry.name for entry in _visible(self._folder) if entry.is_dir()]

    def tables(self, schema: str) -> Iterable[str]:
        return sorted(self._tables(schema))

    def describe(self, schema: str, table: str) -> Table:
        return self._load(schema, table).table

    def snapshot(self, schema: str, table: str) -> str | None:
        return _state(self._files(schema, table))

    def statistics(self, request: StatisticsRequest) -> Statistics:
        """Those of the files' footers and the folders' names."""
        loaded = self._load(request.schema, request.table)
        return Statistics(
            loaded.table.row_count, {column: loaded.statistics_of(column) for column in request.columns}
        )

    def partitions(self, request: ReadRequest) -> Sequence[Partition]:
        loaded = self._load(request.schema, request.table)
        admitted = _admitted(loaded, request, range(len(loaded.groups)))
        parts = min(request.partitions, len(admitted))
        if parts == 0:
            return ()
        # parts of like size; every one has at least one row group
        sizes = list(itertools.accumulate(loaded.groups[number].size for number in admitted))
        starts = [0]
        for part in range(1, parts):
            wanted = sizes[-1] * part / parts
            after = next(i for i, size in enumerate(sizes) if size >= wanted) + 1
            starts.append(min(max(after, starts[-1] + 1), len(admitted) - (parts - part)))
        found = []
        for start, end in itertools.pairwise([*starts, len(admitted)]):
            groups = admitted[start:end]
            after = len(loaded.groups) if end == len(admitted) else admitted[end]
            ranges = {column: loaded.range_of(column, groups) for column in request.columns}
            found.append(Partition(f"{loaded.state}:{groups[0]}-{after}", ranges=ranges))
        return found

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        loaded = self._load(request.schema, request.table)
        numbers = _admitted(loaded, request, _groups_of(loaded, request))
        if not request.columns:
            yield from batches_without_columns(sum(loaded.groups[number].rows for number in numbers))
            return
        for file, groups in itertools.groupby(
            (loaded.groups[number] for number in numbers), lambda g: g.file
        ):
            fragment = loaded.files[file].subset(row_group_ids=[group.index for group in groups])
            yield from fragment.to_batches(
                schema=loaded.table.columns,
                columns=list(request.columns),
                batch_size=BATCH_ROWS,
                batch_readahead=1,
                fragment_readahead=1,
            )

    def _tables(self, schema: str) -> dict[str, Path]:
        if schema not in self.schemas():
            raise NotFound(f"{schema}: no such schema")
        found: dict[str, Path] = {}
        for entry in _visible(self._folder / schema):
            if entry.is_dir() and next(_files_below(entry), None) is not None:
                table = entry.name
            elif entry.is_file() and entry.suffix == SUFFIX:
                table = entry.stem
            else:
                continue
            if table in found:
                raise SourceError(
                    f"{schema}.{table}: both {found[table].name} and {entry.name} are there; "
                    "accepted: one of them"
                )
            found[table] = entry
        return found

    def _files(self, schema: str, table: str) -> list[Path]:
        """The table's files, in the order of their paths; raises NotFound."""
        path = self._tables(schema).get(table)
        if path is None:
            raise NotFound(f"{schema}.{table}: no such table")
        return sorted(_files_below(path)) if path.is_dir() else [path]

    def _load(self, schema: str, table: str) -> _Loaded:
        files = self._files(schema, table)
        state = _state(files)
        with self._lock:
            known = self._loaded.get((schema, table))
        if known is not None and known.state == state:
            return known
        loaded = self._loaded_files(f"{schema}.{table}", self._folder / schema / table, files, state)
        with self._lock:
            self._loaded[schema, table] = loaded
        return loaded

    def _loaded_files(self, name: str, base: Path, files: list[Path], state: str) -> _Loaded:
        folder_columns = self._folder_columns(name, base, files)
        local = fs.LocalFileSystem()
        fragments = []
        for file in files:
            key = ds.HivePartitioning(folder_columns).parse(_folders(base, file) + "/")
            fragment = self._format.make_fragment(str(file), local, partition_expression=key)
            try:
                fragment.ensure_complete_metadata()
            except (pa.ArrowException, OSError) as error:
                raise SourceError(f"{name}: {file} is not a Parquet file that can be read: {error}") from None
            fragments.append(fragment)
        columns = self._columns(name, files, [f.physical_schema for f in fragments], folder_columns)
        groups = tuple(
            _Group(file, group.id, group.num_rows, group.total_byte_size)
            for file, fragment in enumerate(fragments)
            for group in fragment.row_groups
        )
        table = Table(columns, row_count=sum(group.rows for group in groups))
        return _Loaded(state, table, tuple(fragments), groups, tuple(folder_columns.names))

    def _columns(
        self, name: str, files: list[Path], schemas: list[pa.Schema], folder_columns: pa.Schema
    ) -> pa.Schema:
        """The columns of all files. One that is not in every file is NULL in the rows of the others."""
        fields: dict[str, pa.Field] = {}
        counts: dict[str, int] = {}
        for file, schema in zip(files, schemas, strict=True):
            for field in schema:
                if field.name in folder_columns.names:
                    raise SourceError(
                        f"{name}: column {field.name} is in the names of folders and also in {file}; "
                        "accepted: one of them"
                    )
                known = fields.get(field.name)
                counts[field.name] = counts.get(field.name, 0) + 1
                if known is None or (pa.types.is_null(known.type) and not pa.types.is_null(field.type)):
                    fields[field.name] = field.remove_metadata().with_nullable(
                        field.nullable or known is not None
                    )
                elif field.nullable:
                    fields[field.name] = known.with_nullable(True)
                if not pa.types.is_null(field.type) and field.type != fields[field.name].type:
                    raise SourceError(
                        f"{name}: column {field.name} is {field.type} in {file} and "
                        f"{fields[field.name].type} in files before it; accepted: one type"
                    )
        return pa.schema(
            [
                *(
                    field if counts[field.name] == len(files) else field.with_nullable(True)
                    for field in fields.values()
                ),
                *folder_columns,
            ]
        )

    def _folder_columns(self, name: str, base: Path, files: list[Path]) -> pa.Schema:
        """The columns that the folders' names give: the same in all files."""
        values: dict[str, list[str]] = {}
        keys: list[str] | None = None
        for file in files:
            pairs = [part.split("=", 1) for part in Path(_folders(base, file)).parts if "=" in part]
            if keys is not None and [key for key, _ in pairs] != keys:
                raise SourceError(
                    f"{name}: the folders of {file} are {[key for key, _ in pairs]}, those of files before "
                    f"it are {keys}; accepted: the same KEY=VALUE folders for all files"
                )
            keys = [key for key, _ in pairs]
            for key, value in pairs:
                values.setdefault(key, []).append(unquote(value))
        return pa.schema([(key, self._declared.get(key) or _type_of(texts)) for key, texts in values.items()])


def _type_of(texts: list[str]) -> pa.DataType:
    """An integer only where the text can be made of it again: account 00042 stays text."""
    present = [text for text in texts if text != NO_VALUE]
    try:
        whole = present and all(str(int(text)) == text for text in present)
    except ValueError:
        whole = False
    if not whole:
        return pa.string()
    return pa.int32() if all(-(2**31) <= int(text) < 2**31 for text in present) else pa.int64()


def _folders(base: Path, file: Path) -> str:
    return file.parent.relative_to(base).as_posix() if file.is_relative_to(base) else ""


def _admitted(loaded: _Loaded, request: ReadRequest, numbers: Iterable[int]) -> list[int]:
    """Of the row groups, those that the predicate admits by their statistics and their folders' names."""
    if request.predicate is None:
        return list(numbers)
    expression = request.predicate.expression()
    admitted: list[int] = []
    by_file = itertools.groupby(numbers, lambda number: loaded.groups[number].file)
    for file, own in by_file:
        subset = loaded.files[file].subset(expression, schema=loaded.table.columns)
        kept = {group.id for group in subset.row_groups}
        admitted += [number for number in own if loaded.groups[number].index in kept]
    return admitted


def _groups_of(loaded: _Loaded, request: ReadRequest) -> Iterable[int]:
    if request.partition is None:
        return range(len(loaded.groups))
    state, _, numbers = request.partition.partition(":")
    start, separator, end = numbers.partition("-")
    if not (separator and start.isdecimal() and end.isdecimal()):
        raise SourceError(f"{request.qualified_name}: {request.partition!r} is not a range of row groups")
    if state != loaded.state:
        raise SourceError(
            f"{request.qualified_name}: its files have changed since the read was planned; plan it again"
        )
    return range(int(start), min(int(end), len(loaded.groups)))


def _visible(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))


def _files_below(folder: Path) -> Iterator[Path]:
    for entry in _visible(folder):
        if entry.is_dir():
            yield from _files_below(entry)
        else:
            yield entry


def _state(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(f"{file}\0{status.st_ino}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]
