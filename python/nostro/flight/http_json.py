"""An HTTP API that answers with JSON as a source, read page by page."""

from __future__ import annotations

import datetime
import email.utils
import http.client
import json
import math
import os
import re
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import pyarrow as pa

from nostro.flight.column_types import declared_type
from nostro.flight.enforcement import batches_without_columns
from nostro.flight.errors import NotFound, SourceError, Unavailable, shorten
from nostro.flight.literals import FloatingValues, GridValues, Key, TextValues, Values, next_single, values_of
from nostro.flight.predicate import Bound, ColumnPredicate
from nostro.flight.row_values import BadValue, array_of, check_type
from nostro.flight.source import Applies, ReadRequest, Source, Table

RETRIED = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))
LONGEST_PAGE = 256 * 1024 * 1024
LONGEST_WAIT_SECONDS = 60.0
"""Between two attempts, whatever Retry-After says: a Trino query waits all the while."""
POLL_SECONDS = 0.1

Steps = tuple[str | int, ...]
Headers = http.client.HTTPMessage


@dataclass(frozen=True)
class Page:
    """An answer: its number from 1, where it came from, its body, and its records."""

    number: int
    url: str
    body: Any
    headers: Headers
    records: Sequence[Any]
    read_before: int
    """Records of the pages before."""


class Paging(ABC):
    """How an API divides what it has."""

    @abstractmethod
    def first(self) -> dict[str, str]:
        """The query parameters of the first page."""

    @abstractmethod
    def following(self, page: Page) -> dict[str, str] | str | None:
        """The query parameters of the page after this, or its URL; None if this is the last."""


@dataclass(frozen=True)
class OnePage(Paging):
    """All records are in one answer."""

    def first(self) -> dict[str, str]:
        return {}

    def following(self, page: Page) -> None:
        return None


@dataclass(frozen=True)
class PageNumber(Paging):
    """Pages are numbered from `start`; one without records ends them, or as many records as the body says at
    the path `total`. A page that is short does not: an API may give fewer records than asked for."""

    parameter: str = "page"
    start: int = 1
    size_parameter: str | None = None
    size: int = 500
    total: str | None = None

    def first(self) -> dict[str, str]:
        return self._parameters(self.start)

    def following(self, page: Page) -> dict[str, str] | None:
        return None if _at_end(page, self.total) else self._parameters(self.start + page.number)

    def _parameters(self, number: int) -> dict[str, str]:
        size = {} if self.size_parameter is None else {self.size_parameter: str(self.size)}
        return {self.parameter: str(number), **size}


@dataclass(frozen=True)
class OffsetLimit(Paging):
    """A page begins at the number of records before it; the end is as in `PageNumber`."""

    offset: str = "offset"
    limit: str = "limit"
    size: int = 500
    total: str | None = None

    def first(self) -> dict[str, str]:
        return {self.offset: "0", self.limit: str(self.size)}

    def following(self, page: Page) -> dict[str, str] | None:
        if _at_end(page, self.total):
            return None
        return {self.offset: str(page.read_before + len(page.records)), self.limit: str(self.size)}


@dataclass(frozen=True)
class Cursor(Paging):
    """The body has at `path` what the next page is asked for with; absent, null or empty, there is none."""

    parameter: str = "cursor"
    path: str = "next_cursor"

    def first(self) -> dict[str, str]:
        return {}

    def following(self, page: Page) -> dict[str, str] | None:
        found = _at(page.body, _path(self.path))
        if found is None or found == "":
            return None
        if not isinstance(found, str | int) or isinstance(found, bool):
            raise BadValue(f"the cursor at {self.path} is {_shown(found)}; accepted: text or a whole number")
        return {self.parameter: str(found)}


@dataclass(frozen=True)
class NextLink(Paging):
    """The header `Link` has the URL of the next page, with `rel="next"`."""

    def first(self) -> dict[str, str]:
        return {}

    def following(self, page: Page) -> str | None:
        for header in page.headers.get_all("Link", []):
            for url, parameters in LINK.findall(header):
                relations = REL.search(parameters)
                if relations and "next" in (relations[1] or relations[2]).lower().split():
                    return str(urljoin(page.url, url))
        return None


LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s\",;]+))?)*)")
REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s\",;]+))", re.IGNORECASE)


@dataclass(frozen=True)
class Filter:
    """Query parameters that narrow an API's answer by a column: `equal` to a value, not below `low`, not
    above `high`; `above` and `below` are those that exclude the value itself. The API may apply them loosely,
    never too strictly: the server filters again.

    Of a column of `float32` no `equal` is sent, as the API's number need not be that of 32 bits; its ranges
    are one number wider.

    `many` is what several values are joined with, `","` for instance; without it only one is sent. `format`
    makes the parameter's text of a value as Python has it; by default it is as in the protocol.
    """

    equal: str | None = None
    low: str | None = None
    high: str | None = None
    above: str | None = None
    below: str | None = None
    many: str | None = None
    format: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class JsonColumn:
    """A column: its type, where its value is in a record (by default under its name), and its parameters."""

    type: pa.DataType | pa.Field
    path: str | None = None
    filter: Filter | None = None


@dataclass(frozen=True)
class JsonTable:
    """A table: the URL that gives its records, relative to the source's, and where in the body they are.

    `records` is the path to the array of records, "" if the body is that. `parameters` are always sent. Paths
    are names with points between, and numbers for places in arrays: `data.items`, `parties.0.bic`.
    """

    url: str
    columns: Mapping[str, JsonColumn | pa.DataType]
    records: str = ""
    paging: Paging = field(default_factory=OnePage)
    parameters: Mapping[str, str] = field(default_factory=dict)
    comment: str | None = None


@dataclass(frozen=True)
class _Column:
    field: pa.Field
    path: Steps
    filter: Filter | None


