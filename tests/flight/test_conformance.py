"""The checks of a source: sound sources pass them, and for each check there is a source that fails it."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import flight
from tests.flight.broken_sources import FAULTS as READING_FAULTS
from tests.flight.broken_sources import TABLES, Fault, asking, in_duckdb, serving
from tests.flight.broken_writes import WRITING_FAULTS, RenamingSource, of_class
from tests.flight.plain_source import PlainSource
from typer.testing import CliRunner

from nostro.cli.app import app
from nostro.demo.bank_scale import BankScale
from nostro.demo.generator import generate
from nostro.demo.ledger import ledger
from nostro.demo.load import build_ledger
from nostro.flight import (
    Applies,
    Capabilities,
    Data,
    FunctionSource,
    MemorySource,
    ReadRequest,
    Source,
    SourceClient,
    serve,
    with_type,
)
from nostro.flight.conformance import GROUPS, Options, Report, check_source
from nostro.flight.conformance.run import names_of
from nostro.flight.conformance.subjects import MOST_COLUMNS, SourceUnderCheck, table_under_check
from nostro.flight.conformance.wire import Wire
from nostro.flight.duckdb import DuckDBSource

PUSHED_DOWN = ("expressions", "orders", "aggregates", "snapshots")
"""Groups of checks of what a source may declare besides."""
WRITING = ("changes", "writes", "merges", "states")
"""Groups of checks that write."""

FAULTS = (*READING_FAULTS, *WRITING_FAULTS)
FAULTS_TRIED = 30
DOCS = Path(__file__).resolve().parents[2] / "docs"

EVERY_TYPE = """
CREATE TABLE public.every_type (
    id integer NOT NULL, a_boolean boolean, a_tinyint tinyint, a_smallint smallint, a_bigint bigint,
    a_hugeint hugeint, a_ubigint ubigint, a_real real, a_double double, a_decimal decimal(9, 2),
    a_long_decimal decimal(38, 6), a_varchar varchar, a_blob blob, a_date date, a_time time,
    a_timestamp timestamp, a_timestamp_s timestamp_s, a_timestamp_ms timestamp_ms,
    a_timestamp_ns timestamp_ns, an_instant timestamptz, a_uuid uuid, a_json json, a_list integer[],
    a_struct struct(a boolean, b varchar[]), a_map map(varchar, boolean)
);
INSERT INTO public.every_type VALUES
    (1, true, 1, -2, -4, 5, 6, 1.1, -2.25, 12.34, -12345678901234567890.123456, 'Zürich 💶', '\\x00\\xFF',
     '2025-05-02', '18:00:00.123456', '2025-05-02 18:00:00.123456', '2025-05-02 18:00:00',
     '2025-05-02 18:00:00.123', '2025-05-02 18:00:00.123456789', '2025-05-02 18:00:00.123456+02',
     '6f1b3a52-9a3e-4c61-8a5e-0d6f9c2b7e11', '{"a": [1, null]}', [1, NULL], {'a': true, 'b': ['x', NULL]},
     MAP {'x': true, 'y': NULL}),
    (3, false, -128, 32767, 9223372036854775807, -5, 18446744073709551615, 'infinity', 'nan', -9999999.99,
     99999999999999999999999999999999.999999, '', '', '0001-01-01', '00:00:00', '1969-12-31 23:59:59.999999',
     '1900-01-01 00:00:00', '2999-12-31 23:59:59.999', '1970-01-01 00:00:00.000000001',
     '1969-12-31 23:59:59.999999+00', '00000000-0000-0000-0000-000000000000', 'null', [],
     {'a': NULL, 'b': []}, MAP {});
INSERT INTO public.every_type (id, a_varchar, a_double, a_blob)
    VALUES (2, 'zürich', -0.0, '\\x80'), (4, NULL, 0.0, NULL);
