"""One SQL statement on the stack's Trino, page by page.

Values are as Trino's protocol gives them: decimals, dates and times as exact text, so that nothing is
rounded on the way to a terminal or a file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self, cast
from urllib.parse import quote

from requests import RequestException
from trino.client import ClientSession, TrinoRequest
from trino.exceptions import TrinoConnectionError, TrinoQueryError

from nostro.stack.errors import StackError
from nostro.stack.status import PartStatus
from nostro.trino_submission import submit

SOURCE = "nostro sql"
USER = "nostro"
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class QueryError(Exception):
    """A statement failed; the text is Trino's message, with line and column where it has them."""

    def __init__(self, message: str, *, name: str | None = None, query_id: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.query_id = query_id


@dataclass(frozen=True)
class QueryColumn:
    """A result column: its name and its type as Trino writes it."""

    name: str
    type: str


@dataclass(frozen=True)
class QueryProgress:
    """How far a statement is: Trino's state, splits done and known, rows and bytes read."""

    state: str
    completed_splits: int
    total_splits: int
    processed_rows: int
    processed_bytes: int


class TrinoSession:
    """A sequence of statements that share the session's catalog, schema and properties."""

    def __init__(
        self, host: str, port: int, user: str, catalog: str | None = None, schema: str | None = None
    ) -> None:
        self._host = host
        self._port = port
        self._session = ClientSession(user=user, catalog=catalog, schema=schema, source=SOURCE)

    @classmethod
    def on(cls, trino: PartStatus, catalog: str | None = None, schema: str | None = None) -> Self:
        """Return a session on the stack's Trino, whose status is given. Raises StackError if it is not up."""
        if trino.state != "running" or trino.host is None or trino.port is None:
            raise StackError(f"Trino is not running (it is {trino.state})", remedy="`nostro up`")
        return cls(trino.host, trino.port, USER, catalog, schema)

    def execute(
        self, statement: str, watch: Callable[[QueryProgress], None] = lambda progress: None
    ) -> "Result":
        """Run a statement; return once its columns are known or it has ended.

        Raises QueryError. An interruption (any other exception) while it waits cancels the statement.
        """
        return Result(TrinoRequest(self._host, self._port, self._session), statement, watch)

    def query_info(self, query_id: str) -> dict[str, Any] | None:
        """Return what Trino knows of a query, as its web interface has it; None when it no longer does.

        Raises QueryError when Trino does not answer.
        """
        request = TrinoRequest(self._host, self._port, self._session)
        try:
            response = request.get(request.get_url(f"/v1/query/{quote(query_id, safe='')}?pruned=true"))
        except (RequestException, TrinoConnectionError) as error:
            raise QueryError(f"Trino does not answer: {_reason(error)}") from None
        if response.status_code in _GONE:
            return None
        if response.status_code != HTTPStatus.OK:
            raise QueryError(f"Trino answered {response.status_code} when asked about query {query_id}")
        told: dict[str, Any] = response.json()
        return told


class Result:
    """The result of a statement: an iterator over its rows that fetches them as they are read."""

    def __init__(self, request: TrinoRequest, statement: str, watch: Callable[[QueryProgress], None]) -> None:
        self._request = request
        self._watch = watch
        self._next: str | None = None
        self._pending: list[list[Any]] = []
        self.columns: tuple[QueryColumn, ...] = ()
        self.update_type: str | None = None
        self.update_count: int | None = None
        self.query_id: str | None = None
        self._take(lambda: submit(self._request, statement))
        while not self.columns and self._advance():
            continue

    def __iter__(self) -> Iterator[list[Any]]:
        while True:
            yield from self._pending
            self._pending = []
            if not self._advance():
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.cancel()

    def cancel(self) -> None:
        """Cancel the statement in Trino unless it has ended."""
        if self._next is not None:
            uri, self._next = self._next, None
            try:
                self._request.delete(uri)
            except (RequestException, TrinoConnectionError):
                return

    def _advance(self) -> bool:
        uri = self._next
        if uri is None:
            return False
        try:
            self._take(lambda: self._request.get(uri))
        except QueryError:
            self._next = None
            raise
        except BaseException:
            self.cancel()
            raise
        return True

    def _take(self, send: Callable[[], Any]) -> None:
        try:
            status = self._request.process(send())
        except TrinoQueryError as error:
            raise QueryError(error.message, name=error.error_name, query_id=error.query_id) from None
        except (RequestException, TrinoConnectionError) as error:
            raise QueryError(f"Trino does not answer: {_reason(error)}") from None
        self._next = status.next_uri
        self._pending.extend(cast("list[list[Any]]", status.rows))
        self.query_id = status.id
        self.update_type = status.update_type
        self.update_count = status.update_count
        if status.columns and not self.columns:
            self.columns = tuple(QueryColumn(column["name"], column["type"]) for column in status.columns)
        stats = status.stats
        self._watch(
            QueryProgress(
                state=str(stats["state"]),
                completed_splits=int(stats["completedSplits"]),
                total_splits=int(stats["totalSplits"]),
                processed_rows=int(stats["processedRows"]),
                processed_bytes=int(stats["processedBytes"]),
            )
        )


def _reason(error: Exception) -> str:
    text = str(error)
    return "the connection was refused" if "refused" in text else text.splitlines()[0]
