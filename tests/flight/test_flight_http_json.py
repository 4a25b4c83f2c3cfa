"""HTTP APIs that answer with JSON as tables, over a real server."""

from __future__ import annotations

import datetime
import email.utils
import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from pyarrow import flight
from tests.flight.agreement import agrees

from nostro.flight import MemorySource, Source, SourceClient, with_type
from nostro.flight import http_json as module
from nostro.flight.http_json import (
    Cursor,
    Filter,
    HttpJsonSource,
    JsonColumn,
    JsonTable,
    NextLink,
    OffsetLimit,
    PageNumber,
    Paging,
)

Served = Callable[[Source], SourceClient]
Query = dict[str, str]
Answer = tuple[int, dict[str, str], Any]


class Api:
    """An HTTP API: `answer` gives the status, headers and body of a path and its query."""

    def __init__(self, answer: Callable[[str, Query], Answer]) -> None:
        self.requests: list[tuple[str, Query, dict[str, str]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query, True).items()}
                api.requests.append((parts.path, query, dict(self.headers.items())))
                status, headers, body = answer(parts.path, query)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@contextmanager
def running(answer: Callable[[str, Query], Answer]) -> Iterator[Api]:
    api = Api(answer)
    thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.server.shutdown()
        api.server.server_close()


RECORDS = [{"id": number, "name": f"n{number}"} for number in range(25)]
COLUMNS = {"id": pa.int64(), "name": pa.string()}


def by_page(path: str, query: Query) -> Answer:
    start = (int(query["page"]) - 1) * int(query.get("per", 10))
    return 200, {}, {"data": {"items": RECORDS[start : start + int(query.get("per", 10))], "total": 25}}


def by_offset(path: str, query: Query) -> Answer:
    """It gives at most 7 records, whatever the limit."""
    start, size = int(query["offset"]), min(int(query["limit"]), 7)
    return 200, {}, {"data": {"items": RECORDS[start : start + size], "total": 25}}


def by_cursor(path: str, query: Query) -> Answer:
    start = int(query.get("after", "0"))
    following = start + 10 if start + 10 < 25 else None
    return 200, {}, {"data": {"items": RECORDS[start : start + 10]}, "meta": {"next": following}}


def by_link(path: str, query: Query) -> Answer:
    start = int(query.get("from", "0"))
    link = f'</other?a=",">; rel="prev", <{path}?from={start + 10}&kind=x>; title="a, b"; rel="last next"'
    return 200, {"Link": link} if start + 10 < 25 else {}, {"data": {"items": RECORDS[start : start + 10]}}


@pytest.mark.parametrize(
    ("answer", "paging", "requests"),
    [
        (by_page, PageNumber(), 4),
        (by_page, PageNumber(total="data.total"), 3),
        (by_page, PageNumber(size_parameter="per", size=20), 3),
        (by_offset, OffsetLimit(size=10), 5),
        (by_offset, OffsetLimit(size=10, total="data.total"), 4),
        (by_cursor, Cursor("after", "meta.next"), 3),
        (by_link, NextLink(), 3),
    ],
)
def test_every_way_of_paging(
    answer: Callable[[str, Query], Answer], paging: Paging, requests: int, served: Served
) -> None:
    with running(answer) as api:
        table = JsonTable("things?v=2", COLUMNS, "data.items", paging, {"kind": "x"}, comment="All things")
        client = served(HttpJsonSource(api.url, {"public.thing": table}))
        assert [(it.schema, it.table, it.comment) for it in client.tables()] == [
            ("public", "thing", "All things")
        ]
        assert client.read("public", "thing").to_pylist() == RECORDS
        assert len(api.requests) == requests
        assert all(query["kind"] == "x" for _, query, _ in api.requests)
        assert api.requests[0][1]["v"] == "2"
        assert client.read("public", "thing", columns=[]).num_rows == 25
        api.requests.clear()
        assert client.read("public", "thing", columns=["name"], limit=3)["name"].to_pylist() == [
            "n0",
            "n1",
            "n2",
        ]
        assert len(api.requests) == 1
        with pytest.raises(KeyError, match="no such table"):
            client.read("public", "other")


