"""Checks of what holds for every message: JSON, fields and kinds that are not known, NULL."""

from __future__ import annotations

from pyarrow import flight

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Severity, each
from nostro.flight.conformance.subjects import CLIENT, SourceUnderCheck, TableUnderCheck, refused, told
from nostro.flight.protocol import Json

NO_JSON = (b"{", b"\xff\xfe{}", b"nostro", b"[]", b'"public"', b"null")
UNKNOWN_FIELD = {"nostro_source_check": {"x": [1, None]}}


def unknown_action(source: SourceUnderCheck) -> None:
    name = "nostro.no_such_action"
    refused(lambda: source.wire.action(name, b"{}"), ["UNIMPLEMENTED"], told(name, {}))


def no_json(source: SourceUnderCheck) -> None:
    actions = (protocol.HANDSHAKE, protocol.LIST_SCHEMAS, protocol.LIST_TABLES, protocol.DESCRIBE_TABLE)

    def try_one(asked: tuple[str, bytes]) -> None:
        action, body = asked
        refused(lambda: source.wire.action(action, body), ["INVALID_ARGUMENT"], told(action, body))

    each([(action, body) for action in actions for body in NO_JSON], try_one, lambda asked: told(*asked))


def no_json_command(source: SourceUnderCheck) -> None:
    def try_one(body: bytes) -> None:
        refused(lambda: source.wire.plan(body), ["INVALID_ARGUMENT"], told("read", body))

    each(NO_JSON, try_one, lambda body: told("read", body))


def numbers_of_json(source: SourceUnderCheck) -> None:
    body = b'{"protocol": [1], "client": "' + CLIENT.encode() + b'", "note": NaN}'
    refused(
        lambda: source.wire.action(protocol.HANDSHAKE, body),
        ["INVALID_ARGUMENT"],
        f"{protocol.HANDSHAKE} {body.decode()}",
    )


def missing_fields(source: SourceUnderCheck) -> None:
    def try_one(asked: tuple[str, Json]) -> None:
        action, body = asked
        message = protocol.encode(body)
        refused(lambda: source.wire.action(action, message), ["INVALID_ARGUMENT"], told(action, body))

    bodies: list[tuple[str, Json]] = [
        (protocol.HANDSHAKE, {"client": CLIENT}),
        (protocol.HANDSHAKE, {"protocol": "1"}),
        (protocol.LIST_TABLES, {"schema": 7}),
        (protocol.DESCRIBE_TABLE, {}),
        (protocol.DESCRIBE_TABLE, {"schema": None, "table": None}),
    ]
    each(bodies, try_one, lambda asked: told(*asked))


def unknown_fields(source: SourceUnderCheck) -> None:
    def try_one(asked: tuple[str, Json]) -> None:
        action, body = asked
        known, unknown = source.answer(action, body), source.answer(action, body | UNKNOWN_FIELD)
        if known != unknown:
            raise Failure(told(action, body | UNKNOWN_FIELD), "another answer than without it", "the same")

    bodies: list[tuple[str, Json]] = [
        (protocol.HANDSHAKE, {"protocol": list(protocol.VERSIONS), "client": CLIENT}),
        (protocol.LIST_SCHEMAS, {}),
        (protocol.LIST_TABLES, {}),
    ]
    each(bodies, try_one, lambda asked: told(*asked))


def null_fields(source: SourceUnderCheck) -> None:
    def try_one(asked: tuple[str, Json, Json]) -> None:
        action, without, with_null = asked
        if source.answer(action, without) != source.answer(action, with_null):
            raise Failure(told(action, with_null), f"another answer than to {without}", "the same")

    versions: Json = {"protocol": list(protocol.VERSIONS)}
    asked: list[tuple[str, Json, Json]] = [
        (protocol.HANDSHAKE, versions, versions | {"client": None}),
        (protocol.LIST_TABLES, {}, {"schema": None}),
    ]
    each(asked, try_one, lambda it: told(it[0], it[2]))


def paths(source: SourceUnderCheck) -> None:
    refused(
        lambda: source.wire.plan_path(["public", "nothing"]),
        ["INVALID_ARGUMENT"],
        f"GetFlightInfo with the path public/nothing ({flight.DescriptorType.PATH.name})",
    )


def unknown_command_fields(table: TableUnderCheck) -> None:
    command = table.command(limit=0) | UNKNOWN_FIELD
    table.read(command)