"""


def checked(location: str, *only: str, tables: tuple[str, ...] = (), most_rows: int = 10_000) -> Report:
    writes = any(name.partition(".")[0] in WRITING for name in only)
    return check_source(location, Options(tables, only, most_rows, writes=writes))


def failures(report: Report) -> set[str]:
    return {f"{outcome.group}.{outcome.check}" for outcome in report.failures}


def assert_sound(report: Report) -> None:
    told = [
        f"{it.group}.{it.check} {it.table}: {it.sent}; {it.came}; {it.accepted}" for it in report.failures
    ]
    assert told == []
    assert report.counts["passed"] > 40


def all_checks() -> set[str]:
    return {f"{group.name}.{name}" for group in GROUPS for name in names_of(group)}


def test_each_check_has_a_source_that_fails_it() -> None:
    assert sorted(fault.check for fault in FAULTS) == sorted(all_checks())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every fault takes minutes (`./build.sh suite`): another build tries some, others by another seed."""
    if "fault" in metafunc.fixturenames:
        seed: int = metafunc.config.getoption("seed")
        faults = list(FAULTS)
        if not metafunc.config.getoption("every_fault"):
            faults = random.Random(seed).sample(faults, FAULTS_TRIED)
        metafunc.parametrize("fault", faults, ids=lambda fault: fault.check)


def test_a_broken_source_fails_the_check_and_no_other_of_its_group(fault: Fault) -> None:
    with serving(fault) as location:
        report = checked(location, fault.check.partition(".")[0], tables=("public.t",))
    assert failures(report) == {fault.check}
    for outcome in report.failures:
        assert outcome.sent
        assert outcome.came
        assert outcome.accepted
    assert report.left == ()


def test_the_source_that_is_broken_is_sound_otherwise() -> None:
    with serving(Fault("nothing")) as location:
        report = checked(location)
    assert_sound(report)
    never = {
        f"{it.group}.{it.check}"
        for it in report.outcomes
        if it.result == "not applicable" and it.group not in (*PUSHED_DOWN, *WRITING)
    }
    assert never == {"partitions.one_endpoint", "partitions.locations", "endpoints.rows"}


def test_the_database_that_is_broken_is_sound_otherwise() -> None:
    with serving(Fault("nothing", source=in_duckdb)) as location:
        report = checked(location, *PUSHED_DOWN, tables=("public.t",))
    assert_sound(report)
    never = {f"{it.group}.{it.check}" for it in report.outcomes if it.result == "not applicable"}
    assert never == {"aggregates.too_large"}


def test_a_source_that_is_written_to_passes_and_stays_as_it_was() -> None:
    def state(client: SourceClient) -> str:
        return f"{client.schemas()} {client.tables()} {client.read('public', 't').to_pylist()}"

    fault = Fault("nothing", source=of_class(RenamingSource))
    with serving(fault) as location, SourceClient(location) as client:
        before = state(client)
        report = checked(location, *WRITING)
        assert state(client) == before
    assert_sound(report)
    assert report.counts == {"passed": 59, "failed": 0, "not applicable": 0, "not run": 0}
    assert report.left == ()


def test_nothing_is_written_unless_it_is_asked_for() -> None:
    with serving(Fault("nothing", source=of_class(RenamingSource))) as location:
        report = check_source(location, Options(only=WRITING))
        told = run(location, "--only", "writes.insert")
        with SourceClient(location) as client:
            assert client.describe("public", "t")[0].snapshot == "0"
    assert report.counts == {"passed": 0, "failed": 0, "not applicable": 0, "not run": 59}
    assert "visible, and says how many: not run: --writes" in told.output
    assert "0 passed, 0 failed, 0 not applicable, 1 not run: --writes" in told.output
    assert told.exit_code == 0


def test_what_cannot_be_dropped_is_told() -> None:
    def keep(asked: dict[str, Any]) -> dict[str, Any] | list[bytes]:
        return [b'{"rows": 0}'] if asked.get("type") == "drop_schema" else asked

    fault = Fault("nothing", source=of_class(RenamingSource), action=asking("nostro.change", keep))
    with serving(fault) as location, SourceClient(location) as client:
        told = run(location, "--writes", "--only", "writes.insert")
        (left,) = [schema for schema in client.schemas() if schema.startswith("nostro_source_check_")]
        assert client.tables(left) == ()
    assert f"left behind, to be dropped: {left}" in told.output


