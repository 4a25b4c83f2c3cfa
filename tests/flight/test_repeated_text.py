"""Text that repeats comes dictionary-encoded to clients that allow it, and is the same text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nostro.flight import FunctionSource, MemorySource, SourceClient, SourceError, protocol, serve
from nostro.flight.repeated_text import FEWEST_ROWS, with_repeated_text

ROWS = 3 * FEWEST_ROWS
CURRENCIES = pa.array(itertools.islice(itertools.cycle(["EUR", None, "USD", "", "日本円"]), ROWS))
TABLE = pa.table(
    {
        "currency": CURRENCIES,
        "iban": [f"DE{number:020}" for number in range(ROWS)],
        "amount": pa.array([5] * ROWS),
        "branch": pa.array(["Frankfurt"] * ROWS).cast(pa.large_string()),
    }
)


def streams(client: SourceClient, *, dictionaries: bool, columns: tuple[str, ...]) -> list[pa.Table]:
    command = protocol.ReadCommand("bank", "payments", columns, dictionaries=dictionaries)
    info = client.flight_info(protocol.encode(command.to_json()))
    return [pa.Table.from_batches(list(client.stream(endpoint.ticket.ticket))) for endpoint in info.endpoints]


@pytest.fixture
def client() -> Iterator[SourceClient]:
    with serve(MemorySource({"bank.payments": TABLE})) as served, SourceClient(served.location) as client:
        yield client


def test_only_text_that_repeats_is_encoded(client: SourceClient) -> None:
    (encoded,) = streams(client, dictionaries=True, columns=("currency", "iban", "amount", "branch"))
    assert encoded.schema.types == [
        pa.dictionary(pa.int32(), pa.string()),
        pa.string(),
        pa.int64(),
        pa.large_string(),
    ]
    assert encoded["currency"].cast(pa.string()).combine_chunks() == CURRENCIES
    assert encoded.drop(["currency"]).equals(TABLE.drop(["currency"]))


def test_a_client_that_does_not_ask_gets_plain_text(client: SourceClient) -> None:
    (plain,) = streams(client, dictionaries=False, columns=("currency",))
    assert plain.schema.types == [pa.string()]


def test_small_answers_are_plain() -> None:
    with (
        serve(MemorySource({"bank.payments": TABLE.slice(0, FEWEST_ROWS - 1)})) as served,
        SourceClient(served.location) as client,
    ):
        (plain,) = streams(client, dictionaries=True, columns=("currency",))
    assert plain.schema.types == [pa.string()]


def test_an_error_before_the_first_row_reaches_the_client() -> None:
    source = FunctionSource("failing")

    @source.table("bank.payments", {"currency": pa.string()})
    def payments() -> pa.Table:
        raise SourceError("the ledger is closed")

    with (
        serve(source) as served,
        SourceClient(served.location) as client,
        pytest.raises(pa.ArrowException, match="the ledger is closed"),
    ):
        streams(client, dictionaries=True, columns=("currency",))


@given(
    st.lists(
        st.tuples(st.integers(1, 3_000), st.lists(st.none() | st.text(max_size=3), min_size=1, max_size=300)),
        max_size=4,
    )
)
def test_the_text_is_the_same(parts: list[tuple[int, list[str | None]]]) -> None:
    schema = pa.schema({"n": pa.int64(), "text": pa.string()})
    batches = [
        pa.RecordBatch.from_arrays(
            [
                pa.array(range(rows), pa.int64()),
                pa.array(itertools.islice(itertools.cycle(values), rows), pa.string()),
            ],
            schema=schema,
        )
        for rows, values in parts
    ]
    sent, encoded = with_repeated_text(schema, (batch for batch in batches))
    received = list(encoded)
    assert all(batch.schema == sent for batch in received)
    assert [batch.cast(schema) for batch in received] == batches
