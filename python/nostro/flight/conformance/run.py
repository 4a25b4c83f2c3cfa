"""Running the checks over a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from nostro.flight import protocol
from nostro.flight.conformance import (
    aggregates,
    changes,
    description,
    endpoints,
    expressions,
    handshake,
    limits,
    merges,
    messages,
    orders,
    partitions,
    predicates,
    reading,
    serving,
    snapshots,
    statistics,
    tables,
    writes,
)
from nostro.flight.conformance.checks import Check, Failure, Group, NotApplicable, Outcome, Subject
from nostro.flight.conformance.report import Report, lacks
from nostro.flight.conformance.scratch import Scratch, close_scratch, open_scratch
from nostro.flight.conformance.subjects import (
    CLIENT,
    SourceUnderCheck,
    TableUnderCheck,
    capabilities_in,
    json_object,
    table_under_check,
)
from nostro.flight.conformance.wire import Refused, Wire

GROUPS: tuple[Group, ...] = (
    handshake.GROUP,
    messages.GROUP,
    tables.GROUP,
    description.GROUP,
    reading.GROUP,
    limits.GROUP,
    partitions.GROUP,
    endpoints.GROUP,
    predicates.GROUP,
    statistics.GROUP,
    expressions.GROUP,
    orders.GROUP,
    aggregates.GROUP,
    snapshots.GROUP,
    serving.GROUP,
    changes.GROUP,
    writes.GROUP,
    merges.MERGES,
    merges.STATES,
)

MOST_ROWS = 10_000
MOST_TABLES = 8
"""Tables that are checked unless some are named."""

DESCRIBED = "results"
"""The check of group description that fails for a table that cannot be described."""


class NoSource(Exception):
    """Nothing answers at the location, or what answers is no Nostro source; the message says which."""


class NoSuchCheck(ValueError):
    """A name that no check and no group has."""


class NoSuchTable(LookupError):
    """A table that the source does not list."""


@dataclass(frozen=True)
class Options:
    """`tables` are `schema.table`, `only` are names of groups or `group.check`; empty for all of them.

    Only with `writes` anything is written: to a schema and tables that the checks create, and drop again.
    """

    tables: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    most_rows: int = MOST_ROWS
    timeout: float = 30.0
    writes: bool = False


def check_source(location: str, options: Options, tell: Callable[[Outcome], None] = lambda _: None) -> Report:
    """Try every check on a source; `tell` hears of each outcome as it comes."""
    wanted = chosen(options.only)
    try:
        wire = Wire(location, options.timeout)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise NoSource(f"{location}: {error}") from None
    with wire:
        source = shake_hands(wire, options.most_rows)
        found, in_all = tables_to_check(source, options.tables)
        outcomes: list[Outcome] = []

        def add(outcome: Outcome) -> None:
            outcomes.append(outcome)
            tell(outcome)

        subjects = [described(source, schema, table) for schema, table in found]
        for group in wanted:
            for check in group.of_source:
                add(outcome_of(group, check, source))
            for of_table in group.of_tables:
                for (schema, table), subject in zip(found, subjects, strict=True):
                    add(outcome_of_table(group, of_table, subject, f"{schema}.{table}"))
        left = check_writes(source, [group for group in wanted if group.of_writes], options, add)
        ready = [subject for subject in subjects if isinstance(subject, TableUnderCheck)]
        version = source.handshake.get("protocol")
        return Report(
            location,
            source.name,
            str(source.handshake.get("version")),
            version if isinstance(version, int) else 0,
            source.capabilities.to_json(),
            tuple(f"{schema}.{table}" for schema, table in found),
            in_all,
            tuple(subject.name for subject in ready if is_sampled(subject)),
            options.most_rows,
            tuple(outcomes),
            tuple(lacks(source.capabilities, ready)),
            left,
        )


def check_writes(
    source: SourceUnderCheck, groups: Sequence[Group], options: Options, add: Callable[[Outcome], None]
) -> tuple[str, ...]:
    """Try what writes, if it may be; the names of what was created and could not be dropped again."""

    def all_of_them(outcome: Callable[[Group, Check[Scratch]], Outcome]) -> tuple[str, ...]:
        for group in groups:
            for check in group.of_writes:
                add(outcome(group, check))
        return ()

    if not groups:
        return ()
    if source.capabilities.changes and not options.writes:
        return all_of_them(not_run)
    try:
        scratch = open_scratch(source)
    except NotApplicable as reason:
        why = str(reason)
        return all_of_them(lambda group, check: not_applicable(group, check, why, None))
    except (Refused, Failure) as error:
        failure = error if isinstance(error, Failure) else Failure("a new schema", str(error), "an answer")
        return all_of_them(lambda group, check: failed(group, check, failure, None))
    try:
        all_of_them(lambda group, check: outcome_of(group, check, scratch))
    finally:
        left = close_scratch(scratch)
    return left


def shake_hands(wire: Wire, most_rows: int) -> SourceUnderCheck:
    body = protocol.encode({"protocol": list(protocol.VERSIONS), "client": CLIENT})
    try:
        results = wire.action(protocol.HANDSHAKE, body)
        answer = json_object(results[0] if results else b"", protocol.HANDSHAKE)
    except Refused as refusal:
        if refusal.status in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
            raise NoSource(f"{wire.location} is not reachable: {refusal.message}") from None
        raise NoSource(
            f"{wire.location} is not a Nostro source: {protocol.HANDSHAKE} is answered with {refusal}"
        ) from None
    except Failure as failure:
        raise NoSource(
            f"{wire.location} is not a Nostro source: {protocol.HANDSHAKE} is answered with {failure.came}"
        ) from None
    return SourceUnderCheck(wire, answer, capabilities_in(answer), most_rows)


def tables_to_check(source: SourceUnderCheck, wanted: Sequence[str]) -> tuple[list[tuple[str, str]], int]:
    """Names of tables, and how many there are in all."""
    try:
        listed = [(entry["schema"], entry["table"]) for entry in source.tables()]
    except (Refused, Failure):
        listed = []
    if not wanted:
        return listed[:MOST_TABLES], len(listed)
    named = {f"{schema}.{table}": (schema, table) for schema, table in listed}
    absent = [name for name in wanted if name not in named]
    if absent:
        some = protocol.listed(list(named)[:20])
        raise NoSuchTable(f"{source.name} lists no table {absent[0]}; it lists {some or 'none'}")
    return [named[name] for name in dict.fromkeys(wanted)], len(listed)


def chosen(only: Sequence[str]) -> list[Group]:
    """The groups with the checks of these names, all if there are no names; raises NoSuchCheck."""
    if not only:
        return list(GROUPS)
    names = {f"{group.name}.{name}" for group in GROUPS for name in names_of(group)}
    for name in only:
        if name not in names and name not in (group.name for group in GROUPS):
            group_of = [it for it in sorted(names) if it.startswith(f"{name.partition('.')[0]}.")]
            known = group_of or [group.name for group in GROUPS]
            raise NoSuchCheck(f"there is no check {name}; there are {protocol.listed(known)}")

    def kept(group: Group, checks: Sequence[Check[Subject]]) -> tuple[Check[Subject], ...]:
        return tuple(it for it in checks if group.name in only or f"{group.name}.{it.name}" in only)

    some = [
        Group(
            group.name,
            group.title,
            kept(group, group.of_source),
            kept(group, group.of_tables),
            kept(group, group.of_writes),
        )
        for group in GROUPS
    ]
    return [group for group in some if group.of_source or group.of_tables or group.of_writes]


def names_of(group: Group) -> list[str]:
    return [
        *(check.name for check in group.of_source),
        *(check.name for check in group.of_tables),
        *(check.name for check in group.of_writes),
    ]


def described(source: SourceUnderCheck, schema: str, table: str) -> TableUnderCheck | Failure:
    try:
        return table_under_check(source, schema, table)
    except Failure as failure:
        return failure
    except Refused as refusal:
        return Failure(f"{protocol.DESCRIBE_TABLE} of {schema}.{table}", str(refusal), "a description")


def outcome_of_table(
    group: Group, check: Check[TableUnderCheck], subject: TableUnderCheck | Failure, name: str
) -> Outcome:
    if isinstance(subject, TableUnderCheck):
        return outcome_of(group, check, subject, name)
    if group.name == description.GROUP.name and check.name == DESCRIBED:
        return failed(group, check, subject, name)
    return not_applicable(group, check, f"the table cannot be described: see description.{DESCRIBED}", name)


def outcome_of(group: Group, check: Check[Subject], subject: Subject, table: str | None = None) -> Outcome:
    try:
        check.run(subject)
    except NotApplicable as reason:
        return not_applicable(group, check, str(reason), table)
    except Failure as failure:
        return failed(group, check, failure, table)
    except Refused as refusal:
        return failed(group, check, Failure("what the check asks", str(refusal), "an answer"), table)
    except pa.ArrowException as error:
        return failed(group, check, Failure("what the check asks", str(error), "Arrow data"), table)
    return Outcome(check.name, group.name, check.says, check.section, check.severity, "passed", table)


def failed(group: Group, check: Check[Subject], failure: Failure, table: str | None) -> Outcome:
    return Outcome(
        check.name,
        group.name,
        check.says,
        check.section,
        check.severity,
        "failed",
        table,
        failure.sent,
        failure.came,
        failure.accepted,
        failure.also,
    )


def not_applicable(group: Group, check: Check[Subject], why: str, table: str | None) -> Outcome:
    return Outcome(
        check.name, group.name, check.says, check.section, check.severity, "not applicable", table, why=why
    )


def not_run(group: Group, check: Check[Scratch]) -> Outcome:
    return Outcome(
        check.name, group.name, check.says, check.section, check.severity, "not run", why="--writes"
    )


def is_sampled(table: TableUnderCheck) -> bool:
    try:
        return not table.sample.whole
    except NotApplicable:
        return False