def test_values_of_every_type(served: Served) -> None:
    body = b"""[{"n": 9007199254740993, "x": 1e-3, "amount": 12345678901234567890.12, "text": "Z\\u00fcrich",
        "amount_text": "0.10", "flag": true, "day": "2025-05-02", "at": "2025-05-02T18:00:00+02:00",
        "id": "12151fd2-7586-11e9-8f9e-2a86e4085a59", "parties": [{"bic": "DEUTDEFF"}], "tags": ["a", null],
        "any": {"a": [1.10, null, "x"]}, "nested": {"deep": 7}}, {}]"""
    columns: dict[str, JsonColumn | pa.DataType] = {
        "n": pa.int64(),
        "x": pa.float64(),
        "amount": pa.decimal128(38, 2),
        "amount_text": pa.decimal128(18, 2),
        "text": pa.string(),
        "flag": pa.bool_(),
        "day": pa.date32(),
        "at": pa.timestamp("us", "UTC"),
        "id": pa.uuid(),
        "bic": JsonColumn(with_type(pa.field("", pa.string()), "varchar(11)"), "parties.0.bic"),
        "tags": pa.list_(pa.string()),
        "any": JsonColumn(with_type(pa.field("", pa.string()), "json")),
        "deep": JsonColumn(pa.int32(), "nested.deep"),
    }
    with running(lambda *_: (200, {}, body)) as api:
        client = served(HttpJsonSource(api.url, {"public.t": JsonTable("t", columns)}))
        assert client.describe("public", "t")[1].field("bic").metadata == {b"nostro.type": b"varchar(11)"}
        first, second = client.read("public", "t").to_pylist()
    assert set(second.values()) == {None}
    assert str(first.pop("id")) == "12151fd2-7586-11e9-8f9e-2a86e4085a59"
    assert first == {
        "n": 9007199254740993,
        "x": 0.001,
        "amount": Decimal("12345678901234567890.12"),
        "amount_text": Decimal("0.10"),
        "text": "Zürich",
        "flag": True,
        "day": datetime.date(2025, 5, 2),
        "at": datetime.datetime(2025, 5, 2, 16, tzinfo=datetime.UTC),
        "bic": "DEUTDEFF",
        "tags": ["a", None],
        "any": '{"a": [1.10, null, "x"]}',
        "deep": 7,
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'[{"n": 1}, {"n": "7"}]',
            r"page 1 of http://[^ ?]+/t, record 2: column n: '7' \(str\) is not a whole",
        ),
        (b'[{"n": 1}, {"n": 1.5}]', r"record 2: column n: Decimal\('1.5'\) .* is not a whole number"),
        (b'[{"n": 1}, {"n": null}]', r"record 2: column n: it is null or missing, and declared not null"),
        (b'[{"n": 1}, {"m": 2}]', r"record 2: column n: it is null or missing, and declared not null"),
        (b'[{"n": 1}, 7]', r"record 2: column n: there is a number where n should be in"),
        (b'{"n": 1}', r"page 1 of .*: the body is an object; accepted: an array of records"),
        (b'[{"n": NaN}]', r"the answer is not JSON in UTF-8: NaN is not JSON"),
        (b"<html>", r"page 1 of .*: the answer is not JSON in UTF-8"),
        (b"[" * 100_000, r"the answer is not JSON in UTF-8"),
    ],
)
def test_what_is_not_as_declared_is_named(body: bytes, message: str, served: Served) -> None:
    with running(lambda *_: (200, {}, body)) as api:
        table = JsonTable("t", {"n": JsonColumn(pa.field("", pa.int64(), nullable=False))})
        client = served(HttpJsonSource(api.url, {"public.t": table}))
        with pytest.raises(flight.FlightInternalError, match=rf"public\.t: .*{message}"):
            client.read("public", "t")


