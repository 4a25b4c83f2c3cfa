"""Positions on the real server against beancount's booking, traces' weighted means and plain Python."""

from __future__ import annotations

import datetime
import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
import traces
from beancount.core.inventory import Inventory
from beancount.loader import load_string
from references import Compare, Server, compare_all

DECIMAL = "Python's decimal"
START = datetime.datetime(2025, 1, 2, 9)
COLUMNS = {
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

    def row(self) -> tuple[Any, ...]:
        time = (START + datetime.timedelta(seconds=self.seconds)).isoformat(sep=" ")
        return self.price, self.quantity, time, self.sequence


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


def groups_of_trades(generator: random.Random, count: int) -> list[list[Trade]]:
    return [random_trades(generator, generator.randrange(1, 20)) for _ in range(count)]


def evaluate_groups(
    server: Server, calls: Sequence[str], groups: Sequence[Sequence[Trade]], generator: random.Random
) -> list[list[Any]]:
    """The aggregates of every group, from rows in any order."""
    return server.aggregate(calls, COLUMNS, [[trade.row() for trade in group] for group in groups], generator)


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


def test_positions_against_decimal(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(4)
    groups = groups_of_trades(generator, inputs)
    references: dict[str, Callable[[Sequence[Trade]], tuple[Decimal, Decimal, Decimal]]] = {
        "fifo_pnl": lambda trades: lots(trades, oldest_first=True),
        "lifo_pnl": lambda trades: lots(trades, oldest_first=False),
        "average_cost_pnl": average_cost,
    }
    *positions, exposures, averages = evaluate_groups(
        server,
        [
            *(f"{name}(price, quantity, time, sequence)" for name in references),
            "net_exposure(price, quantity)",
            "vwap(price, nullif(abs(quantity), 0))",
        ],
        groups,
        generator,
    )
    for (name, expected), actual in zip(references.items(), positions, strict=True):
        compare_all(compare(name, DECIMAL), map(tuple, actual), map(expected, groups), groups)
    sums = [sum((it.price * it.quantity for it in trades), Decimal()) for trades in groups]
    compare_all(compare("net_exposure", DECIMAL), exposures, sums, groups)
    for trades, average in zip(groups, averages, strict=True):
        quantity = sum((abs(it.quantity) for it in trades), Decimal())
        notional = sum((it.price * abs(it.quantity) for it in trades), Decimal())
        expected_average = (
            (notional / quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP) if quantity else None
        )
        compare("vwap", DECIMAL).same(average, expected_average, trades)


def test_running_positions_against_decimal(server: Server) -> None:
    generator = random.Random(5)
    # without ties, so that a frame by rows is one of trades
    trades = [
        Trade(trade.price, trade.quantity, second, 0)
        for second, trade in enumerate(random_trades(generator, 400))
    ]
    actual = server.evaluate(
        "fifo_pnl(price, quantity, time) OVER (ORDER BY time)", COLUMNS, [trade.row() for trade in trades]
    )
    for count, position in enumerate(actual, start=1):
        assert tuple(position) == lots(trades[:count], oldest_first=True)


@pytest.mark.parametrize("method", ["FIFO", "LIFO"])
def test_lots_against_beancount(compare: Compare, server: Server, inputs: int, method: str) -> None:
    """Beancount books a sale against an account's lots, and refuses one beyond them: positions stay long."""
    generator = random.Random(method)
    groups: list[list[Trade]] = []
    lines = ["2000-01-01 open Assets:Cash", "2000-01-01 open Income:Profit"]
    for group in range(inputs):
        lines.append(f'2000-01-01 open Assets:G{group} "{method}"')
        held = Decimal()
        trades = []
        for day in range(generator.randrange(1, 12)):
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
        groups.append(trades)
    entries, errors, _ = load_string("\n".join(lines))
    assert not errors, errors[:3]
    inventories = [Inventory() for _ in groups]
    profits = [Decimal() for _ in groups]
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            name = posting.account.removeprefix("Assets:G")
            if not name.isdecimal():
                continue
            group = int(name)
            inventories[group].add_position(posting)
            if posting.units.number < 0:
                # beancount rounds the profit that it writes to an account
                profits[group] -= posting.units.number * (posting.price.number - posting.cost.number)
    function = f"{method.lower()}_pnl"
    [actual] = evaluate_groups(server, [f"{function}(price, quantity, time)"], groups, generator)
    for trades, inventory, profit, result in zip(groups, inventories, profits, actual, strict=True):
        held = sum((position.units.number for position in inventory), Decimal())
        cost = sum((position.units.number * position.cost.number for position in inventory), Decimal())
        compare(function, "beancount").same(tuple(result), (held, cost, profit), trades)


def test_twap_against_fractions_and_traces(compare: Compare, server: Server, inputs: int) -> None:
    generator = random.Random(6)
    groups = groups_of_trades(generator, inputs)
    [actual] = evaluate_groups(server, ["twap(price, time, sequence)"], groups, generator)
    for prices, average in zip(groups, actual, strict=True):
        ordered = sorted(prices, key=lambda it: (it.seconds, it.sequence, it.price))
        duration = ordered[-1].seconds - ordered[0].seconds
        if duration == 0:
            compare("twap", "Python's fractions").same(average, ordered[-1].price, prices)
            continue
        weighted = sum(
            (
                Fraction(earlier.price) * (later.seconds - earlier.seconds)
                for earlier, later in itertools.pairwise(ordered)
            ),
            Fraction(),
        )
        # at most half a unit of the last place away, and that is exact
        assert abs(Fraction(average) - weighted / duration) <= Fraction(1, 20_000), prices
        compare("twap", "Python's fractions").agreed()
        series = traces.TimeSeries()
        for price in ordered:
            series[price.seconds] = float(price.price)
        mean = series.mean(ordered[0].seconds, ordered[-1].seconds)
        assert abs(float(average) - mean) <= 0.000051 + 1e-9 * abs(mean), prices
        compare("twap", "traces", "rounded to the price's scale").agreed()