def test_without_schemas_of_its_own_tables_are_created_in_the_first() -> None:
    class OfTables(RenamingSource):
        create_schema = Source.create_schema
        drop_schema = Source.drop_schema

    class OfRows(OfTables):
        create_table = Source.create_table

    with serving(Fault("nothing", source=of_class(OfTables))) as location, SourceClient(location) as client:
        before = client.tables()
        report = checked(location, "writes")
        assert client.tables() == before
    assert not report.failures
    assert report.counts["passed"] == 25
    with serving(Fault("nothing", source=of_class(OfRows))) as location:
        report = checked(location, "writes")
    assert {it.why for it in report.outcomes} == {
        "create_table is not declared, so nothing can be written but to the source's own"
    }


@pytest.mark.parametrize("check", ["predicates.values_there", "limits.some"])
def test_partial_is_less_than_exact(check: str) -> None:
    """A source that sends too much fails where it declares exactness, and not where it declares the other."""

    def declares(name: str, value: str) -> Callable[[str, list[bytes]], list[bytes]]:
        def results(_: str, found: list[bytes]) -> list[bytes]:
            answer = json.loads(found[0])
            if "capabilities" in answer:
                answer["capabilities"][name] = value
            return [json.dumps(answer).encode(), *found[1:]]

        return results

    def unfiltered(command: Any) -> Any:
        return command and command | {"predicate": None, "limit": None}

    what = check.partition(".")[0].removesuffix("s")
    for value, expected in (("exact", {check}), ("partial", set())):
        fault = Fault(check, command=unfiltered, results=declares(what, value))
        with serving(fault) as location:
            assert failures(checked(location, check, tables=("public.t",))) == expected


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conformance") / "types.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA public")
        connection.execute(EVERY_TYPE)
        connection.execute("CREATE TABLE public.empty (a integer, b varchar)")
        connection.execute(
            "CREATE VIEW public.some AS SELECT id, a_varchar FROM public.every_type WHERE id < 3"
        )
        connection.execute(
            "CREATE TABLE public.many AS SELECT i AS id, 'A' || i % 100 AS account FROM range(300000) AS r(i)"
        )
    return path


def test_duckdb_passes(database: Path) -> None:
    with serve(DuckDBSource(database)) as running:
        report = checked(running.location, tables=("public.every_type", "public.empty", "public.some"))
    assert_sound(report)
    assert not {
        it.check
        for it in report.outcomes
        if it.result == "not applicable" and it.table == "public.every_type"
    } - {
        "one_endpoint",
        "locations",
        "declared_values",
        "rows",
        "too_large",
    }


def test_a_large_table_is_sampled(database: Path) -> None:
    with serve(DuckDBSource(database)) as running:
        report = checked(running.location, tables=("public.many",), most_rows=500)
    assert_sound(report)
    assert report.sampled == ("public.many",)


def test_the_ledger_passes(tmp_path: Path) -> None:
    database = tmp_path / "ledger.duckdb"
    build_ledger(generate(BankScale(transactions=1_000), 7, tmp_path / "bank"), database)
    with serve(ledger(str(database))) as running:
        report = checked(running.location)
    assert_sound(report)
    assert report.tables == ("public.account", "public.trades")


def test_memory_passes() -> None:
    odd = pa.table(
        {
            "tag": pa.array(["a", "b", None, "a"]).dictionary_encode(),
            "large": pa.array(["a", "B", None, ""], pa.large_string()),
            "view": pa.array(["a", "b", None, "é"], pa.string_view()),
            "u8": pa.array([0, 255, None, 7], pa.uint8()),
            "f32": pa.array([1.1, float("nan"), None, -0.0], pa.float32()),
            "f16": pa.array([1.5, None, 2.5, 0.0], pa.float16()),
            "ms": pa.array([1, None, -1, 3], pa.timestamp("ms", "Europe/Berlin")),
            "uuid": pa.array([bytes(range(16)), None, b"\xff" * 16, b"\x00" * 16], pa.uuid()),
            "lists": pa.array([[1, None], [], None, [2]], pa.list_(pa.int64(), -1)),
            "pairs": pa.array([[1, 2], None, [3, None], [4, 5]], pa.list_(pa.int32(), 2)),
            "maps": pa.array(
                [[("a", 1), ("b", None)], None, [], [("c", 3)]], pa.map_(pa.string(), pa.int64())
            ),
            "rows": pa.array([{"a": 1}, None, {"a": None}, {}], pa.struct({"a": pa.int8()})),
            "nothing": pa.nulls(4),
            "date64": pa.array([0, None, 86_400_000, -86_400_000], pa.date64()),
        }
    )
    source = MemorySource(
        {**TABLES, "public.odd": odd, "public.none": odd.slice(0, 0), "public.one": odd.slice(0, 1)}
    )
    with serve(source) as running:
        assert_sound(checked(running.location))