def endless(path: str, query: Query) -> Answer:
    return 200, {"Link": f"<{path}>; rel=next"}, {"items": RECORDS[:10], "next": "again", "total": 99}


@pytest.mark.parametrize(
    ("paging", "message"),
    [
        (PageNumber(), "page 2 of .*: it has the records of the page before"),
        (OffsetLimit(), "page 2 of .*: it has the records of the page before"),
        (Cursor("cursor", "next"), "page 2 of .*: it has the records of the page before"),
        (NextLink(), "page 1 of .*: its next page is itself"),
        (Cursor("cursor", "items"), "page 1 of .*: the cursor at items is an array"),
        (PageNumber(total="next"), "page 1 of .*: the total at next is text"),
    ],
)
def test_paging_that_does_not_fit_ends_in_an_error(paging: Paging, message: str, served: Served) -> None:
    with running(endless) as api:
        source = HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS, "items", paging)})
        with pytest.raises(flight.FlightInternalError, match=message):
            served(source).read("public", "t")


def test_an_end_before_the_total_is_an_error(served: Served) -> None:
    def answer(path: str, query: Query) -> Answer:
        return 200, {}, {"items": RECORDS if query["page"] == "1" else [], "total": 99}

    with running(answer) as api:
        table = JsonTable("t", COLUMNS, "items", PageNumber(total="total"))
        with pytest.raises(flight.FlightInternalError, match=r"page 2 .* of 99 in all only 25 have come"):
            served(HttpJsonSource(api.url, {"public.t": table})).read("public", "t")


def test_a_busy_api_is_asked_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(HttpJsonSource, "_sleep", lambda self, seconds, *_: waits.append(seconds))
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=100)
    answers: Iterator[Answer] = iter(
        [
            (429, {"Retry-After": "7"}, b"slowly"),
            (503, {}, b""),
            (503, {"Retry-After": email.utils.format_datetime(later, usegmt=True)}, b""),
            (200, {"Content-Length": "99"}, b'[{"id": 1, "na'),
            (200, {}, RECORDS),
        ]
    )
    with running(lambda *_: next(answers)) as api:
        client = served(HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS)}, backoff=0.25))
        assert client.read("public", "t").num_rows == 25
    assert (waits[0], waits[1], waits[3]) == (7, 0.5, 2)
    assert 90 < waits[2] <= 100


def test_an_api_that_stays_busy_or_away_is_unavailable(served: Served) -> None:
    with running(lambda *_: (503, {"Retry-After": "0"}, b"")) as api:
        tables = {"public.t": JsonTable("t", COLUMNS)}
        busy = served(HttpJsonSource(api.url, tables, attempts=3))
        with pytest.raises(flight.FlightUnavailableError, match=r"page 1 .* answers 503 .*, 3 times"):
            busy.read("public", "t")
        assert len(api.requests) == 3
    away = served(HttpJsonSource(api.url, tables, attempts=2, backoff=0.01))
    with pytest.raises(flight.FlightUnavailableError, match=r"the API cannot be reached: .*, 2 times"):
        away.read("public", "t")


def test_a_slow_api_times_out(served: Served) -> None:
    release = threading.Event()

    def answer(path: str, query: Query) -> Answer:
        release.wait(30)
        return 200, {}, []

    with running(answer) as api:
        source = HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS)}, timeout=0.2, attempts=1)
        with pytest.raises(flight.FlightUnavailableError, match=r"cannot be reached: .*timed out"):
            served(source).read("public", "t")
        release.set()


def test_a_reader_that_goes_ends_the_waiting(served: Served) -> None:
    with running(lambda *_: (503, {"Retry-After": "50"}, b"")) as api:
        client = served(HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS)}))
        (endpoint,) = client.plan("public", "t").endpoints
        reader = client._client.do_get(endpoint.ticket)
        threading.Timer(0.5, reader.cancel).start()
        began = time.monotonic()
        with pytest.raises(pa.ArrowException):
            list(reader)
        assert time.monotonic() - began < 20


