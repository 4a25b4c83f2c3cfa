"""The server over real connections: what it answers, and what it does with the ill-behaved."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import flight

from nostro.flight import (
    Applies,
    Capabilities,
    Data,
    FunctionSource,
    MemorySource,
    NotFound,
    Partition,
    ReadRequest,
    Source,
    SourceClient,
    Table,
    Unavailable,
    serve,
)
from nostro.flight import server as flight_server
from nostro.flight.change_messages import ABORT, BEGIN_WRITE, CHANGE, COMMIT, RELEASE
from nostro.flight.enforcement import BATCH_BYTES, BATCH_ROWS
from nostro.flight.protocol import (
    DESCRIBE_TABLE,
    HANDSHAKE,
    LIST_SCHEMAS,
    LIST_TABLES,
    TABLE_STATISTICS,
    ReadCommand,
    encode,
)

Served = Callable[[Source], SourceClient]

BRANCHES = pa.table(
    {
        "bic": ["DEUTDEFF", "BNPAFRPP", "CHASUS33", None],
        "city": ["Frankfurt", "Paris", "New York", "Nowhere"],
        "desks": pa.array([3, 5, 8, None], pa.int32()),
    }
)
BRANCH = {"schema": "public", "table": "branch"}


class Endless(Source):
    """A table whose reads never end, and which knows how many are being read."""

    def __init__(self) -> None:
        self.reading = 0

    def schemas(self) -> Iterable[str]:
        return ["public"]

    def tables(self, schema: str) -> Iterable[str]:
        return ["numbers"]

    def describe(self, schema: str, table: str) -> pa.Schema:
        return pa.schema({"n": pa.int64()})

    def read(self, request: ReadRequest) -> Data:
        batch = pa.record_batch({"n": range(50_000)})
        self.reading += 1
        try:
            while True:
                yield batch
        finally:
            self.reading -= 1


def asleep() -> Data:
    raise RuntimeError("the mainframe is asleep")


def falls_asleep() -> Iterator[pa.RecordBatch]:
    yield pa.record_batch({"n": [1, 2, 3]})
    raise RuntimeError("the mainframe fell asleep")


def down() -> Data:
    raise Unavailable("the mainframe is down for the night")


def changes_type() -> Iterator[pa.RecordBatch]:
    yield pa.record_batch({"n": [1]})
    yield pa.record_batch({"n": [1.0]})


def failing() -> Source:
    """Tables that go wrong in every way."""
    source = FunctionSource("failing")
    reads: dict[str, Callable[[], Any]] = {
        "raises": asleep,
        "midway": falls_asleep,
        "unavailable": down,
        "other_type": lambda: pa.table({"n": ["one"]}),
        "other_column": lambda: pa.table({"m": [1]}),
        "column_twice": lambda: pa.table([pa.array([1]), pa.array([1])], names=["n", "n"]),
        "null": lambda: pa.table({"n": pa.array([1, None], pa.int64())}),
        "no_arrow": lambda: 42,
        "rows": lambda: [{"n": 1}],
        "changes_type_midway": changes_type,
    }
    for name, read in reads.items():
        source.table(f"public.{name}", pa.schema([pa.field("n", pa.int64(), nullable=False)]))(read)
    return source


def log_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.01)


def test_handshake(served: Served) -> None:
    answer = served(MemorySource({"public.branch": BRANCHES}, name="branches")).handshake([1, 99])
    assert (answer.protocol, answer.source, answer.version) == (1, "branches", "0")
    assert answer.capabilities == Capabilities(True, "exact", "exact", True, statistics=True)


@pytest.mark.parametrize("versions", [[], [2, 3]])
def test_no_common_version(served: Served, versions: Sequence[int]) -> None:
    with pytest.raises(pa.ArrowInvalid, match=rf"speaks {'2, 3' if versions else 'none'}, .* speaks 1"):
        served(MemorySource({})).handshake(versions)


def test_listing_and_description(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES, "public.b": BRANCHES, "other.c": BRANCHES}))
    assert client.schemas() == ("public", "other")
    assert [(entry.schema, entry.table) for entry in client.tables()] == [
        ("public", "branch"),
        ("public", "b"),
        ("other", "c"),
    ]
    assert [entry.table for entry in client.tables("other")] == ["c"]
    description, columns = client.describe("public", "branch")
    assert columns == BRANCHES.schema
    assert (description.table.schema, description.table.table) == ("public", "branch")
    assert description.predicate_columns == ("bic", "city", "desks")
    assert description.row_count == 4


def test_what_is_dropped_while_it_is_listed_is_left_out(served: Served) -> None:
    class Changing(Endless):
        def schemas(self) -> Iterable[str]:
            return ["dropped", "public"]

        def tables(self, schema: str) -> Iterable[str]:
            if schema == "dropped":
                raise NotFound("dropped: no such schema")
            return ["dropped", "numbers"]

        def comment(self, schema: str, table: str) -> str | None:
            if table == "dropped":
                raise NotFound("public.dropped: no such table")
            return None

    client = served(Changing())
    assert [(it.schema, it.table) for it in client.tables()] == [("public", "numbers")]
    assert [it.table for it in client.tables("public")] == ["numbers"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.tables("nowhere"),
        lambda client: client.describe("public", "nothing"),
        lambda client: client.read("public", "nothing", columns=["a"]),
        lambda client: client.read("nowhere", "branch", columns=["a"]),
    ],
)
def test_what_is_not_there_is_not_found(served: Served, ask: Callable[[SourceClient], Any]) -> None:
    with pytest.raises(KeyError, match=r"(nowhere|public\.nothing|nowhere\.branch): no such (schema|table)"):
        ask(served(MemorySource({"public.branch": BRANCHES})))


def test_projection_predicate_and_limit(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    assert client.read("public", "branch").equals(BRANCHES)
    assert client.read("public", "branch", columns=["desks", "bic"]).equals(BRANCHES.select(["desks", "bic"]))
    many = {
        "columns": [{"column": "desks", "ranges": [{"low": {"value": "4", "inclusive": True}, "high": None}]}]
    }
    assert client.read("public", "branch", columns=["city"], predicate=many).to_pydict() == {
        "city": ["Paris", "New York"]
    }
    assert client.read("public", "branch", columns=["city"], predicate=many, limit=1).num_rows == 1
    assert client.read("public", "branch", columns=["city"], limit=0).to_pydict() == {"city": []}
    assert client.read("public", "branch", columns=[], predicate=many).num_rows == 2
    assert client.read("public", "branch", columns=[], limit=3).num_rows == 3
    assert client.read("public", "branch", columns=[], predicate={"columns": []}).num_rows == 4


@pytest.mark.parametrize("partitions", [1, 2, 3, 4, 7])
def test_partitions_are_disjoint_and_complete(served: Served, partitions: int) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    info = client.plan("public", "branch", partitions=partitions)
    assert len(info.endpoints) == min(partitions, 4)
    assert not any(endpoint.locations for endpoint in info.endpoints)
    assert client.read("public", "branch", partitions=partitions).equals(BRANCHES)
    assert len(client.plan("public", "branch", partitions=partitions, limit=2).endpoints) == 1


def test_tickets_can_be_read_again_and_by_another_server(served: Served) -> None:
    first = served(MemorySource({"public.branch": BRANCHES}))
    second = served(MemorySource({"public.branch": BRANCHES}))
    (endpoint,) = first.plan("public", "branch").endpoints
    streams = [list(client.stream(endpoint.ticket.ticket)) for client in (first, first, second)]
    assert all(pa.Table.from_batches(stream).equals(BRANCHES) for stream in streams)


def test_a_table_that_changed_is_not_read_by_an_old_plan(served: Served) -> None:
    first = served(MemorySource({"public.branch": BRANCHES}))
    second = served(MemorySource({"public.branch": BRANCHES.set_column(2, "desks", pa.array([1, 2, 3, 4]))}))
    (endpoint,) = first.plan("public", "branch").endpoints
    with pytest.raises(
        flight.FlightInternalError, match=r"public\.branch: the table has changed .* plan it again"
    ):
        list(second.stream(endpoint.ticket.ticket))


def test_the_log_has_what_reached_the_source(served: Served, request_log: Path) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    predicate = {
        "columns": [
            {"column": "bic", "null_allowed": False, "values": ["DEUTDEFF", "X"]},
            {
                "column": "desks",
                "null_allowed": True,
                "ranges": [{"low": {"value": "-1000000", "inclusive": True}, "high": None}],
            },
        ]
    }
    client.read("public", "branch", columns=["city"], predicate=predicate, limit=7, partitions=2)
    planned, streamed = log_lines(request_log)
    asked = {
        "schema": "public",
        "table": "branch",
        "columns": ["city"],
        "predicate": {
            "columns": [predicate["columns"][0] | {"values": ["DEUT…", "X"]}, predicate["columns"][1]]
        },
        "limit": 7,
        "partitions": 2,
    }
    assert planned.items() >= {"event": "read", "endpoints": 1, **asked}.items()
    assert (
        streamed.items() >= {"event": "stream", "partition": 0, "rows": 1, "outcome": "ok", **asked}.items()
    )
    assert streamed["bytes"] > 0
    assert streamed["seconds"] >= 0


class Recording(MemorySource):
    applies = Applies.NOTHING

    def __init__(self) -> None:
        super().__init__({"public.branch": BRANCHES})
        self.requests: list[ReadRequest] = []

    def read(self, request: ReadRequest) -> Data:
        self.requests.append(request)
        return super().read(request)


def test_a_source_is_asked_for_what_the_server_needs_to_filter(served: Served) -> None:
    source = Recording()
    predicate = {"columns": [{"column": "bic", "values": ["DEUTDEFF"]}]}
    read = served(source).read("public", "branch", columns=["city"], predicate=predicate, limit=1)
    assert read.to_pydict() == {"city": ["Frankfurt"]}
    (request,) = source.requests
    assert request.columns == ("city", "bic")
    assert request.limit is None
    assert request.predicate is not None
    assert request.predicate.column_names == ("bic",)
    assert request.table_schema == BRANCHES.schema


def test_a_source_that_applies_everything_is_asked_for_that_alone(served: Served) -> None:
    class Applying(Recording):
        applies = Applies.PROJECTION | Applies.PREDICATE | Applies.LIMIT

    source = Applying()
    predicate = {"columns": [{"column": "bic", "values": ["DEUTDEFF"]}]}
    served(source).read("public", "branch", columns=["city"], predicate=predicate, limit=9)
    assert [(request.columns, request.limit) for request in source.requests] == [(("city",), 9)]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("raises", r"public\.raises: the source failing failed: RuntimeError: the mainframe is asleep"),
        ("midway", r"public\.midway: the source failing failed: RuntimeError: the mainframe fell asleep"),
        ("other_type", r"public\.other_type: column n is described as int64, and read returned string"),
        ("other_column", r"public\.other_column: column n is not in what read returned, which has m"),
        ("column_twice", r"public\.column_twice: column n is twice"),
        ("null", r"public\.null: column n is described as not null, and read returned a NULL"),
        ("no_arrow", r"public\.no_arrow: read returned builtins\.int; accepted: pyarrow\.Table"),
        ("rows", r"public\.rows: read returned builtins\.dict; accepted: pyarrow\.Table"),
        ("changes_type_midway", r"public\.changes_type_midway: column n is described as int64.*double"),
    ],
)
def test_a_failing_source_is_named_with_its_table(
    served: Served, request_log: Path, table: str, message: str
) -> None:
    client = served(failing())
    with pytest.raises(flight.FlightInternalError, match=message) as caught:
        client.read("public", table)
    assert "Traceback" not in str(caught.value)
    assert log_lines(request_log)[-1]["outcome"] == "error"
    assert client.schemas() == ("public",)


@pytest.mark.parametrize("dictionaries", [False, True])
def test_an_unavailable_source(served: Served, caplog: pytest.LogCaptureFixture, dictionaries: bool) -> None:
    client = served(failing())
    command = ReadCommand("public", "unavailable", ("n",), dictionaries=dictionaries)
    (endpoint,) = client.flight_info(encode(command.to_json())).endpoints
    with pytest.raises(flight.FlightUnavailableError, match=r"^the mainframe is down for the night"):
        list(client.stream(endpoint.ticket.ticket))
    assert not [record for record in caplog.records if record.exc_info]


def test_an_error_before_the_first_row_is_logged_once(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    client = served(failing())
    command = ReadCommand("public", "raises", ("n",), dictionaries=True)
    (endpoint,) = client.flight_info(encode(command.to_json())).endpoints
    with pytest.raises(flight.FlightInternalError, match=r"^public\.raises: the source failing failed"):
        list(client.stream(endpoint.ticket.ticket))
    assert len([record for record in caplog.records if record.exc_info]) == 1


@pytest.mark.parametrize("broken", ["schemas", "tables", "describe", "partitions", "snapshot", "comment"])
def test_every_method_of_a_source_may_fail(served: Served, broken: str) -> None:
    class Broken(MemorySource):
        pass

    def fail(*_: object) -> Any:
        raise ZeroDivisionError("division by zero")

    setattr(Broken, broken, fail)
    client = served(Broken({"public.branch": BRANCHES}))
    with pytest.raises(
        flight.FlightInternalError, match="memory failed: ZeroDivisionError: division by zero"
    ):
        client.read("public", "branch", partitions=2) if broken not in ("schemas", "tables", "comment") else (
            client.tables()
        )


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"a": 1}, "describe returned dict; accepted: pyarrow.Schema, Table"),
        (pa.schema([("a", pa.int8()), ("a", pa.int8())]), "describe has the column a twice"),
        (Table(pa.schema({"a": pa.int8()}), predicate_columns=("b",)), "names the predicate column b"),
    ],
)
def test_a_bad_description(served: Served, description: Any, message: str) -> None:
    class Misdescribed(MemorySource):
        def describe(self, schema: str, table: str) -> Any:
            return description

    with pytest.raises(flight.FlightInternalError, match=rf"public\.branch: .*{message}"):
        served(Misdescribed({})).describe("public", "branch")


def test_long_errors_are_cut(served: Served) -> None:
    class Talkative(MemorySource):
        def read(self, request: ReadRequest) -> Data:
            raise RuntimeError("é" * 100_000)

    with pytest.raises(flight.FlightInternalError, match=r"public\.branch: the source memory failed: .*é…"):
        served(Talkative({"public.branch": BRANCHES})).read("public", "branch")


READ = {"protocol": 1, "type": "read", **BRANCH, "columns": ["bic"]}


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (READ | {"protocol": 2}, r"protocol: version 2 is not spoken; accepted: 1"),
        (READ | {"type": "write"}, r"type: unknown kind of command; accepted: read"),
        (READ | {"columns": ["bic", "bic"]}, r"public\.branch: columns: a column is named twice"),
        (
            READ | {"columns": ["nope"]},
            r"columns\[0\]: public\.branch has no such column; accepted: bic, city",
        ),
        (READ | {"columns": "bic"}, r"columns: accepted: an array, not a string"),
        (READ | {"columns": [1]}, r"columns\[0\]: accepted: a string, not a number"),
        (READ | {"limit": -1}, r"limit: accepted: a whole number from 0"),
        (READ | {"limit": 1.5}, r"limit: accepted: a whole number"),
        (READ | {"limit": True}, r"limit: accepted: a whole number"),
        (READ | {"limit": 2**63}, r"limit: accepted: a whole number"),
        (READ | {"partitions": 0}, r"partitions: accepted: a whole number of at least 1"),
        (READ | {"predicate": []}, r"predicate: accepted: a JSON object, not an array"),
        (READ | {"predicate": {}}, r"predicate\.columns: missing"),
        (READ | {"predicate": {"columns": [{}]}}, r"predicate\.columns\[0\]\.column: missing"),
        (
            READ | {"predicate": {"columns": [{"column": "bic", "values": [], "ranges": []}]}},
            r"predicate\.columns\[0\]: accepted: either values or ranges, not both",
        ),
        (
            READ | {"predicate": {"columns": [{"column": "desks", "values": [1]}]}},
            r"predicate\.columns\[0\]\.values\[0\]: accepted: a string, not a number",
        ),
        (
            READ | {"predicate": {"columns": [{"column": "desks", "values": ["x"]}]}},
            r"public\.branch: .*: not a literal of column desks \(int32\); accepted: a whole number",
        ),
        (
            READ | {"predicate": {"columns": [{"column": "desks", "ranges": [{"low": {"value": "1"}}]}]}},
            r"ranges\[0\]\.low\.inclusive: missing",
        ),
        (
            READ | {"predicate": {"columns": [{"column": "bic"}, {"column": "bic"}]}},
            r"public\.branch: predicate\.columns\[1\]\.column: bic is named twice",
        ),
        (
            READ | {"predicate": {"columns": [{"column": "x"}]}},
            r"public\.branch: predicate\.columns\[0\]\.column: no such column; accepted: bic",
        ),
        ([], r"message: accepted: a JSON object, not an array"),
        (b"", r"read: not a JSON message in UTF-8"),
        (b"\xff\xfe", r"read: not a JSON message in UTF-8"),
        (b'{"limit": NaN}', r"NaN is not JSON"),
        (b"[" * 100_000, r"read: not a JSON message in UTF-8: nested too deeply"),
    ],
)
def test_bad_reads_are_refused(served: Served, message: Any, error: str) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    with pytest.raises(pa.ArrowInvalid, match=error) as caught:
        client.flight_info(body)
    assert "Traceback" not in str(caught.value)


def test_unknown_fields_are_ignored(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    assert client.flight_info(encode(READ | {"hint": {"x": 1}})).schema.names == ["bic"]


def test_null_fields_are_absent_ones(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    client.action(HANDSHAKE, {"protocol": [1], "client": None})
    part = {"column": "bic", "null_allowed": None, "values": ["DEUTDEFF"], "ranges": None}
    nulls = {"predicate": {"columns": [part]}, "limit": None, "partitions": None}
    (endpoint,) = client.flight_info(encode(READ | nulls)).endpoints
    (batch,) = client.stream(endpoint.ticket.ticket)
    assert batch.to_pydict() == {"bic": ["DEUTDEFF"]}
    assert Capabilities.from_json({"predicate": None, "projection": None}) == Capabilities()


def test_unknown_actions_and_paths_are_refused(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    with pytest.raises(pa.ArrowNotImplementedError, match=r"action 'nostro\.drop_table' is unknown"):
        client.action("nostro.drop_table", {})
    connection = client._client
    with pytest.raises(pa.ArrowInvalid, match="accepted: a descriptor with a command"):
        connection.get_flight_info(flight.FlightDescriptor.for_path("public", "branch"))
    assert {action.type for action in connection.list_actions()} == {
        HANDSHAKE,
        LIST_SCHEMAS,
        LIST_TABLES,
        DESCRIBE_TABLE,
        TABLE_STATISTICS,
        CHANGE,
        BEGIN_WRITE,
        COMMIT,
        ABORT,
        RELEASE,
    }


def test_garbage_is_refused_and_the_server_lives(served: Served) -> None:
    client = served(MemorySource({"public.branch": BRANCHES}))
    chance = random.Random(476)
    (endpoint,) = client.plan("public", "branch").endpoints
    ticket = endpoint.ticket.ticket
    bodies = [encode(READ), encode(BRANCH), encode({"protocol": [1]}), encode({})]
    for _ in range(150):
        garbage = bytearray(chance.choice([ticket, *bodies]))
        for _ in range(chance.randint(1, 4)):
            garbage[chance.randrange(len(garbage))] = chance.randrange(256)
        garbled = bytes(garbage[: chance.randint(0, len(garbage))])
        if garbled != ticket:
            with pytest.raises(pa.ArrowInvalid, match="ticket: "):
                list(client.stream(garbled))
        action = chance.choice([HANDSHAKE, LIST_SCHEMAS, LIST_TABLES, DESCRIBE_TABLE, TABLE_STATISTICS])
        for ask in (client.flight_info, partial(client.action, action)):
            try:
                ask(garbled)
            except (pa.ArrowInvalid, KeyError) as error:
                assert "Traceback" not in str(error)  # noqa: PT017
    assert client.read("public", "branch").equals(BRANCHES)


def test_many_clients_at_once(served: Served) -> None:
    numbers = pa.table({"n": range(100_000)})
    location = served(MemorySource({"public.numbers": numbers}))

    def sum_below(limit: int) -> int:
        predicate = {
            "columns": [
                {"column": "n", "ranges": [{"low": None, "high": {"value": str(limit), "inclusive": False}}]}
            ]
        }
        return sum(location.read("public", "numbers", predicate=predicate, partitions=2)["n"].to_pylist())

    limits = list(range(0, 3200, 50))
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(sum_below, limits)) == [limit * (limit - 1) // 2 for limit in limits]


def test_a_cancelled_stream_frees_the_source(served: Served, request_log: Path) -> None:
    source = Endless()
    client = served(source)
    (endpoint,) = client.plan("public", "numbers").endpoints
    stream = client.stream(endpoint.ticket.ticket)
    next(stream)
    assert source.reading == 1
    stream.close()
    until(lambda: source.reading == 0)
    until(lambda: len(log_lines(request_log)) == 2)
    assert log_lines(request_log)[1]["outcome"] == "cancelled"


def test_a_cancelled_read_is_told_to_a_source_that_is_busy(served: Served) -> None:
    told = threading.Event()

    class Busy(MemorySource):
        def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
            yield BRANCHES.to_batches()[0]
            told.wait(60)
            assert request.cancelled()

        def cancel(self, request: ReadRequest) -> None:
            told.set()

    client = served(Busy({"public.branch": BRANCHES}))
    (endpoint,) = client.plan("public", "branch").endpoints
    stream = client.stream(endpoint.ticket.ticket)
    next(stream)
    assert not told.is_set()
    stream.close()
    assert told.wait(60)


def test_a_killed_client_frees_the_source(request_log: Path) -> None:
    source = Endless()
    reader = (
        "import sys\n"
        "from nostro.flight import SourceClient\n"
        "client = SourceClient(sys.argv[1])\n"
        "(endpoint,) = client.plan('public', 'numbers').endpoints\n"
        "for batch in client.stream(endpoint.ticket.ticket):\n"
        "    print('reading', flush=True)\n"
    )
    with (
        serve(source, request_log=request_log) as running,
        subprocess.Popen([sys.executable, "-c", reader, running.location], stdout=subprocess.PIPE) as client,
    ):
        assert client.stdout is not None
        assert client.stdout.readline() == b"reading\n"
        assert source.reading == 1
        client.kill()
        until(lambda: source.reading == 0)
    assert log_lines(request_log)[1]["outcome"] == "cancelled"


def test_a_stopping_server_ends_its_streams() -> None:
    source = Endless()
    with serve(source) as running, SourceClient(running.location) as client:
        (endpoint,) = client.plan("public", "numbers").endpoints
        stream = client.stream(endpoint.ticket.ticket)
        next(stream)
        running.close()
        with pytest.raises(flight.FlightUnavailableError, match=r"public\.numbers: the source is stopping"):
            list(stream)
        assert source.reading == 0
        running.wait()


def test_a_port_in_use_and_bad_locations_are_refused() -> None:
    with (
        serve(MemorySource({})) as running,
        pytest.raises(OSError, match=r"cannot listen at grpc://127\.0\.0\.1:[0-9]+: is the port in use"),
    ):
        serve(MemorySource({}), running.location)
    for location in ("127.0.0.1:1", "http://127.0.0.1:1", "grpc://127.0.0.1", "grpc://127.0.0.1:99999"):
        with pytest.raises(ValueError, match="accepted: grpc://HOST:PORT"):
            serve(MemorySource({}), location)


def test_batches_are_bounded(served: Served) -> None:
    wide = pa.table({"t": ["x" * 1000] * 30_000, "n": range(30_000)})
    uneven = pa.table({"t": ["y" * (3 * BATCH_BYTES), *["x"] * 100]})
    long = pa.table({"n": range(200_000)}).combine_chunks()
    client = served(MemorySource({"public.wide": wide, "public.uneven": uneven, "public.long": long}))
    for name, table in (("wide", wide), ("uneven", uneven), ("long", long)):
        (endpoint,) = client.plan("public", name).endpoints
        batches = list(client.stream(endpoint.ticket.ticket))
        assert pa.Table.from_batches(batches).equals(table)
        assert all(batch.num_rows <= BATCH_ROWS for batch in batches)
        assert all(batch.nbytes <= BATCH_BYTES or batch.num_rows == 1 for batch in batches)


def test_functions_as_a_source(served: Served) -> None:
    source = FunctionSource("branches", "3")

    @source.table("public.branch", BRANCHES.schema, "Where we are")
    def branch() -> Data:
        return BRANCHES

    @source.table("public.asked", {"column": pa.string()})
    def asked(request: ReadRequest) -> Data:
        return pa.table({"column": list(request.columns)})

    client = served(source)
    assert client.handshake().version == "3"
    assert client.handshake().capabilities.partitions is False
    assert [entry.comment for entry in client.tables("public")] == ["Where we are", None]
    assert client.read("public", "branch", partitions=4).equals(BRANCHES)
    assert client.read("public", "asked").to_pydict() == {"column": ["column"]}
    with pytest.raises(ValueError, match=r"public\.branch is declared twice"):
        source.table("public.branch", {})
    with pytest.raises(ValueError, match=r"accepted: schema\.table"):
        source.table("branch", {})


def test_locations_of_partitions_reach_the_client(served: Served) -> None:
    class Spread(MemorySource):
        def partitions(self, request: ReadRequest) -> Sequence[Partition]:
            return [Partition("0-1", ("grpc://a:1", "grpc://b:2")), Partition("1-4")]

    client = served(Spread({"public.branch": BRANCHES}))
    endpoints = client.plan("public", "branch", partitions=2).endpoints
    assert [[location.uri.decode() for location in endpoint.locations] for endpoint in endpoints] == [
        ["grpc://a:1", "grpc://b:2"],
        [],
    ]


def test_a_source_may_refuse(served: Served) -> None:
    class Refusing(MemorySource):
        def read(self, request: ReadRequest) -> Data:
            raise NotFound("public.branch: it was dropped")

    with pytest.raises(KeyError, match="it was dropped"):
        served(Refusing({"public.branch": BRANCHES})).read("public", "branch")


def test_partitions_are_capped(served: Served) -> None:
    rows = pa.table({"n": range(flight_server.MOST_PARTITIONS * 2)})
    client = served(MemorySource({"public.rows": rows}))
    assert len(client.plan("public", "rows", partitions=10**9).endpoints) == flight_server.MOST_PARTITIONS