def test_functions_pass() -> None:
    source = FunctionSource("branches")

    @source.table("public.branch", {"bic": pa.string(), "desks": pa.int32()}, comment="Where we are")
    def branch() -> Data:
        return pa.table({"bic": ["DEUTDEFF", None], "desks": pa.array([3, 5], pa.int32())})

    @source.table("public.currency", pa.schema([with_type(pa.field("code", pa.string()), "char(3)")]))
    def currency(request: ReadRequest) -> Data:
        return iter([pa.record_batch({"code": ["EUR", "USD"]})])

    with serve(source) as running:
        report = checked(running.location)
    assert_sound(report)
    assert {lack.what for lack in report.lacks} >= {"partitions", "row_count"}


def test_the_smallest_source_of_the_guide_passes() -> None:
    names: dict[str, Any] = {"__name__": "guide"}
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    exec(re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], names)
    with serve(names["Branches"]()) as running:
        assert_sound(checked(running.location))


def test_a_source_without_the_sdk_passes() -> None:
    with PlainSource("grpc://127.0.0.1:0") as server:
        report = checked(f"grpc://127.0.0.1:{server.port}")
    assert_sound(report)
    assert [lack.what for lack in report.lacks if lack.table is None] == [
        "projection",
        "predicate",
        "limit",
        "partitions",
        "top_n",
        "aggregates",
        "expressions",
        "changes",
        "snapshots",
        "joins",
        "statistics",
        "nested",
    ]


def test_a_source_that_cannot_be_read_is_told_once() -> None:
    class Down(Source):
        applies = Applies.NOTHING

        def schemas(self) -> list[str]:
            return ["public"]

        def tables(self, schema: str) -> list[str]:
            return ["t"]

        def describe(self, schema: str, table: str) -> pa.Schema:
            return pa.schema({"a": pa.int64()})

        def read(self, request: ReadRequest) -> Data:
            raise RuntimeError("the mainframe is asleep")

    with serve(Down()) as running:
        report = checked(running.location, "reading")
    (failure,) = [it for it in report.failures if it.check == "all_columns"]
    assert failure.came is not None
    assert "INTERNAL: public.t: the source Down failed: RuntimeError: the mainframe is asleep" in failure.came


def test_values_that_are_not_of_their_type_are_told_once() -> None:
    def garbled(_: Any, table: pa.Table) -> pa.Table:
        if "name" not in table.column_names:
            return table
        offsets = pa.py_buffer(b"".join(offset.to_bytes(4, "little") for offset in range(table.num_rows + 1)))
        names = pa.StringArray.from_buffers(table.num_rows, offsets, pa.py_buffer(b"\xff" * table.num_rows))
        return table.set_column(table.column_names.index("name"), table.schema.field("name"), names)

    with serving(Fault("reading.values", resent=garbled)) as location:
        report = checked(location, "reading", "predicates", tables=("public.t",))
    assert failures(report) == {"reading.values"}
    assert {
        it.why for it in report.outcomes if it.group == "predicates" and it.result == "not applicable"
    } == {"values are not of their type: see reading.values"}


def test_wide_tables_have_each_type_tried() -> None:
    columns: dict[str, pa.Array] = {f"n{index}": pa.array([index, None]) for index in range(40)}
    wide = pa.table(columns | {"last": ["a", None]})
    with serve(MemorySource({"public.wide": wide})) as running, Wire(running.location) as wire:
        subject = table_under_check(SourceUnderCheck(wire, {}, Capabilities(), 100), "public", "wide")
    assert len(subject.some_columns) == len(subject.accepted) == MOST_COLUMNS
    assert {"n0", "last"} < set(subject.accepted)