def test_the_token_goes_to_its_host_alone(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(lambda *_: (200, {}, RECORDS)) as other:

        def answer(path: str, query: Query) -> Answer:
            if path == "/moved":
                return 302, {"Location": "/t"}, b""
            if path == "/away":
                return 302, {"Location": f"{other.url}t?account=1"}, b""
            if path == "/linked":
                return 200, {"Link": f'<{other.url}t>; rel="next"'}, RECORDS
            return 200, {}, RECORDS

        with running(answer) as api:
            tables = {
                f"public.{name}": JsonTable(name, COLUMNS, paging=NextLink())
                for name in ("t", "moved", "away", "linked")
            }
            client = served(
                HttpJsonSource(api.url, tables, token_variable="API_TOKEN", headers={"X-Desk": "7"})
            )
            with pytest.raises(flight.FlightInternalError, match="variable API_TOKEN is not set"):
                client.read("public", "t")
            monkeypatch.setenv("API_TOKEN", "not\na token")
            with pytest.raises(flight.FlightInternalError, match="API_TOKEN has no bearer token"):
                client.read("public", "t")
            monkeypatch.setenv("API_TOKEN", "s3cret\n")
            assert client.read("public", "moved").num_rows == 25
            assert all(headers["Authorization"] == "Bearer s3cret" for _, _, headers in api.requests)
            assert all(headers["X-Desk"] == "7" for _, _, headers in api.requests)
            for name, message in (("away", "redirects to another host"), ("linked", "at another host")):
                with pytest.raises(flight.FlightInternalError, match=message) as caught:
                    client.read("public", name)
                assert "account" not in str(caught.value)
        assert not other.requests


@pytest.mark.parametrize(
    ("code", "message"), [(401, "refuses the token in T: 401 no"), (404, "answers 404 no")]
)
def test_a_refusal_is_told(code: int, message: str, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "x")
    with running(lambda *_: (code, {}, b"no")) as api:
        source = HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS)}, token_variable="T")
        with pytest.raises(flight.FlightInternalError, match=message):
            served(source).read("public", "t")
        assert len(api.requests) == 1


