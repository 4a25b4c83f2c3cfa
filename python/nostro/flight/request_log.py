"""A log of what a source was asked: JSON lines, one for each planned read and each stream."""

from __future__ import annotations

import datetime
import json
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from nostro.flight.change_messages import ChangeResponse, WriteCommand
from nostro.flight.errors import shorten
from nostro.flight.joins import Described
from nostro.flight.literals import BinaryValues, TextValues, Values
from nostro.flight.protocol import Json, PredicateMessage, ReadCommand, RelationMessage

LITERAL_CHARACTERS = 4
"""Text and binary literals may be account numbers: the log has no more of them than this."""


class RequestLog:
    """Appends to a file, a whole line at a time, from any thread; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def __enter__(self) -> RequestLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def planned(self, command: ReadCommand, described: Described, endpoints: int) -> None:
        self._write({"event": "read", **_request(command, described), "endpoints": endpoints})

    def streamed(
        self,
        command: ReadCommand,
        described: Described,
        *,
        partition: int,
        endpoints: int,
        rows: int,
        size: int,
        seconds: float,
        outcome: str,
        error: str | None,
    ) -> None:
        """`outcome` is `ok`, `cancelled` or `error`; `size` is in bytes of Arrow buffers."""
        self._write(
            {
                "event": "stream",
                **_request(command, described),
                "partition": partition,
                "endpoints": endpoints,
                "rows": rows,
                "bytes": size,
                "seconds": round(seconds, 6),
                "outcome": outcome,
                "error": error,
            }
        )

    def staged(self, command: WriteCommand, *, rows: int, seconds: float) -> None:
        self._write(
            {
                "event": "stage",
                "operation": command.operation,
                "stream": command.stream,
                "rows": rows,
                "seconds": round(seconds, 6),
            }
        )

    def changed(self, body: Json, answer: ChangeResponse) -> None:
        self._write(
            {
                "event": "change",
                **{key: body.get(key) for key in ("operation", "type", "schema", "table")},
                "refused": None if answer.refused is None else answer.refused.reason.value,
            }
        )

    def committed(self, body: Json, answer: ChangeResponse) -> None:
        self._write(
            {
                "event": "commit",
                "operation": body.get("operation"),
                "streams": len(body.get("streams", ())),
                "rows": answer.rows,
                "refused": None if answer.refused is None else answer.refused.reason.value,
            }
        )

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _write(self, line: Json) -> None:
        stamped = {"time": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"), **line}
        with self._lock:
            if self._file is not None:
                self._file.write(json.dumps(stamped, ensure_ascii=False) + "\n")
                self._file.flush()


def _request(command: ReadCommand, described: Described) -> Json:
    return {**_relation(command, described), "partitions": command.partitions}


def _relation(relation: RelationMessage, described: Described) -> Json:
    return {
        **_of(relation, described),
        "columns": list(relation.columns),
        "predicate": None if relation.predicate is None else _masked(relation.predicate, described.accepted),
        "limit": relation.limit,
        **({} if relation.aggregation is None else {"aggregation": relation.aggregation.to_json()}),
        **({"order_by": [item.to_json() for item in relation.order_by]} if relation.order_by else {}),
    }


def _of(relation: RelationMessage, described: Described) -> Json:
    if relation.relation is not None:
        return {"relation": _relation(relation.relation, described.sides[0])}
    join = relation.join
    if join is None:
        return {"schema": relation.schema, "table": relation.table}
    condition = join.condition.to_json()
    _mask_literals(condition)
    left, right = described.sides
    sides = {"left": _relation(join.left, left), "right": _relation(join.right, right)}
    return {"join": {"kind": join.kind, **sides, "outputs": list(join.outputs), "condition": condition}}


def _masked(predicate: PredicateMessage, accepted: dict[str, Values]) -> Json:
    message = predicate.to_json()
    for column in message["columns"]:
        if isinstance(accepted.get(column["column"]), TextValues | BinaryValues):
            _mask(column)
    if "expression" in message:
        _mask_literals(message["expression"])
    return message


def _mask_literals(expression: dict[str, Any]) -> None:
    if expression.get("type") in ("varchar", "varbinary") and "value" in expression:
        expression["value"] = shorten(expression["value"], LITERAL_CHARACTERS + 1)
    for argument in expression.get("arguments", ()):
        _mask_literals(argument)


def _mask(column: dict[str, Any]) -> None:
    if "values" in column:
        column["values"] = [shorten(value, LITERAL_CHARACTERS + 1) for value in column["values"]]
    for range_ in column.get("ranges", ()):
        for bound in (range_["low"], range_["high"]):
            if bound is not None:
                bound["value"] = shorten(bound["value"], LITERAL_CHARACTERS + 1)
