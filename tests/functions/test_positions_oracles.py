"""Positions on the real server against beancount's booking, traces' weighted means and plain Python."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
import traces
import trino.dbapi
from beancount.core.inventory import Inventory
from beancount.loader import load_string
from hypothesis import given
from test_oracles import Server, examples, seeds

START = datetime.datetime(2025, 1, 2, 9)
COLUMNS = {
    "g": "bigint",
    "price": "decimal(12, 4)",
    "quantity": "decimal(10, 2)",
    "time": "timestamp(6)",
    "sequence": "bigint",
}


@dataclass(frozen=True)
class Trade:
    """A trade of one group: the time's seconds and the sequence put it in order."""

    price: Decimal
    quantity: Decimal
    seconds: int
    sequence: int

    @property
    def order(self) -> tuple[int, int, Decimal, Decimal]:
        return self.seconds, self.sequence, -self.quantity, self.price

    def row(self, group: int) -> tuple[Any, ...]:
        time = (START + datetime.timedelta(seconds=self.seconds)).isoformat(sep=" ")
        return group, self.price, self.quantity, time, self.sequence


def random_trades(generator: random.Random, count: int) -> list[Trade]:
    sizes = generator.choice([3, 10_000])
    return [
        Trade(
            Decimal(generator.randrange(-(10**6) if generator.random() < 0.02 else 1, 10**7)).scaleb(-4),
            Decimal(generator.randrange(-sizes, sizes + 1)).scaleb(-2),
            generator.randrange(3 * count),
            generator.randrange(4),
        )
        for _ in range(count)
    ]


def groups_of_trades(generator: random.Random, rows: int) -> dict[int, list[Trade]]:
    groups: dict[int, list[Trade]] = {}
    while sum(map(len, groups.values())) < rows:
        groups[len(groups)] = random_trades(generator, generator.randrange(1, 40))
    return groups


def shuffled_rows(groups: dict[int, list[Trade]], generator: random.Random) -> list[tuple[Any, ...]]:
    rows = [trade.row(group) for group, trades in groups.items() for trade in trades]
    generator.shuffle(rows)
    return rows


def evaluate_groups(server: Server, call: str, rows: Sequence[Sequence[Any]]) -> dict[int, Any]:
    """The aggregate of every group, from rows in any order."""
    values = server.evaluate(f"{call} OVER (PARTITION BY g)", COLUMNS, rows)
    return {row[0]: value for row, value in zip(rows, values, strict=True)}


def lots(trades: Sequence[Trade], *, oldest_first: bool) -> tuple[Decimal, Decimal, Decimal]:
    """The open quantity, its cost and the realised profit."""
    open_lots: deque[tuple[Decimal, Decimal]] = deque()
    profit = Decimal()
    for trade in sorted(trades, key=lambda trade: trade.order):
        left = trade.quantity
        while left and open_lots and open_lots[0][0] * left < 0:
            quantity, price = open_lots.popleft() if oldest_first else open_lots.pop()
            closed = min(abs(quantity), abs(left)).copy_sign(quantity)
            profit += closed * (trade.price - price)
            left += closed
            if quantity != closed:
                put_back = open_lots.appendleft if oldest_first else open_lots.append
                put_back((quantity - closed, price))
        if left:
            open_lots.append((left, trade.price))
    quantity = sum((quantity for quantity, _ in open_lots), Decimal())
    return quantity, sum((quantity * price for quantity, price in open_lots), Decimal()), profit


def average_cost(trades: Sequence[Trade]) -> tuple[Decimal, Decimal, Decimal]:
    quantity = cost = profit = Decimal()
    for trade in sorted(trades, key=lambda trade: trade.order):
        opened = trade.quantity
        if quantity * opened < 0:
            closed = min(abs(quantity), abs(opened)).copy_sign(quantity)
            relieved = (cost * closed / quantity).quantize(Decimal("0.000001"), ROUND_HALF_UP)
            profit += closed * trade.price - relieved
            cost -= relieved
            quantity -= closed
            opened += closed
        quantity += opened
        cost += opened * trade.price
    return quantity, cost, profit