class HttpJsonSource(Source):
    """The tables of an HTTP API.

        HttpJsonSource(
            "https://payments.bank.example/api/",
            {"public.payment": JsonTable("payments", {"id": pa.int64(), "amount": pa.decimal128(18, 2)})},
            token_variable="PAYMENTS_TOKEN",
        )

    The bearer token is in the environment variable `token_variable`, read for each request; it goes to the
    host of `url` alone. A request is tried `attempts` times when the API is busy (429, 503) or cannot be
    reached, after `backoff` seconds, doubled each time, or as Retry-After says; then it is unavailable.
    """

    applies = Applies.PROJECTION

    def __init__(
        self,
        url: str,
        tables: Mapping[str, JsonTable],
        *,
        name: str = "http",
        version: str = "0",
        token_variable: str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30.0,
        attempts: int = 5,
        backoff: float = 0.5,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise ValueError(f"url {url!r}: accepted: http://HOST/ or https://HOST/")
        self.name = name
        self.version = version
        self._url = url
        self._token_variable = token_variable
        self._headers = dict(headers or {})
        self._timeout = timeout
        self._attempts = attempts
        self._backoff = backoff
        self._opener = urllib.request.build_opener(_SameHost())
        self._tables = {_names(qualified): table for qualified, table in tables.items()}
        self._columns = {
            key: {
                name: _column(f"{'.'.join(key)}: column {name}", name, it)
                for name, it in table.columns.items()
            }
            for key, table in self._tables.items()
        }
        for (schema, table), declared in self._tables.items():
            if _origin(urljoin(url, declared.url)) != _origin(url):
                raise ValueError(f"{schema}.{table}: {declared.url} is not at the host of {url}")

    def schemas(self) -> Iterable[str]:
        return dict.fromkeys(schema for schema, _ in self._tables)

    def tables(self, schema: str) -> Iterable[str]:
        return [table for owner, table in self._tables if owner == schema]

    def comment(self, schema: str, table: str) -> str | None:
        return self._find(schema, table).comment

    def describe(self, schema: str, table: str) -> Table:
        declared = self._find(schema, table)
        columns = self._columns[schema, table].values()
        return Table(pa.schema([column.field for column in columns]), declared.comment)

    def read(self, request: ReadRequest) -> Iterator[pa.RecordBatch]:
        columns = self._columns[request.schema, request.table]
        wanted = [columns[name] for name in request.columns]
        left = request.limit
        for page in self._pages(request):
            records = page.records if left is None else page.records[:left]
            if not wanted:
                yield from batches_without_columns(len(records))
            elif records:
                yield self._batch(request, page, records, wanted)
            if left is not None:
                left -= len(records)
                if left == 0:
                    return

    def _pages(self, request: ReadRequest) -> Iterator[Page]:
        table = self._find(request.schema, request.table)
        narrowed = self._filters(request)
        base = urljoin(self._url, table.url)
        url = _with_parameters(base, {**table.parameters, **narrowed, **table.paging.first()})
        number, read, before = 1, 0, None
        while True:
            at = f"{request.qualified_name}: page {number} of {_without_query(url)}"
            body, headers = self._get(url, at, request.cancelled)
            records = _at(body, _path(table.records))
            if not isinstance(records, list):
                raise SourceError(
                    f"{at}: {table.records or 'the body'} is {_shown(records)}; accepted: an array of records"
                )
            if records and records == before:
                raise SourceError(
                    f"{at}: it has the records of the page before; is the API's paging the declared one?"
                )
            page = Page(number, url, body, headers, records, read)
            yield page
            try:
                following = table.paging.following(page)
            except BadValue as error:
                raise SourceError(f"{at}: {error}") from None
            if following is None:
                return
            if isinstance(following, str):
                later = following
                if _origin(later) != _origin(self._url):
                    raise SourceError(f"{at}: its next page is at another host: {_without_query(later)}")
            else:
                later = _with_parameters(base, {**table.parameters, **narrowed, **following})
            if later == url:
                raise SourceError(f"{at}: its next page is itself")
            number, read, before, url = number + 1, read + len(records), records, later

    def _batch(
        self, request: ReadRequest, page: Page, records: Sequence[Any], columns: Sequence[_Column]
    ) -> pa.RecordBatch:
        def at(index: int, column: _Column) -> str:
            return (
                f"{request.qualified_name}: page {page.number} of {_without_query(page.url)}, "
                f"record {index + 1}: column {column.field.name}"
            )

        arrays = []
        for column in columns:
            values = []
            for index, record in enumerate(records):
                try:
                    values.append(_at(record, column.path))
                except BadValue as error:
                    raise SourceError(f"{at(index, column)}: {error}") from None
                if values[-1] is None and not column.field.nullable:
                    raise SourceError(f"{at(index, column)}: it is null or missing, and declared not null")
            if declared_type(column.field) == "json":
                values = [None if value is None else _json_text(value) for value in values]
            try:
                arrays.append(array_of(values, column.field.type))
            except BadValue as error:
                raise SourceError(f"{at(error.index, column)}: {error}") from None
        return pa.RecordBatch.from_arrays(arrays, names=[column.field.name for column in columns])

    def _filters(self, request: ReadRequest) -> dict[str, str]:
        parameters: dict[str, str] = {}
        for part in request.predicate.columns if request.predicate is not None else ():
            filter = self._columns[request.schema, request.table][part.column].filter
            if filter is not None:
                parameters.update(_parameters(part, filter))
        return parameters

    def _get(self, url: str, at: str, cancelled: Callable[[], bool]) -> tuple[Any, Headers]:
        """The body's JSON; raises Unavailable when it is not to be had, SourceError when it is not JSON."""
        attempt = 1
        while True:
            reason: str
            wait: float | None = None
            try:
                with self._opener.open(self._request(url), timeout=self._timeout) as answer:
                    body = answer.read(LONGEST_PAGE + 1)
                    headers = answer.headers
                    if answer.length and len(body) <= LONGEST_PAGE:
                        raise http.client.IncompleteRead(body, answer.length)
                    break
            except urllib.error.HTTPError as error:
                with error:
                    detail = shorten(error.read(500).decode("utf-8", "replace").strip(), 200)
                    if error.code not in RETRIED:
                        raise self._refused(error.code, at, detail) from None
                    wait = _retry_after(error.headers.get("Retry-After"))
                    reason = f"the API answers {error.code} {error.reason}"
            except (OSError, http.client.HTTPException) as error:
                cause = getattr(error, "reason", None) or str(error) or type(error).__name__
                reason = f"the API cannot be reached: {cause}"
            if attempt >= self._attempts:
                raise Unavailable(f"{at}: {reason}, {attempt} times")
            self._sleep(self._backoff * 2 ** (attempt - 1) if wait is None else wait, at, cancelled)
            attempt += 1
        if len(body) > LONGEST_PAGE:
            raise SourceError(f"{at}: the answer has more than {LONGEST_PAGE} bytes; ask for smaller pages")
        try:
            # numbers with a point keep their digits
            found = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{at}: the answer is not JSON in UTF-8: {error}") from None
        return found, headers

    def _request(self, url: str) -> urllib.request.Request:
        request = urllib.request.Request(url, headers={"Accept": "application/json", **self._headers})
        if self._token_variable is not None:
            token = os.environ.get(self._token_variable, "").strip()
            if not token:
                raise SourceError(
                    f"the environment variable {self._token_variable} is not set: the API's bearer token"
                )
            if not (token.isascii() and token.isprintable()):
                raise SourceError(
                    f"the environment variable {self._token_variable} has no bearer token: accepted: ASCII"
                )
            request.add_header("Authorization", f"Bearer {token}")
        return request

    def _refused(self, code: int, at: str, detail: str) -> SourceError:
        if code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            whose = (
                f"the token in {self._token_variable}" if self._token_variable else "requests without a token"
            )
            return SourceError(f"{at}: the API refuses {whose}: {code} {detail}")
        return SourceError(f"{at}: the API answers {code} {detail}")

    def _sleep(self, seconds: float, at: str, cancelled: Callable[[], bool]) -> None:
        until = time.monotonic() + min(seconds, LONGEST_WAIT_SECONDS)
        while (left := until - time.monotonic()) > 0:
            if cancelled():
                raise Unavailable(f"{at}: the reader has gone, or the source is stopping")
            time.sleep(min(left, POLL_SECONDS))

    def _find(self, schema: str, table: str) -> JsonTable:
        if (schema, table) not in self._tables:
            raise NotFound(f"{schema}.{table}: no such table")
        return self._tables[schema, table]


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirection within a host alone: urllib would send the token along to any."""

    def redirect_request(  # noqa: PLR0917
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if _origin(newurl) != _origin(req.full_url):
            raise SourceError(
                f"{_without_query(req.full_url)} redirects to another host: {_without_query(newurl)}"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _column(what: str, name: str, declared: JsonColumn | pa.DataType) -> _Column:
    column = declared if isinstance(declared, JsonColumn) else JsonColumn(declared)
    made = column.type.with_name(name) if isinstance(column.type, pa.Field) else pa.field(name, column.type)
    check_type(made.type, what)
    if pa.types.is_binary(made.type):
        raise ValueError(f"{what}: JSON has no binary values; accepted: string")
    filter = column.filter
    if filter is not None:
        values = values_of(made)
        if values is None:
            raise ValueError(f"{what}: {made.type} takes no predicate, so it can have no filter")
        if isinstance(values, TextValues) and any((filter.low, filter.high, filter.above, filter.below)):
            raise ValueError(
                f"{what}: ranges of text are by code points, which an API does not promise; accepted: equal"
            )
    return _Column(made, (name,) if column.path is None else _path(column.path), filter)


def _parameters(part: ColumnPredicate, filter: Filter) -> dict[str, str]:
    """What of the predicate the API can be told: every row that is wanted satisfies it."""
    if part.null_allowed or part.any_value or not (part.keys or part.intervals):
        return {}

    def text(key: Key) -> str:
        return _parameter_text(part.values, key, filter.format)

    single = isinstance(part.values, FloatingValues) and part.values.single
    if not part.intervals and not single:
        if len(part.keys) == 1 and filter.equal is not None:
            return {filter.equal: text(part.keys[0])}
        texts = [text(key) for key in part.keys]
        if filter.equal is not None and filter.many and not any(filter.many in it for it in texts):
            return {filter.equal: filter.many.join(texts)}
    parameters = {}
    for sign, inclusive, exclusive in ((1, filter.low, filter.above), (-1, filter.high, filter.below)):
        end = _end(part, sign)
        if end is None:
            continue
        if single and end.inclusive:
            # the API's number may be the nearest one or the shortest text of it, on either side of the key
            outside = next_single(float(end.key), -sign)
            name = inclusive or exclusive
            if name is not None and math.isfinite(outside):
                parameters[name] = text(outside)
            continue
        if not end.inclusive and exclusive is not None:
            parameters[exclusive] = text(end.key)
        elif inclusive is not None:
            parameters[inclusive] = text(end.key)
        elif exclusive is not None and isinstance(part.values, GridValues):
            beyond = int(end.key) - sign
            if part.values.least <= beyond <= part.values.greatest:
                parameters[exclusive] = text(beyond)
    return parameters


def _end(part: ColumnPredicate, sign: int) -> Bound | None:
    """The least bound of what the column may hold (sign 1) or the greatest (-1); None if there is none."""
    bounds = [interval.low if sign == 1 else interval.high for interval in part.intervals]
    ends = [*(Bound(key, True) for key in part.keys), *(bound for bound in bounds if bound is not None)]
    if len(ends) < len(part.keys) + len(bounds):
        return None
    keys: list[Any] = [bound.key for bound in ends]
    key = min(keys) if sign == 1 else max(keys)
    return Bound(key, any(bound.inclusive for bound in ends if bound.key == key))


def _parameter_text(values: Values, key: Key, format: Callable[[Any], str] | None) -> str:
    # an API may take -0.0 for a text of its own
    plain = 0.0 if key == 0 and isinstance(key, float) else key
    return values.format(plain) if format is None else format(values.scalar(plain).as_py())


def _at_end(page: Page, total: str | None) -> bool:
    read = page.read_before + len(page.records)
    if total is None:
        return not page.records
    found = _at(page.body, _path(total))
    if not isinstance(found, int) or isinstance(found, bool):
        raise BadValue(f"the total at {total} is {_shown(found)}; accepted: a whole number")
    if not page.records and read < found:
        raise BadValue(f"it has no records, and of {found} in all only {read} have come")
    return read >= found


def _path(text: str) -> Steps:
    return tuple(int(part) if part.isdecimal() else part for part in text.split(".")) if text else ()


def _at(value: Any, path: Steps) -> Any:
    """What is at the path; None if something on the way is absent or null."""
    for part in path:
        if value is None:
            return None
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            raise BadValue(f"there is {_shown(value)} where {part} should be in")
    return value


def _shown(value: Any) -> str:
    kinds = {
        dict: "an object",
        list: "an array",
        str: "text",
        bool: "a boolean",
        type(None): "null or missing",
    }
    return kinds.get(type(value), "a number")


def _json_text(value: Any) -> str:
    """The JSON of what was read; numbers keep their digits, as json.dumps would not let them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json_text(key)}: {_json_text(it)}" for key, it in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    pairs = [(key, value) for key, value in parse_qsl(parts.query, True) if key not in parameters]
    return urlunsplit(parts._replace(query=urlencode([*pairs, *parameters.items()])))


def _without_query(url: str) -> str:
    """For messages: parameters may be account numbers."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _retry_after(text: str | None) -> float | None:
    """The seconds that the header says, as a number or as a date."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    zoned = until if until.tzinfo is not None else until.replace(tzinfo=datetime.UTC)
    return max(0.0, (zoned - datetime.datetime.now(datetime.UTC)).total_seconds())


def _names(qualified: str) -> tuple[str, str]:
    schema, separator, table = qualified.partition(".")
    if not (schema and separator and table):
        raise ValueError(f"table name {qualified!r}: accepted: schema.table")
    return schema, table