def test_a_page_may_not_be_endless(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PAGE", 100)
    with (
        running(lambda *_: (200, {}, RECORDS)) as api,
        pytest.raises(flight.FlightInternalError, match="more than 100 bytes; ask for smaller pages"),
    ):
        served(HttpJsonSource(api.url, {"public.t": JsonTable("t", COLUMNS)})).read("public", "t")


def test_bad_declarations_are_refused() -> None:
    url = "http://127.0.0.1:1/"
    for table, message in (
        (
            JsonTable("t", {"c": pa.duration("s")}),
            r"column c: duration\[s\] is not supported; accepted: boolean",
        ),
        (JsonTable("t", {"c": pa.binary()}), "column c: JSON has no binary values; accepted: string"),
        (
            JsonTable("t", {"c": JsonColumn(pa.string(), filter=Filter(low="from"))}),
            "column c: ranges of text",
        ),
        (
            JsonTable("t", {"c": JsonColumn(pa.list_(pa.int8()), filter=Filter("c"))}),
            "column c: .* no predicate",
        ),
        (
            JsonTable("t", {"c": JsonColumn(pa.float16(), filter=Filter("c"))}),
            "column c: (halffloat|float16) .*",
        ),
        (JsonTable("http://other/t", {"c": pa.int8()}), "is not at the host of"),
    ):
        with pytest.raises(ValueError, match=message):
            HttpJsonSource(url, {"public.t": table})
    with pytest.raises(ValueError, match="accepted: http://HOST/"):
        HttpJsonSource("file:///etc/passwd", {})
    with pytest.raises(ValueError, match=r"accepted: schema\.table"):
        HttpJsonSource(url, {"t": JsonTable("t", COLUMNS)})


def nearest_of_32_bits(number: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


def part(column: str, **what: Any) -> dict[str, Any]:
    return {"columns": [{"column": column, **what}]}


def between(low: str | None, high: str | None, inclusive: bool = True) -> list[dict[str, Any]]:
    def bound(value: str | None) -> dict[str, Any] | None:
        return value and {"value": value, "inclusive": inclusive}  # type: ignore[return-value]

    return [{"low": bound(low), "high": bound(high)}]


@pytest.mark.parametrize(
    ("predicate", "sent"),
    [
        (part("side", values=["buy"]), {"side": "buy"}),
        (part("side", values=["buy", "sell"]), {"side": "buy,sell"}),
        (part("side", values=["buy", "a,b"]), {}),
        (part("side", values=["buy"], null_allowed=True), {}),
        (part("side", ranges=between("a", "b")), {}),
        (part("n", values=["3"]), {"n": "3"}),
        (part("n", values=["3", "9"]), {"from": "3", "to": "9"}),
        (part("n", ranges=between("3", "9")), {"from": "3", "to": "9"}),
        (part("n", ranges=between("3", "9", inclusive=False)), {"from": "4", "to": "8"}),
        (part("n", ranges=between("3", None) + between(None, "1")), {}),
        (part("n", ranges=between(None, None)), {}),
        (part("x", ranges=between("3", "9", inclusive=False)), {"above": "3.0", "below": "9.0"}),
        (part("x", ranges=between("3", "9")), {}),
        (part("x", ranges=between("-1", "1") + between("-1", "1", inclusive=False)), {}),
        (
            part("day", ranges=between("2025-05-02", "2025-05-03")),
            {"after": "01.05.2025", "before": "04.05.2025"},
        ),
        (part("day", ranges=between("2025-05-02", None, inclusive=False)), {"after": "02.05.2025"}),
        (part("f", values=["1"]), {"f>": "0.9999999403953552", "f<": "1.0000001192092896"}),
        (part("f", values=["1", "-0"]), {"f>": "-1.401298464324817e-45", "f<": "1.0000001192092896"}),
        (part("f", ranges=between("-1", "1", inclusive=False)), {"f>": "-1.0", "f<": "1.0"}),
        (part("f", ranges=between("-3.4028235E38", "3.4028235E38")), {}),
        (part("f", ranges=between("Infinity", "Infinity")), {"f>": "3.4028234663852886e+38"}),
        (part("g", ranges=between("1", None)), {"g>": "0.9999999403953552"}),
    ],
)
def test_what_of_a_predicate_is_sent(predicate: dict[str, Any], sent: Query, served: Served) -> None:
    day = Filter(above="after", below="before", format=lambda value: f"{value:%d.%m.%Y}")
    columns = {
        "side": JsonColumn(pa.string(), filter=Filter("side", many=",")),
        "n": JsonColumn(pa.int64(), filter=Filter("n", low="from", high="to")),
        "x": JsonColumn(pa.float64(), filter=Filter(above="above", below="below")),
        "day": JsonColumn(pa.date32(), filter=day),
        "f": JsonColumn(pa.float32(), filter=Filter("f", low="f>", high="f<", many=",")),
        "g": JsonColumn(pa.float32(), filter=Filter(above="g>")),
    }
    with running(lambda *_: (200, {}, [])) as api:
        client = served(HttpJsonSource(api.url, {"public.t": JsonTable("t", columns)}))
        assert client.read("public", "t", predicate=predicate).num_rows == 0
        assert api.requests[0][1] == sent


@pytest.mark.parametrize("stored", [float, nearest_of_32_bits])
@pytest.mark.parametrize(
    "predicate",
    [
        part("rate", values=["0.1"]),
        part("rate", values=["0.1", "0.7"]),
        part("rate", ranges=between("0.1", None)),
        part("rate", ranges=between(None, "0.7")),
        part("rate", ranges=between("0.1", "0.7", inclusive=False)),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_numbers_of_32_bits_are_found_whatever_the_api_holds(
    predicate: dict[str, Any], stored: Callable[[float], float], strict: bool, served: Served
) -> None:
    numbers = [0.1, 0.3, 0.7, 16777216.0, -0.1]

    def answer(path: str, query: Query) -> Answer:
        kept = [stored(number) for number in numbers]
        for name, text in query.items():
            other = float(text)
            kept = [
                number
                for number in kept
                if (name == "equal" and number == other)
                or (name == "low" and (number > other or (number == other and not strict)))
                or (name == "high" and (number < other or (number == other and not strict)))
            ]
        return 200, {}, [{"rate": number} for number in kept]

    filter = Filter("equal", above="low", below="high") if strict else Filter("equal", "low", "high")
    columns: dict[str, JsonColumn | pa.DataType] = {"rate": JsonColumn(pa.float32(), filter=filter)}
    with running(answer) as api:
        found = served(HttpJsonSource(api.url, {"public.t": JsonTable("t", columns)})).read(
            "public", "t", predicate=predicate
        )
        assert api.requests[0][1]
    held = MemorySource({"public.t": pa.table({"rate": pa.array(numbers, pa.float32())})})
    assert found.equals(served(held).read("public", "t", predicate=predicate))


NAMES = ("bigint", "varchar", "double", "decimal(18,2)", "timestamp with time zone")


@pytest.mark.parametrize("names", [NAMES[:3], NAMES[3:]], ids=" ".join)
def test_it_filters_as_the_server_does(names: tuple[str, ...], served: Served) -> None:
    """The API filters strictly by the parameters that it is sent, and gives three records at a time."""
    stored: list[list[dict[str, Any]]] = [[]]

    def shown(value: Any) -> Any:
        return (
            value.isoformat()
            if isinstance(value, datetime.datetime)
            else str(value)
            if isinstance(value, Decimal)
            else value
        )

    def compared(value: Any, text: str) -> tuple[Any, Any]:
        if isinstance(value, datetime.datetime):
            return value, datetime.datetime.fromisoformat(text)
        return value, type(value)(text)

    def admits(row: dict[str, Any], key: str, text: str) -> bool:
        kind, _, name = key.partition(":")
        if row[name] is None:
            return False
        value, other = compared(row[name], text)
        return bool({"eq": value == other, "ge": value >= other, "le": value <= other}[kind])

    def answer(path: str, query: Query) -> Answer:
        start = int(query.pop("offset"))
        size = min(int(query.pop("limit")), 3)
        kept = [row for row in stored[0] if all(admits(row, key, text) for key, text in query.items())]
        page = [{key: shown(value) for key, value in row.items()} for row in kept[start : start + size]]
        return 200, {}, page

    def store(rows: pa.Table) -> None:
        stored[0] = rows.to_pylist()

    def keep(columns: dict[str, list[Any]]) -> bool:
        """JSON has no such numbers."""
        return not any(str(it) in ("nan", "inf", "-inf") for it in columns.get("double", []))

    types = {
        "bigint": pa.int64(),
        "varchar": pa.string(),
        "double": pa.float64(),
        "decimal(18,2)": pa.decimal128(18, 2),
        "timestamp with time zone": pa.timestamp("us", "UTC"),
    }
    columns: dict[str, JsonColumn | pa.DataType] = {"row": pa.int64()}
    for name in names:
        equal = Filter(f"eq:{name}")
        filter = equal if name == "varchar" else replace(equal, low=f"ge:{name}", high=f"le:{name}")
        columns[name] = JsonColumn(types[name], filter=filter)
    ordered = {name: columns[name] for name in (*names, "row")}
    with running(answer) as api:
        # a name has points in it only where it is a path
        table = JsonTable("t", ordered, paging=OffsetLimit(size=3))
        client = served(HttpJsonSource(api.url, {"public.t": table}))
        agrees(names, store, client, ("public", "t"), keep=keep, examples=60)
        assert any(key.startswith(("eq:", "ge:")) for _, query, _ in api.requests for key in query)