@examples
@given(seed=seeds)
def test_positions_against_plain_python(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    groups = groups_of_trades(generator, 2_500)
    rows = shuffled_rows(groups, generator)
    server = Server(trino_connection)
    with localcontext() as context:
        context.prec = 200
        for name, expected in {
            "fifo_pnl": lambda trades: lots(trades, oldest_first=True),
            "lifo_pnl": lambda trades: lots(trades, oldest_first=False),
            "average_cost_pnl": average_cost,
        }.items():
            actual = evaluate_groups(server, f"{name}(price, quantity, time, sequence)", rows)
            for group, trades in groups.items():
                assert tuple(actual[group]) == expected(trades), (name, trades)
        exposures = evaluate_groups(server, "net_exposure(price, quantity)", rows)
        for group, trades in groups.items():
            assert exposures[group] == sum((it.price * it.quantity for it in trades), Decimal())


@examples
@given(seed=seeds)
def test_running_positions_against_plain_python(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    # without ties, so that a frame by rows is one of trades
    trades = [
        Trade(trade.price, trade.quantity, second, 0)
        for second, trade in enumerate(random_trades(generator, 400))
    ]
    actual = Server(trino_connection).evaluate(
        "fifo_pnl(price, quantity, time) OVER (ORDER BY time)",
        COLUMNS,
        [trade.row(0) for trade in trades],
    )
    with localcontext() as context:
        context.prec = 200
        for count, position in enumerate(actual, start=1):
            assert tuple(position) == lots(trades[:count], oldest_first=True)


@pytest.mark.parametrize("method", ["FIFO", "LIFO"])
def test_lots_against_beancount(trino_connection: trino.dbapi.Connection, method: str) -> None:
    """Beancount books a sale against an account's lots, and refuses one beyond them: positions stay long."""
    generator = random.Random(method)
    groups: dict[int, list[Trade]] = {}
    lines = ["2000-01-01 open Assets:Cash", "2000-01-01 open Income:Profit"]
    for group in range(260):
        lines.append(f'2000-01-01 open Assets:G{group} "{method}"')
        held = Decimal()
        trades = []
        for day in range(40):
            price = Decimal(generator.randrange(1, 10**7)).scaleb(-4)
            quantity = Decimal(generator.randrange(1, 10_000)).scaleb(-2)
            if held and generator.random() < 0.5:
                quantity = -min(held, quantity)
            held += quantity
            trades.append(Trade(price, quantity, 86_400 * day, 0))
            date = (datetime.date(2001, 1, 1) + datetime.timedelta(days=day)).isoformat()
            lot = f"{{{price} EUR}}" if quantity > 0 else f"{{}} @ {price} EUR"
            lines += [
                f'{date} * "trade"',
                f"  Assets:G{group}  {quantity} SHARES {lot}",
                f"  Assets:Cash  {-quantity * price} EUR",
                "  Income:Profit",
                "",
            ]
        groups[group] = trades
    assert sum(map(len, groups.values())) > 10_000
    entries, errors, _ = load_string("\n".join(lines))
    assert not errors, errors[:3]
    inventories = {group: Inventory() for group in groups}
    profits = dict.fromkeys(groups, Decimal())
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            if not posting.account.startswith("Assets:G"):
                continue
            group = int(posting.account.removeprefix("Assets:G"))
            inventories[group].add_position(posting)
            if posting.units.number < 0:
                # beancount rounds the profit that it writes to an account
                profits[group] -= posting.units.number * (posting.price.number - posting.cost.number)
    actual = evaluate_groups(
        Server(trino_connection),
        f"{method.lower()}_pnl(price, quantity, time)",
        shuffled_rows(groups, generator),
    )
    for group, inventory in inventories.items():
        held = sum((position.units.number for position in inventory), Decimal())
        cost = sum((position.units.number * position.cost.number for position in inventory), Decimal())
        assert tuple(actual[group]) == (held, cost, profits[group]), groups[group]


@examples
@given(seed=seeds)
def test_twap_against_traces_and_fractions(trino_connection: trino.dbapi.Connection, seed: int) -> None:
    generator = random.Random(seed)
    groups = groups_of_trades(generator, 2_500)
    rows = shuffled_rows(groups, generator)
    actual = evaluate_groups(Server(trino_connection), "twap(price, time, sequence)", rows)
    for group, prices in groups.items():
        ordered = sorted(prices, key=lambda it: (it.seconds, it.sequence, it.price))
        duration = ordered[-1].seconds - ordered[0].seconds
        if duration == 0:
            assert actual[group] == ordered[-1].price
            continue
        weighted = sum(
            (
                Fraction(earlier.price) * (later.seconds - earlier.seconds)
                for earlier, later in itertools.pairwise(ordered)
            ),
            Fraction(),
        )
        average = weighted / duration
        # at most half a unit of the last place away, and that is exact
        assert abs(Fraction(actual[group]) - average) <= Fraction(1, 20_000)
        series = traces.TimeSeries()
        for price in ordered:
            series[price.seconds] = float(price.price)
        mean = series.mean(ordered[0].seconds, ordered[-1].seconds)
        assert abs(float(actual[group]) - mean) <= 0.000051 + 1e-9 * abs(mean)
