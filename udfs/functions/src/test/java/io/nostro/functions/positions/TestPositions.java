package io.nostro.functions.positions;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.type.Int128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.math.BigInteger.ONE;
import static java.math.BigInteger.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestPositions
{
    private static final int CASES = 10_000;
    // three units bought and sold at every step, prices up and down, in the order of n
    private static final String TRADES = "(SELECT n, date_add('second', n, TIMESTAMP '2025-01-02 09:00:00') AS t, CAST(100 + (n * 7919) % 101 AS decimal(10, 2)) AS price, CAST(CASE n % 3 WHEN 0 THEN 3 WHEN 1 THEN 2 ELSE -4 END AS decimal(10, 0)) AS quantity FROM (SELECT a * 1000 + b AS n FROM UNNEST(sequence(0, 99)) AS s (a), UNNEST(sequence(1, 1000)) AS t (b)))";

    private record Trade(long time, long sequence, BigInteger quantity, BigInteger price)
    {
        private static final Comparator<Trade> ORDER = Comparator.comparingLong(Trade::time)
                .thenComparingLong(Trade::sequence)
                .thenComparing(Trade::quantity, Comparator.reverseOrder())
                .thenComparing(Trade::price);
    }

    private final FunctionTesting functions;

    TestPositions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testLotsUnitByUnit()
    {
        Random random = new Random(1601);
        for (int i = 0; i < CASES; i++) {
            List<Trade> trades = trades(random, 30, 4, 4);
            for (CostMethod method : new CostMethod[] {CostMethod.FIFO, CostMethod.LIFO}) {
                // every unit is a lot of its own
                Deque<BigInteger> open = new ArrayDeque<>();
                int sign = 0;
                BigInteger profit = ZERO;
                for (Trade trade : trades.stream().sorted(Trade.ORDER).toList()) {
                    for (int unit = 0; unit < trade.quantity().abs().intValueExact(); unit++) {
                        if (open.isEmpty() || sign == trade.quantity().signum()) {
                            sign = trade.quantity().signum();
                            open.addLast(trade.price());
                        }
                        else {
                            BigInteger opened = method == CostMethod.FIFO ? open.removeFirst() : open.removeLast();
                            profit = profit.add(trade.price().subtract(opened).multiply(BigInteger.valueOf(sign)));
                        }
                    }
                }
                BigInteger signed = BigInteger.valueOf(open.isEmpty() ? 0 : sign);
                BigInteger cost = open.stream().reduce(ZERO, BigInteger::add).multiply(signed);
                assertThat(position(method, trades, random))
                        .isEqualTo(new Position(signed.multiply(BigInteger.valueOf(open.size())), cost, profit));
            }
        }
    }

    @Test
    void testLotsOfAllMagnitudes()
    {
        Random random = new Random(1494);
        for (int i = 0; i < CASES; i++) {
            List<Trade> trades = trades(random, 25, 126, 126);
            // the first unit that is bought is matched with the first that is sold, whichever is first
            BigInteger bought = sum(trades, 1);
            BigInteger sold = sum(trades, -1);
            BigInteger matched = bought.min(sold);
            BigInteger cost = notional(trades, 1, matched, bought).subtract(notional(trades, -1, matched, sold));
            BigInteger paid = trades.stream().map(trade -> trade.quantity().multiply(trade.price())).reduce(ZERO, BigInteger::add);
            assertThat(position(CostMethod.FIFO, trades, random))
                    .isEqualTo(new Position(bought.subtract(sold), cost, cost.subtract(paid)));

            Deque<BigInteger[]> lots = new ArrayDeque<>();
            for (Trade trade : trades.stream().sorted(Trade.ORDER).toList()) {
                BigInteger left = trade.quantity();
                while (left.signum() != 0 && !lots.isEmpty() && lots.getLast()[0].signum() == -left.signum()) {
                    BigInteger[] lot = lots.removeLast();
                    BigInteger rest = lot[0].add(left);
                    if (rest.signum() == lot[0].signum()) {
                        lots.addLast(new BigInteger[] {rest, lot[1]});
                        rest = ZERO;
                    }
                    left = rest;
                }
                if (left.signum() != 0) {
                    lots.addLast(new BigInteger[] {left, trade.price()});
                }
            }
            cost = lots.stream().map(lot -> lot[0].multiply(lot[1])).reduce(ZERO, BigInteger::add);
            assertThat(position(CostMethod.LIFO, trades, random))
                    .isEqualTo(new Position(bought.subtract(sold), cost, cost.subtract(paid)));
        }
    }

    @Test
    void testAverageCost()
    {
        Random random = new Random(1300);
        for (int i = 0; i < CASES; i++) {
            int bits = 2 + random.nextInt(125);
            List<Trade> trades = trades(random, 25, bits, bits);
            BigDecimal open = BigDecimal.ZERO;
            BigDecimal cost = BigDecimal.ZERO;
            BigDecimal profit = BigDecimal.ZERO;
            for (Trade trade : trades.stream().sorted(Trade.ORDER).toList()) {
                BigDecimal quantity = new BigDecimal(trade.quantity());
                BigDecimal price = new BigDecimal(trade.price());
                if (open.signum() * quantity.signum() < 0) {
                    BigDecimal closed = quantity.abs().min(open.abs()).multiply(BigDecimal.valueOf(open.signum()));
                    BigDecimal relieved = cost.multiply(closed).divide(open, 0, RoundingMode.HALF_UP);
                    profit = profit.add(closed.multiply(price)).subtract(relieved);
                    cost = cost.subtract(relieved);
                    open = open.subtract(closed);
                    quantity = quantity.add(closed);
                }
                open = open.add(quantity);
                cost = cost.add(quantity.multiply(price));
            }
            assertThat(position(CostMethod.AVERAGE_COST, trades, random))
                    .isEqualTo(new Position(open.toBigInteger(), cost.toBigInteger(), profit.toBigInteger()));
        }
    }

    @Test
    void testTwap()
    {
        Random random = new Random(1440);
        for (int i = 0; i < CASES; i++) {
            List<Trade> prices = trades(random, 25, 1, 126).stream()
                    .map(trade -> new Trade(random.nextInt(20) == 0 ? random.nextLong() : trade.time(), trade.sequence(), ONE, trade.price()))
                    .toList();
            List<Trade> ordered = prices.stream().sorted(Trade.ORDER).toList();
            BigInteger weighted = ZERO;
            for (int next = 1; next < ordered.size(); next++) {
                weighted = weighted.add(ordered.get(next - 1).price().multiply(between(ordered.get(next - 1), ordered.get(next))));
            }
            BigInteger duration = between(ordered.getFirst(), ordered.getLast());
            BigInteger expected = duration.signum() == 0
                    ? ordered.getLast().price()
                    : new BigDecimal(weighted).divide(new BigDecimal(duration), 0, RoundingMode.HALF_UP).toBigInteger();

            PriceHistory merged = new PriceHistory();
            PriceHistory part = new PriceHistory();
            for (Trade price : shuffled(prices, random)) {
                Int128 value = Int128.valueOf(price.price());
                part.add(value, price.time(), price.sequence());
                if (random.nextInt(6) == 0) {
                    // asking for a result changes nothing
                    part.averagePrice();
                    PriceHistory serialized = PriceHistory.deserialize(part.copy().serialize());
                    assertThat(serialized.averagePrice()).isEqualTo(part.averagePrice());
                    merged.addAll(serialized);
                    merged.averagePrice();
                    part = new PriceHistory();
                }
            }
            merged.addAll(part);
            assertThat(merged.averagePrice().toBigInteger()).isEqualTo(expected);
            assertThat(merged.averagePrice().toBigInteger()).isEqualTo(expected);

            // what is added and taken away again changes nothing
            PriceHistory sliding = new PriceHistory();
            sliding.add(Int128.ONE, 1, 1);
            assertThat(sliding.averagePrice()).isEqualTo(Int128.ONE);
            sliding.remove(Int128.ONE, 1, 1);
            assertThat(sliding.isEmpty()).isTrue();
            List<Trade> before = trades(random, 10, 1, 126);
            for (Trade other : before) {
                sliding.add(Int128.valueOf(other.price()), other.time() - 5, other.sequence());
            }
            for (Trade price : shuffled(prices, random)) {
                sliding.add(Int128.valueOf(price.price()), price.time(), price.sequence());
            }
            for (Trade other : shuffled(before, random)) {
                if (random.nextBoolean()) {
                    sliding.averagePrice();
                }
                sliding.remove(Int128.valueOf(other.price()), other.time() - 5, other.sequence());
            }
            assertThat(sliding.averagePrice().toBigInteger()).isEqualTo(expected);
        }
    }

    @Test
    void testTypes()
    {
        for (String price : new String[] {"DECIMAL '10.00'", "CAST(10 AS decimal(38, 2))"}) {
            for (String quantity : new String[] {"3", "DECIMAL '3'", "CAST(3 AS decimal(30, 5))"}) {
                int scale = quantity.contains("5") ? 5 : 0;
                String row = "(SELECT %s AS price, %s AS quantity, DATE '2025-01-02' AS day)".formatted(price, quantity);
                for (String name : new String[] {"fifo_pnl", "lifo_pnl", "average_cost_pnl"}) {
                    assertThat(functions.query("SELECT typeof(%s(price, quantity, day)) FROM %s".formatted(name, row)))
                            .isEqualTo("row(open_quantity decimal(38,%s), cost decimal(38,%s), realised_profit decimal(38,%2$s))".formatted(scale, scale + 2));
                }
                assertThat(functions.query("SELECT typeof(net_exposure(price, quantity)) FROM " + row)).isEqualTo("decimal(38,%s)".formatted(scale + 2));
                assertThat(functions.query("SELECT typeof(twap(price, day)) FROM " + row)).isEqualTo("decimal(38,2)");
            }
        }
        functions.assertQueryError("SELECT fifo_pnl(CAST(1 AS decimal(38, 20)), CAST(1 AS decimal(38, 19)), DATE '2025-01-02')", INVALID_FUNCTION_ARGUMENT, "DECIMAL scale must be in range [0, precision (38)]: 39");
    }

    @Test
    void testGroupsAndPartialStates()
    {
        // rows of a group come from any task in any order; a running position at its last row is the group's
        for (String call : new String[] {"fifo_pnl(price, quantity, t)", "lifo_pnl(price, quantity, t, n)", "average_cost_pnl(price, quantity, t)", "twap(price, t)", "net_exposure(price, quantity)", "vwap(price, abs(quantity))"}) {
            assertThat(functions.query(
                    """
                    SELECT count(*)
                    FROM (SELECT n %% 997 AS g, %1$s AS result FROM %2$s GROUP BY n %% 997) JOIN (
                        SELECT n %% 997 AS g, %1$s OVER (PARTITION BY n %% 997 ORDER BY t) AS running, row_number() OVER (PARTITION BY n %% 997 ORDER BY t DESC) AS row FROM %2$s) AS runs USING (g)
                    WHERE row = 1 AND result = running
                    """.formatted(call, TRADES)))
                    .as(call)
                    .isEqualTo(997L);
        }
    }

    @Test
    void testRunningFramesOfAHundredThousandRows()
    {
        // profit, cost and what was paid add up at every row
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT fifo_pnl(price, quantity, t) OVER w AS fifo, lifo_pnl(price, quantity, t) OVER w AS lifo, average_cost_pnl(price, quantity, t) OVER w AS average,
                        net_exposure(price, quantity) OVER w AS paid, sum(quantity) OVER w AS quantity, twap(price, t) OVER w AS twap
                    FROM %s WINDOW w AS (ORDER BY t))
                WHERE fifo.cost - fifo.realised_profit = paid AND lifo.cost - lifo.realised_profit = paid AND average.cost - average.realised_profit = paid
                    AND fifo.open_quantity = quantity AND lifo.open_quantity = quantity AND average.open_quantity = quantity AND twap BETWEEN 100 AND 200
                """.formatted(TRADES)))
                .isEqualTo(100_000L);
        // one frame, asked for at every row
        assertThat(functions.query("SELECT count(DISTINCT fifo_pnl) FROM (SELECT fifo_pnl(price, quantity, t) OVER () AS fifo_pnl FROM %s)".formatted(TRADES)))
                .isEqualTo(1L);
    }

    @Test
    void testSlidingFrames()
    {
        // a frame that slides gives what a frame of its own gives
        for (String call : new String[] {"fifo_pnl(price, quantity, t)", "lifo_pnl(price, quantity, t, n)", "average_cost_pnl(price, quantity, t)", "twap(price, t)", "net_exposure(price, quantity)", "vwap(price, abs(quantity))"}) {
            String trades = "(SELECT * FROM %s WHERE n <= 400)".formatted(TRADES);
            assertThat(functions.query(
                    """
                    SELECT count(*) FROM (
                        SELECT n, %1$s OVER (ORDER BY n %% 7, n ROWS BETWEEN 20 PRECEDING AND CURRENT ROW) AS sliding, array_agg(n) OVER (ORDER BY n %% 7, n ROWS BETWEEN 20 PRECEDING AND CURRENT ROW) AS frame FROM %2$s) AS slides
                    WHERE n %% 20 <> 0 OR sliding = (SELECT %1$s FROM %2$s AS trades WHERE contains(slides.frame, trades.n))
                    """.formatted(call, trades)))
                    .as(call)
                    .isEqualTo(400L);
        }
        assertThat(functions.query("SELECT count(*) FROM (SELECT fifo_pnl(price, quantity, t) OVER (ORDER BY t ROWS BETWEEN 50 PRECEDING AND CURRENT ROW) AS position FROM %s) WHERE position.open_quantity BETWEEN -10 AND 1000".formatted(TRADES)))
                .isEqualTo(100_000L);
        // a frame that becomes empty
        assertThat(functions.query("SELECT count(*) FROM (SELECT fifo_pnl(IF(n %% 5 = 0, price), quantity, t) OVER w AS position, twap(IF(n %% 5 = 0, price), t) OVER w AS twap, vwap(IF(n %% 5 = 0, price), abs(quantity)) OVER w AS vwap FROM %s WINDOW w AS (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)) WHERE position IS NULL AND twap IS NULL AND vwap IS NULL".formatted(TRADES)))
                .isEqualTo(40_002L);
    }

    @Test
    void testNullsAndErrors()
    {
        String nulls = "(VALUES (CAST(NULL AS decimal(5, 2)), 1, DATE '2025-01-02'), (1.00, NULL, DATE '2025-01-02'), (1.00, 1, NULL)) AS t (price, quantity, day)";
        for (String call : new String[] {"fifo_pnl(price, quantity, day)", "lifo_pnl(price, quantity, day)", "average_cost_pnl(price, quantity, day)"}) {
            assertThat(functions.query("SELECT CAST(%s AS json) FROM %s".formatted(call, nulls))).isNull();
            assertThat(functions.query("SELECT %s.cost FROM (SELECT * FROM %s WHERE false)".formatted(call, nulls))).isNull();
        }
        assertThat(functions.query("SELECT net_exposure(price, quantity) FROM (SELECT * FROM %s WHERE price IS NULL OR quantity IS NULL)".formatted(nulls))).isNull();
        assertThat(functions.query("SELECT twap(price, day) FROM (SELECT * FROM %s WHERE price IS NULL OR day IS NULL)".formatted(nulls))).isNull();
        String large = "CAST('%s' AS decimal(38, 0))".formatted("9".repeat(38));
        for (String call : new String[] {"fifo_pnl(%1$s, 10, DATE '2025-01-02')", "lifo_pnl(%1$s, %1$s, DATE '2025-01-02')", "average_cost_pnl(%1$s, %1$s, DATE '2025-01-02')", "net_exposure(%1$s, -2)"}) {
            functions.assertQueryError("SELECT " + call.formatted(large), NUMERIC_VALUE_OUT_OF_RANGE, "the result does not fit in 38 digits");
        }
        assertThat(functions.query("SELECT fifo_pnl(1, %s, DATE '2025-01-02').open_quantity".formatted(large)).toString()).isEqualTo("9".repeat(38));
    }

    private static Position position(CostMethod method, List<Trade> trades, Random random)
    {
        Trades merged = new Trades(method);
        Trades part = new Trades(method);
        for (Trade trade : shuffled(trades, random)) {
            Int128 price = Int128.valueOf(trade.price());
            Int128 quantity = Int128.valueOf(trade.quantity());
            part.add(price, quantity, trade.time(), trade.sequence());
            if (random.nextInt(6) == 0) {
                // asking for a result changes nothing
                part.position();
                merged.addAll(Trades.deserialize(part.copy().serialize()));
                merged.position();
                part = new Trades(method);
            }
        }
        merged.addAll(part);
        Position position = merged.position();
        assertThat(merged.position()).isEqualTo(position);
        assertThat(merged.retainedSizeInBytes()).isGreaterThan(48L * trades.size());
        return position;
    }

    private static List<Trade> shuffled(List<Trade> trades, Random random)
    {
        List<Trade> shuffled = new ArrayList<>(trades);
        if (random.nextInt(3) == 0) {
            shuffled.sort(Trade.ORDER);
        }
        else {
            Collections.shuffle(shuffled, random);
        }
        return shuffled;
    }

    private static List<Trade> trades(Random random, int most, int quantityBits, int priceBits)
    {
        List<Trade> trades = new ArrayList<>();
        for (int i = random.nextInt(most); i >= 0; i--) {
            trades.add(new Trade(random.nextInt(10), random.nextInt(3), number(random, quantityBits), number(random, priceBits)));
        }
        return trades;
    }

    private static BigInteger number(Random random, int bits)
    {
        BigInteger number = new BigInteger(random.nextInt(bits) + 1, random);
        return random.nextBoolean() ? number : number.negate();
    }

    private static BigInteger between(Trade first, Trade second)
    {
        return BigInteger.valueOf(second.time()).subtract(BigInteger.valueOf(first.time()));
    }

    private static BigInteger sum(List<Trade> trades, int sign)
    {
        return trades.stream().map(Trade::quantity).filter(quantity -> quantity.signum() == sign).map(BigInteger::abs).reduce(ZERO, BigInteger::add);
    }

    /**
     * What the units of one side, from one to another, come to.
     */
    private static BigInteger notional(List<Trade> trades, int sign, BigInteger from, BigInteger to)
    {
        BigInteger notional = ZERO;
        BigInteger begin = ZERO;
        for (Trade trade : trades.stream().filter(trade -> trade.quantity().signum() == sign).sorted(Trade.ORDER).toList()) {
            BigInteger end = begin.add(trade.quantity().abs());
            BigInteger units = end.min(to).subtract(begin.max(from)).max(ZERO);
            notional = notional.add(units.multiply(trade.price()));
            begin = end;
        }
        return notional;
    }
}
