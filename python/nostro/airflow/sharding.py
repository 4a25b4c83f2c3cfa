"""Stable shards of a source table: disjoint conditions that together take every row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nostro.airflow.trino_query import literal

MAX_SHARDS = 128
REMAINDER = "other"


@dataclass(frozen=True)
class Shard:
    """One shard: its name, fit for a task's id, and its condition in SQL."""

    name: str
    condition: str


@dataclass(frozen=True)
class Shards(Sequence[Shard]):
    """The shards of a table, with one for the rows that no other takes.

    The same row is in the same shard in every run as long as the declaration stays the same.

    :param expression: SQL for a row's shard name, for control totals by shard; standard SQL, which a source
        can run itself, but for shards by hash
    """

    shards: tuple[Shard, ...]
    expression: str

    def __len__(self) -> int:
        return len(self.shards)

    def __iter__(self) -> Iterator[Shard]:
        return iter(self.shards)

    def __getitem__(self, index: int) -> Shard:  # type: ignore[override]
        return self.shards[index]


def shards_by_prefix(column: str, prefixes: Sequence[str]) -> Shards:
    """Return a shard for each prefix of a column's text, and one for all other rows.

    :raises ValueError: for no prefix, an empty one, one that begins with another, or too many
    """
    _check("prefixes", prefixes)
    for prefix in prefixes:
        for other in prefixes:
            if prefix is not other and prefix.startswith(other):
                raise ValueError(f"Shards overlap: what begins with {prefix!r} begins with {other!r} too")
    return _with_remainder(
        column, [(prefix, f"{column} LIKE {literal(_like_pattern(prefix))}") for prefix in prefixes]
    )


def shards_by_value(column: str, values: Sequence[str]) -> Shards:
    """Return a shard for each value of a column, and one for all other rows, NULL among them.

    :raises ValueError: for no value, one twice, or too many
    """
    _check("values", values)
    return _with_remainder(column, [(value, f"{column} = {literal(value)}") for value in values])


def shards_by_hash(column: str, count: int) -> Shards:
    """Return ``count`` shards of about the same size by a hash of a column's text; NULL is in the first.

    The hash is Trino's, so every shard reads its source whole: for sources without a natural prefix or list.

    :raises ValueError: for a count below 1 or above 128
    """
    if not 1 <= count <= MAX_SHARDS:
        raise ValueError(f"{count} shards: accepted are 1 to {MAX_SHARDS}")
    number = f"coalesce(bitwise_and(from_big_endian_64(xxhash64(to_utf8(CAST({column} AS varchar)))), "
    number += f"9223372036854775807) % {count}, 0)"
    width = len(str(count - 1))
    shards = tuple(Shard(f"{index:0{width}d}", f"{number} = {index}") for index in range(count))
    return Shards(shards, f"lpad(CAST({number} AS varchar), {width}, '0')")


def _check(what: str, names: Sequence[str]) -> None:
    # One of the shards is for the remainder.
    if not 1 <= len(names) < MAX_SHARDS:
        raise ValueError(f"{len(names)} {what}: accepted are 1 to {MAX_SHARDS - 1}")
    if len(set(names)) != len(names):
        raise ValueError(f"The same twice among the {what}")
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or name == REMAINDER:
            raise ValueError(
                f"{name!r} cannot name a shard: accepted are letters, digits, and the signs _ . -, "
                f"and not {REMAINDER!r}"
            )


def _with_remainder(column: str, named: Sequence[tuple[str, str]]) -> Shards:
    any_of = " OR ".join(condition for _, condition in named)
    cases = " ".join(f"WHEN {condition} THEN {literal(name)}" for name, condition in named)
    shards = [Shard(name, condition) for name, condition in named]
    return Shards(
        # A NULL satisfies no condition, and its negation neither.
        (*shards, Shard(REMAINDER, f"({column} IS NULL OR NOT ({any_of}))")),
        f"CASE {cases} ELSE {literal(REMAINDER)} END",
    )


def _like_pattern(prefix: str) -> str:
    # Names are letters, digits and _ . -, of which only the underscore is a wildcard.
    if "_" in prefix:
        raise ValueError(f"A prefix with an underscore ({prefix!r}) is a pattern in LIKE")
    return f"{prefix}%"
