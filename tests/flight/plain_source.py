"""A source written on pyarrow.flight alone: what a source in another language has to do, and no more."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from pyarrow import flight

BRANCHES = pa.table(
    {"bic": ["DEUTDEFF", "BNPAFRPP", None], "city": ["Frankfurt", "Paris", "Nowhere"], "desks": [3, 5, None]}
)
TABLES = {("public", "branch"): BRANCHES}


def refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parsed(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=refuse_constant)
    except ValueError as error:
        raise pa.ArrowInvalid(f"not JSON: {error}") from None
    if not isinstance(message, dict):
        raise pa.ArrowInvalid("accepted: a JSON object")
    return message


def field(message: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:
    value = default if message.get(name) is None else message[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise pa.ArrowInvalid(f"{name}: accepted: {kind.__name__}")
    return value


def table_of(message: dict[str, Any]) -> pa.Table:
    schema, table = field(message, "schema", str), field(message, "table", str)
    if (schema, table) not in TABLES:
        raise KeyError(f"{schema}.{table}: no such table")
    return TABLES[schema, table]


def read(command: dict[str, Any]) -> pa.Table:
    if command.get("protocol") != 1 or command.get("type") != "read":
        raise pa.ArrowInvalid("accepted: protocol 1, type read")
    table = table_of(command)
    name = f"{command['schema']}.{command['table']}"
    if field(command, "limit", int, 0) < 0 or field(command, "partitions", int, 1) < 1:
        raise pa.ArrowInvalid(f"{name}: accepted: a limit from 0, and partitions from 1")
    field(command, "predicate", dict, {})
    if field(command, "columns", list) != table.column_names:
        raise pa.ArrowInvalid(f"{name}: accepted: the columns {table.column_names}")
    return table


class PlainSource(flight.FlightServerBase):  # type: ignore[misc]
    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> list[bytes]:
        message = parsed(action.body.to_pybytes())
        match action.type:
            case "nostro.handshake":
                versions = field(message, "protocol", list)
                if 1 not in versions:
                    raise pa.ArrowInvalid(f"the client speaks {versions}, the source plain speaks 1")
                answer = {"protocol": 1, "source": "plain", "version": "1", "capabilities": {}}
                return [json.dumps(answer).encode()]
            case "nostro.list_schemas":
                return [json.dumps({"schemas": sorted({schema for schema, _ in TABLES})}).encode()]
            case "nostro.list_tables":
                wanted = field(message, "schema", str, "")
                if wanted not in ("", *(schema for schema, _ in TABLES)):
                    raise KeyError(f"{wanted}: no such schema")
                tables = [{"schema": schema, "table": table} for schema, table in TABLES]
                return [
                    json.dumps({"tables": [it for it in tables if wanted in ("", it["schema"])]}).encode()
                ]
            case "nostro.describe_table":
                columns = table_of(message).schema
                entry = {"schema": message["schema"], "table": message["table"]}
                return [
                    json.dumps({"table": entry, "capabilities": {}}).encode(),
                    columns.serialize().to_pybytes(),
                ]
        raise NotImplementedError(f"unknown action {action.type}")

    def get_flight_info(
        self, context: flight.ServerCallContext, descriptor: flight.FlightDescriptor
    ) -> flight.FlightInfo:
        if descriptor.descriptor_type != flight.DescriptorType.CMD:
            raise pa.ArrowInvalid("accepted: a command")
        schema = read(parsed(descriptor.command)).schema
        return flight.FlightInfo(schema, descriptor, [flight.FlightEndpoint(descriptor.command, [])], -1, -1)

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.RecordBatchStream:
        return flight.RecordBatchStream(read(parsed(ticket.ticket)))