def null_command_fields(table: TableUnderCheck) -> None:
    whole = table.command(partitions=1)
    optional = ["predicate", "limit", "partitions"]
    commands = [{name: value for name, value in whole.items() if name != left_out} for left_out in optional]
    commands += [whole | {name: None} for name in optional]
    if table.accepted:
        column = next(iter(table.accepted))
        commands += [
            whole | {"predicate": {"columns": [{"column": column, **part}]}}
            for part in (
                {"null_allowed": True, "ranges": [{}], "values": None},
                {"null_allowed": True, "ranges": [{"low": None, "high": None}]},
            )
        ]
    if not table.sample.whole:
        raise NotApplicable(f"the table has more than {table.source.most_rows:,} rows")

    def try_one(command: Json) -> None:
        found = table.read(command).count
        if found != table.sample.count:
            raise Failure(told("read", command), f"{found:,} rows", f"all {table.sample.count:,}")

    each(commands, try_one, lambda command: told("read", command))


def unknown_kind(table: TableUnderCheck) -> None:
    command = table.command() | {"type": "nostro_no_such_type"}
    refused(lambda: table.source.plan(command), ["INVALID_ARGUMENT"], told("command", command))


def unknown_version(table: TableUnderCheck) -> None:
    command = table.command() | {"protocol": 1_000_000}
    refused(lambda: table.source.plan(command), ["INVALID_ARGUMENT"], told("command", command))


def wrong_fields(table: TableUnderCheck) -> None:
    whole = table.command()
    wrong: list[Json] = [
        {"limit": -1},
        {"limit": 1.5},
        {"limit": "1"},
        {"partitions": 0},
        {"partitions": "2"},
        {"columns": protocol.listed(table.columns.names)},
        {"columns": None},
        {"columns": [1]},
        {"predicate": []},
    ]

    def try_one(fields: Json) -> None:
        command = whole | fields
        refused(lambda: table.source.read(command), ["INVALID_ARGUMENT"], told("read", command))

    each(wrong, try_one, str)


GROUP = Group(
    "messages",
    "Messages",
    of_source=(
        Check(
            "unknown_action",
            "An unknown action is UNIMPLEMENTED",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            unknown_action,
        ),
        Check(
            "no_json",
            "An action whose message is not a JSON object in UTF-8 is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            no_json,
        ),
        Check(
            "no_json_command",
            "A command that is not a JSON object in UTF-8 is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            no_json_command,
        ),
        Check(
            "numbers_of_json",
            "NaN is not JSON",
            "The Flight protocol, version 1",
            Severity.HIDDEN_MISTAKES,
            numbers_of_json,
        ),
        Check(
            "missing_fields",
            "A message without a field that it needs, or with one of another type, is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            missing_fields,
        ),
        Check(
            "unknown_fields",
            "Unknown fields of a message are ignored",
            "The Flight protocol, version 1",
            Severity.FAILING_QUERIES,
            unknown_fields,
        ),
        Check(
            "null_fields",
            "A field that is absent and one that is null mean the same",
            "The Flight protocol, version 1",
            Severity.FAILING_QUERIES,
            null_fields,
        ),
        Check(
            "paths",
            "A descriptor of kind PATH is INVALID_ARGUMENT",
            "Reading",
            Severity.HIDDEN_MISTAKES,
            paths,
        ),
    ),
    of_tables=(
        Check(
            "unknown_command_fields",
            "Unknown fields of a command are ignored",
            "The Flight protocol, version 1",
            Severity.FAILING_QUERIES,
            unknown_command_fields,
        ),
        Check(
            "null_command_fields",
            "Fields of a command that are absent and that are null mean the same",
            "Reading",
            Severity.FAILING_QUERIES,
            null_command_fields,
        ),
        Check(
            "unknown_kind",
            "A command of an unknown type is INVALID_ARGUMENT",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            unknown_kind,
        ),
        Check(
            "unknown_version",
            "A command of a version that the source does not speak is INVALID_ARGUMENT",
            "Errors",
            Severity.WRONG_ROWS,
            unknown_version,
        ),
        Check(
            "wrong_fields",
            "A command with a field of another type or size is INVALID_ARGUMENT",
            "Errors",
            Severity.WRONG_ROWS,
            wrong_fields,
        ),
    ),
)
