"""Tickets: one endpoint of a planned read, as bytes that mean nothing to a client.

A ticket holds all the server needs, so it can be read again, and by a server that has been restarted if the
source still knows the partition.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from nostro.flight.errors import InvalidRequest
from nostro.flight.protocol import Message, ReadCommand, string, whole_number

MARK = b"nostro1\n"
DIGEST_BYTES = 8


@dataclass(frozen=True)
class Ticket:
    """`partition` is the source's token, None for the whole read; `index` and `count` tell which endpoint of
    how many it is; `columns_digest` is of the planned schema; `snapshot` of the planned state."""

    command: ReadCommand
    columns_digest: str
    partition: str | None = None
    index: int = 0
    count: int = 1
    snapshot: str | None = None

    def to_bytes(self) -> bytes:
        body = json.dumps(
            {
                "command": self.command.to_json(),
                "columns_digest": self.columns_digest,
                "partition": self.partition,
                "index": self.index,
                "count": self.count,
                "snapshot": self.snapshot,
            },
            separators=(",", ":"),
        ).encode("ascii")
        return MARK + digest(body) + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Ticket:
        body = data[len(MARK) + DIGEST_BYTES :]
        if not data.startswith(MARK) or data[len(MARK) : len(MARK) + DIGEST_BYTES] != digest(body):
            raise InvalidRequest(
                "ticket: not one of this server's; accepted: a ticket from GetFlightInfo, unchanged"
            )
        try:
            fields: Any = json.loads(body)
        except (ValueError, RecursionError):
            raise InvalidRequest("ticket: damaged") from None
        message = Message(fields, "ticket")
        return cls(
            ReadCommand.from_json(message.required("command"), "ticket.command"),
            message.text("columns_digest"),
            message.optional("partition", string),
            whole_number(message.required("index"), "ticket.index"),
            whole_number(message.required("count"), "ticket.count"),
            message.optional("snapshot", string),
        )


def digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=DIGEST_BYTES).digest()


def columns_digest(schema: pa.Schema) -> str:
    return digest(schema.serialize().to_pybytes()).hex()