def test_a_source_that_answers_nonsense_fails_and_is_not_the_end_of_the_checks() -> None:
    def nonsense(name: str, found: list[bytes]) -> list[bytes]:
        answer = json.loads(found[0])
        if name == "nostro.describe_table":
            answer |= {"predicate_columns": [{}, 1, None], "row_count": "many", "capabilities": []}
        return [json.dumps(answer).encode(), *found[1:]]

    with serving(Fault("description", results=nonsense)) as location:
        report = checked(location)
    assert failures(report) >= {
        "description.capabilities",
        "description.predicate_columns",
        "description.row_count",
    }


HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def test_sections_are_headings_of_the_protocol() -> None:
    headings = set(HEADING.findall((DOCS / "protocol.md").read_text(encoding="utf-8")))
    sections = {check.section for group in GROUPS for check in group.of_source}
    sections |= {check.section for group in GROUPS for check in group.of_tables}
    sections |= {check.section for group in GROUPS for check in group.of_writes}
    assert sections <= headings


def run(*arguments: str) -> Any:
    return CliRunner(env={"COLUMNS": "110"}).invoke(app, ["source", "check", *arguments])


def test_the_command_tells_what_failed() -> None:
    (fault,) = [it for it in FAULTS if it.check == "predicates.is_null"]
    with serving(fault) as location:
        told = run(location, "--only", "predicates.is_null", "--only", "handshake", "--table", "public.t")
        as_json = run(location, "--only", "predicates.is_null", "--table", "public.t", "--json")
    assert told.exit_code == as_json.exit_code == 1
    assert "✗ null_allowed alone is IS NULL" in told.output
    assert (
        "public.t: predicates.is_null, docs/protocol.md, Predicates: queries give wrong rows" in told.output
    )
    assert "came      0 rows: 2 missing, such as {name: NULL, id: 5}" in told.output
    assert "6 passed, 1 failed, 0 not applicable" in told.output
    assert "What this source lacks" in told.output
    report = json.loads(as_json.output)
    assert report["counts"] == {"passed": 0, "failed": 1, "not applicable": 0, "not run": 0}
    assert report["outcomes"][0]["severity"] == "queries give wrong rows"
    assert report["capabilities"]["predicate"] == "exact"


def test_the_command_ends_well_for_a_sound_source() -> None:
    with serve(MemorySource(TABLES)) as running:
        told = run(running.location, "--only", "limits", "--rows", "5")
    assert told.exit_code == 0, told.output
    assert "0 failed" in told.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "predicates.nulls"], "there is no check predicates.nulls; there are predicates."),
        (["--only", "nulls"], "there is no check nulls; there are handshake, messages"),
        (["--table", "public.x"], "memory lists no table public.x; it lists public.t, other.u"),
    ],
)
def test_names_that_are_not_there(arguments: list[str], message: str) -> None:
    with serve(MemorySource(TABLES)) as running:
        told = run(running.location, *arguments)
    assert told.exit_code == 2
    assert message in told.output


def test_what_is_no_source_is_told_apart() -> None:
    class Empty(flight.FlightServerBase):  # type: ignore[misc]
        pass

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = run(f"grpc://127.0.0.1:{taken.getsockname()[1]}", "--timeout", "5")
    with Empty("grpc://127.0.0.1:0") as server:
        other = run(f"grpc://127.0.0.1:{server.port}")
    assert (nobody.exit_code, other.exit_code, run("nonsense").exit_code) == (2, 2, 2)
    assert "is not reachable" in nobody.output
    assert "is not a Nostro source: nostro.handshake is answered with UNIMPLEMENTED" in other.output


def test_a_source_that_does_not_answer_is_given_up() -> None:
    asked = threading.Event()

    def sleep(name: str, body: bytes) -> tuple[str, bytes]:
        asked.wait(10)
        return name, body

    with serving(Fault("handshake", action=sleep)) as location:
        told = run(location, "--timeout", "0.5")
        asked.set()
    assert told.exit_code == 2
    assert "is not reachable" in told.output


def test_what_the_guide_shows_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "sources.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "guide"}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
        if "Careless" in names:
            break
    shown = re.search(r"`nostro source check (grpc://\S+) (.+)` prints\n\n```text\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    with serve(names["Careless"]()) as running:
        told = run(running.location, *shown[2].split())
    assert told.exit_code == 1
    # what it lacks is less with every capability that the SDK learns
    printed, _, _ = told.output.replace(running.location, shown[1]).partition("What this source lacks")
    assert printed == shown[3].partition("What this source lacks")[0]
