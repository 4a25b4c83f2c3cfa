"""Checks of the listings, and of what becomes of names that are not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from nostro.flight import protocol
from nostro.flight.conformance.checks import Check, Failure, Group, Severity, each
from nostro.flight.conformance.subjects import SourceUnderCheck, refused, told
from nostro.flight.conformance.wire import Refused
from nostro.flight.protocol import Json

ABSENT = "nostro_source_check_absent"
MOST_DESCRIBED = 200


def schemas(source: SourceUnderCheck) -> None:
    distinct(source.schemas(), told(protocol.LIST_SCHEMAS, {}))


def tables(source: SourceUnderCheck) -> None:
    sent = told(protocol.LIST_TABLES, {})
    entries = [(entry["schema"], entry["table"]) for entry in source.tables()]
    distinct([f"{schema}.{table}" for schema, table in entries], sent)
    unlisted = {schema for schema, _ in entries} - set(source.schemas())
    if unlisted:
        raise Failure(sent, f"tables of the schema {min(unlisted)}", f"schemas of {protocol.LIST_SCHEMAS}")


def tables_of_schema(source: SourceUnderCheck) -> None:
    everything = source.tables()

    def try_one(schema: str) -> None:
        found, expected = source.tables(schema), [it for it in everything if it["schema"] == schema]
        if Counter(map(str, names(found))) != Counter(map(str, names(expected))):
            raise Failure(
                told(protocol.LIST_TABLES, {"schema": schema}),
                f"{len(found)} tables: {protocol.listed(names(found)[:5]) or 'none'}",
                f"the {len(expected)} that the list of all tables has of the schema",
            )

    each(source.schemas(), try_one)


def names(entries: list[Json]) -> list[str]:
    return [f"{entry['schema']}.{entry['table']}" for entry in entries]


def unknown_schema(source: SourceUnderCheck) -> None:
    body = {"schema": ABSENT}
    refused(
        lambda: source.wire.action(protocol.LIST_TABLES, protocol.encode(body)),
        ["NOT_FOUND"],
        told(protocol.LIST_TABLES, body),
    )


def described(source: SourceUnderCheck) -> None:
    def try_one(entry: Json) -> None:
        try:
            source.describe(entry["schema"], entry["table"])
        except Refused as refusal:
            body = {"schema": entry["schema"], "table": entry["table"]}
            raise Failure(told(protocol.DESCRIBE_TABLE, body), str(refusal), "a description") from None

    each(source.tables()[:MOST_DESCRIBED], try_one, lambda entry: f"{entry['schema']}.{entry['table']}")


def entries_agree(source: SourceUnderCheck) -> None:
    def try_one(entry: Json) -> None:
        try:
            described = source.describe(entry["schema"], entry["table"])[0].get("table")
        except (Refused, Failure):
            return
        listed = {name: entry.get(name) for name in ("schema", "table", "comment")}
        if not isinstance(described, dict) or any(
            described.get(name) != value for name, value in listed.items()
        ):
            body = {"schema": entry["schema"], "table": entry["table"]}
            raise Failure(
                told(protocol.DESCRIBE_TABLE, body), f"table: {described}", f"as in the list: {listed}"
            )

    each(source.tables()[:MOST_DESCRIBED], try_one, lambda entry: f"{entry['schema']}.{entry['table']}")


def unknown_table(source: SourceUnderCheck) -> None:
    each(absent_tables(source), lambda asked: not_found(source, asked, source.describe))


def unknown_table_read(source: SourceUnderCheck) -> None:
    def read(schema: str, table: str) -> None:
        command = {"protocol": protocol.VERSIONS[-1], "type": "read", "schema": schema, "table": table}
        source.read(command | {"columns": []})

    each(absent_tables(source), lambda asked: not_found(source, asked, read))


def absent_tables(source: SourceUnderCheck) -> list[tuple[str, str]]:
    """One in each of some schemas, and one in none."""
    return [*((schema, ABSENT) for schema in source.schemas()[:3]), (ABSENT, ABSENT)]


def not_found(source: SourceUnderCheck, asked: tuple[str, str], ask: Callable[[str, str], object]) -> None:
    refused(lambda: ask(*asked), ["NOT_FOUND"], f"a question about {asked[0]}.{asked[1]}")


def distinct(found: list[str], sent: str) -> None:
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise Failure(sent, f"{twice[0]} twice", "distinct names")


GROUP = Group(
    "tables",
    "Schemas and tables",
    of_source=(
        Check(
            "schemas",
            "The list of schemas has each once",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            schemas,
        ),
        Check(
            "tables",
            "The list of all tables has each once, in schemas that are listed",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            tables,
        ),
        Check(
            "tables_of_schema",
            "The list of a schema's tables has those that the list of all has of it",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            tables_of_schema,
        ),
        Check(
            "unknown_schema",
            "The tables of a schema that is not there are NOT_FOUND",
            "Errors",
            Severity.HIDDEN_MISTAKES,
            unknown_schema,
        ),
        Check(
            "described",
            "Every table that is listed can be described",
            "Schemas and tables",
            Severity.FAILING_QUERIES,
            described,
        ),
        Check(
            "entries_agree",
            "A description names the table, with the comment of the list",
            "Schemas and tables",
            Severity.HIDDEN_MISTAKES,
            entries_agree,
        ),
        Check(
            "unknown_table",
            "The description of a table that is not there is NOT_FOUND",
            "Errors",
            Severity.FAILING_QUERIES,
            unknown_table,
        ),
        Check(
            "unknown_table_read",
            "A read of a table that is not there is NOT_FOUND",
            "Errors",
            Severity.FAILING_QUERIES,
            unknown_table_read,
        ),
    ),
)
