"""Shards on the real Trino: every row is in one, and `expression` names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nostro.airflow.sharding import MAX_SHARDS, Shards, shards_by_hash, shards_by_prefix, shards_by_value

if TYPE_CHECKING:
    from tests.dags.conftest import Query

VALUES = ("001-0000123", "010-0000123", "0010", "00", "1", "", "DEUTDEFF", "deutdeff", "O'Hara", "Ä", None)

SHARDS = {
    "prefix": shards_by_prefix("t.v", ["001", "010", "D"]),
    "value": shards_by_value("t.v", ["1", "DEUTDEFF"]),
    "one hash": shards_by_hash("t.v", 1),
    "hash": shards_by_hash("t.v", 12),
    "most": shards_by_hash("t.v", MAX_SHARDS),
}


@pytest.mark.parametrize("shards", SHARDS.values(), ids=SHARDS.keys())
def test_every_row_is_in_the_one_shard_that_the_expression_names(shards: Shards, query: Query) -> None:
    rows = ", ".join("(NULL)" if v is None else "('" + v.replace("'", "''") + "')" for v in VALUES)
    taken = ", ".join(f"coalesce(IF({shard.condition}, '{shard.name}'), '')" for shard in shards)
    found = query(f"SELECT {shards.expression}, ARRAY[{taken}] FROM (VALUES {rows}) AS t (v)")
    assert len(found) == len(VALUES)
    for name, conditions in found:
        assert [one for one in conditions if one] == [name]


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda: shards_by_prefix("v", []), "0 prefixes"),
        (lambda: shards_by_prefix("v", ["1", "12"]), "Shards overlap"),
        (lambda: shards_by_prefix("v", ["a_"]), "underscore"),
        (lambda: shards_by_prefix("v", [""]), "cannot name a shard"),
        (lambda: shards_by_value("v", ["a", "a"]), "The same twice"),
        (lambda: shards_by_value("v", ["other"]), "cannot name a shard"),
        (lambda: shards_by_value("v", [str(n) for n in range(MAX_SHARDS)]), "128 values"),
        (lambda: shards_by_hash("v", 0), "0 shards"),
        (lambda: shards_by_hash("v", MAX_SHARDS + 1), "129 shards"),
    ],
)
def test_what_makes_no_shards_is_named(make: object, cause: str) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=cause):
        make()
