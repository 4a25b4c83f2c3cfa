package io.nostro.functions.rates;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.operator.aggregation.state.StateCompiler;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;
import io.trino.spi.function.AccumulatorStateSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BiConsumer;

import static io.nostro.functions.rates.DiscountFactors.discountFactor;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

@ExtendWith(Engine.class)
final class TestCashFlowAggregates
{
    private final FunctionTesting functions;

    TestCashFlowAggregates(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNpvMergesPartialStates()
    {
        States<NpvState> states = States.of(NpvState.class);
        Random random = new Random(11);
        for (int i = 0; i < 10_000; i++) {
            double rate = random.nextDouble() * 0.4 - 0.1;
            int count = 1 + random.nextInt(12);
            double[] amounts = random.doubles(count, -1e6, 1e6).toArray();
            long[] periods = random.longs(count, 0, 60).toArray();
            double expected = 0;
            double size = 0;
            for (int flow = 0; flow < count; flow++) {
                double worth = amounts[flow] / Math.pow(1 + rate, (double) periods[flow]);
                expected += worth;
                size += Math.abs(worth);
            }
            double actual = merged(states, random, count, (state, flow) -> NpvAggregation.input(state, rate, amounts[flow], periods[flow]), NpvAggregation::combine, NpvAggregation::output);
            assertThat(actual).isCloseTo(expected, within(size * 1e-12));
        }
    }

    @Test
    void testXnpvMergesPartialStates()
    {
        States<NpvState> states = States.of(NpvState.class);
        Random random = new Random(12);
        for (int i = 0; i < 10_000; i++) {
            double rate = random.nextDouble() * 0.4 - 0.1;
            int count = 1 + random.nextInt(12);
            double[] amounts = random.doubles(count, -1e6, 1e6).toArray();
            long[] dates = random.longs(count, 15_000, 25_000).toArray();
            long first = Long.MAX_VALUE;
            for (long date : dates) {
                first = Math.min(first, date);
            }
            double expected = 0;
            double size = 0;
            for (int flow = 0; flow < count; flow++) {
                double worth = amounts[flow] / Math.pow(1 + rate, (dates[flow] - first) / 365.0);
                expected += worth;
                size += Math.abs(worth);
            }
            double actual = merged(states, random, count, (state, flow) -> XnpvAggregation.input(state, rate, amounts[flow], dates[flow]), XnpvAggregation::combine, XnpvAggregation::output);
            assertThat(actual).isCloseTo(expected, within(size * 1e-12));
        }
    }

    @Test
    void testSumsThatOverflowOnTheWay()
    {
        States<NpvState> states = States.of(NpvState.class);
        Random random = new Random(14);
        double[] extremes = {Double.MAX_VALUE, -Double.MAX_VALUE, 1e308, -1e308, 1e300, -1e275, 1e-290, -4e-307, 1, -100, 0};
        int tooLarge = 0;
        for (int i = 0; i < 20_000; i++) {
            double rate = random.nextInt(4) == 0 ? -0.5 : random.nextInt(3) * 0.05;
            int count = 1 + random.nextInt(8);
            double[] amounts = random.ints(count, 0, extremes.length).mapToDouble(index -> extremes[index]).toArray();
            long[] days = random.ints(count, 0, 30).mapToLong(year -> year * 365L).toArray();
            if (random.nextBoolean() && count > 1) {
                // what cancels leaves the small ones to be right to their own digits
                amounts[1] = -amounts[0];
                days[1] = days[0];
            }
            long first = Arrays.stream(days).min().orElseThrow();
            BigDecimal exact = BigDecimal.ZERO;
            double size = 0;
            for (int flow = 0; flow < count; flow++) {
                BigDecimal worth = new BigDecimal(amounts[flow]).multiply(new BigDecimal(discountFactor(rate, (days[flow] - first) / 365.0)), MathContext.DECIMAL128);
                exact = exact.add(worth);
                size = Math.max(size, worth.abs().doubleValue());
            }
            Double xnpv = merged(states, random, count, (state, flow) -> XnpvAggregation.input(state, rate, amounts[flow], days[flow]), XnpvAggregation::combine, XnpvAggregation::output);
            Double npv = merged(states, random, count, (state, flow) -> NpvAggregation.input(state, rate, amounts[flow], (days[flow] - first) / 365), NpvAggregation::combine, NpvAggregation::output);
            double expected = exact.doubleValue();
            if (Double.isInfinite(expected)) {
                tooLarge++;
                assertThat(xnpv).isNull();
                assertThat(npv).isNull();
            }
            // of the largest doubles, rounding on the way may make too large ones
            else if (Math.abs(expected) < 0.999 * Double.MAX_VALUE) {
                double tolerance = Math.min(Double.MAX_VALUE, Math.max(Double.MIN_NORMAL, size * 1e-13));
                assertThat(xnpv).isCloseTo(expected, within(tolerance));
                assertThat(npv).isCloseTo(expected, within(tolerance));
            }
        }
        assertThat(tooLarge).isBetween(1_000, 10_000);
    }

    @Test
    void testLargeAndSmallSumsOfGroups()
    {
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT n % 1000 AS account, npv(0e0, IF(n % 1000 < 500, amount, n % 1000), 0) AS npv, xnpv(0e0, IF(n % 1000 < 500, amount, n % 1000), DATE '2025-01-01') AS xnpv
                    FROM UNNEST(sequence(0, 3999)) AS t (n)
                    CROSS JOIN UNNEST(ARRAY[1.7e308, 1.7e308, -1.7e308, -1.7e308, 1e-300]) AS u (amount)
                    GROUP BY n % 1000)
                WHERE npv = xnpv AND npv = IF(account < 500, 4e-300, 20e0 * account)
                """))
                .isEqualTo(1_000L);
    }

    @Test
    void testFactorsOutOfRange()
    {
        // 1.09^-9605 and 0.5^-1200 are no doubles, their products with the amounts are
        assertThat((Double) functions.query("SELECT xnpv(0.09, amount, day) FROM (VALUES (-1e300, DATE '9956-07-02'), (0e0, DATE '0351-10-17')) AS t (amount, day)"))
                .isCloseTo(-1.95229e-60, within(1e-64));
        assertThat((Double) functions.query("SELECT xnpv(0.4, amount, day) FROM (VALUES (-4e273, DATE '2019-12-02'), (0e0, DATE '0000-12-31')) AS t (amount, day)"))
                .isCloseTo(-4e273 * Math.exp(-Math.log1p(0.4) * 737395 / 365), withinPercentage(1e-9));
        // 4.9e-324 has no digits to make an amount of
        assertThat(functions.query("SELECT xnpv(-0.09, amount, day) FROM (VALUES (4.9e-324, DATE '0001-04-16'), (-4.9e-324, DATE '2111-08-26')) AS t (amount, day)"))
                .isEqualTo(0.0);
        assertThat(functions.query("SELECT mirr(amount, period, 0.1, 0.1) FROM (VALUES (4.9e-324, 0), (-1, 1)) AS t (amount, period)")).isNull();
        assertThat((Double) functions.query("SELECT npv(-0.5, 1e-300, 1200)")).isCloseTo(1.7218479456385e61, within(1e48));
    }

    @Test
    void testMirrMergesPartialStates()
    {
        States<MirrState> states = States.of(MirrState.class);
        Random random = new Random(13);
        for (int i = 0; i < 10_000; i++) {
            double finance = random.nextDouble() * 0.2;
            double reinvest = random.nextDouble() * 0.2;
            int count = 2 + random.nextInt(12);
            double[] amounts = random.doubles(count, -1e6, 1e6).toArray();
            double paid = 0;
            double received = 0;
            for (int flow = 0; flow < count; flow++) {
                paid += Math.max(0, -amounts[flow]) / Math.pow(1 + finance, flow);
                received += Math.max(0, amounts[flow]) * Math.pow(1 + reinvest, count - 1 - flow);
            }
            Double actual = merged(states, random, count, (state, flow) -> MirrAggregation.input(state, amounts[flow], flow - 3, finance, reinvest), MirrAggregation::combine, MirrAggregation::output);
            if (paid == 0 || received == 0) {
                assertThat(actual).isNull();
            }
            else {
                double expected = Math.pow(received / paid, 1.0 / (count - 1)) - 1;
                assertThat(actual).isCloseTo(expected, within(1e-10 * (1 + Math.abs(expected))));
            }
        }
    }

    @Test
    void testMirrOfWorthsThatAreNoDoubles()
    {
        States<MirrState> states = States.of(MirrState.class);
        Random random = new Random(15);
        double[] extremes = {Double.MAX_VALUE, -Double.MAX_VALUE, 1e300, -1e-300, 1e-307, -1e308, 1, -100};
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            double finance = random.nextInt(4) == 0 ? -0.9 : random.nextDouble() * 3;
            double reinvest = random.nextInt(4) == 0 ? 138 : random.nextDouble();
            int count = 2 + random.nextInt(6);
            double[] amounts = random.ints(count, 0, extremes.length).mapToDouble(index -> extremes[index]).toArray();
            long[] periods = random.longs(count, -500, 500).toArray();
            long first = Arrays.stream(periods).min().orElseThrow();
            long last = Arrays.stream(periods).max().orElseThrow();
            double paid = Double.NEGATIVE_INFINITY;
            double received = Double.NEGATIVE_INFINITY;
            for (int flow = 0; flow < count; flow++) {
                if (amounts[flow] < 0) {
                    paid = logarithmOfSum(paid, Math.log(-amounts[flow]) - (periods[flow] - first) * Math.log1p(finance));
                }
                else {
                    received = logarithmOfSum(received, Math.log(amounts[flow]) + (last - periods[flow]) * Math.log1p(reinvest));
                }
            }
            double expected = Math.expm1((received - paid) / (last - first));
            Double actual = merged(states, random, count, (state, flow) -> MirrAggregation.input(state, amounts[flow], periods[flow], finance, reinvest), MirrAggregation::combine, MirrAggregation::output);
            if (Double.isInfinite(paid) || Double.isInfinite(received) || first == last || Double.isInfinite(expected)) {
                assertThat(actual).isNull();
            }
            else {
                found++;
                assertThat(actual).isCloseTo(expected, within(1e-10 * (1 + Math.abs(expected))));
            }
        }
        assertThat(found).isGreaterThan(10_000);
    }

    private static double logarithmOfSum(double first, double second)
    {
        double greater = Math.max(first, second);
        return greater + Math.log1p(Math.exp(Math.min(first, second) - greater));
    }

    @Test
    void testAggregatesAreArrayFunctionsOfGroups()
    {
        String flows =
                """
                SELECT n % 700 AS account, n / 700 AS period, IF(n < 700, -1000e0, (n * 7919) % 200 + 10e0) AS amount, date_add('day', (n * 31) % 1999, DATE '2020-01-01') AS paid_on
                FROM UNNEST(sequence(0, 7699)) AS t (n)
                """;
        String ordered = "array_agg(amount ORDER BY period)";
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT npv(0.07, amount, period) AS npv, array_npv(0.07, %1$s) * 1.07 AS npv_of_array,
                        irr(amount, period) AS irr, array_irr(%1$s) AS irr_of_array,
                        mirr(amount, period, 0.1, 0.05) AS mirr, array_mirr(%1$s, 0.1, 0.05) AS mirr_of_array,
                        xnpv(0.07, amount, paid_on) AS xnpv, array_xnpv(0.07, array_agg(amount), array_agg(paid_on)) AS xnpv_of_array
                    FROM (%2$s) GROUP BY account)
                WHERE abs(npv - npv_of_array) < 1e-6 AND irr = irr_of_array AND abs(mirr - mirr_of_array) < 1e-12 AND abs(xnpv - xnpv_of_array) < 1e-6
                """.formatted(ordered, flows)))
                .isEqualTo(700L);
    }

    @Test
    void testWindows()
    {
        // a running frame of 100,000 rows
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT npv(0e0, CAST(n AS double), n) OVER (ORDER BY n) AS running, n FROM (SELECT a * 1000 + b AS n FROM UNNEST(sequence(0, 99)) AS s (a), UNNEST(sequence(1, 1000)) AS t (b)))
                WHERE running = n * (n + 1e0) / 2
                """))
                .isEqualTo(100_000L);
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT irr(IF(n = 0, -1e5, 2e0), n) OVER () AS rate FROM (SELECT a * 1000 + b - 1 AS n FROM UNNEST(sequence(0, 99)) AS s (a), UNNEST(sequence(1, 1000)) AS t (b)))
                WHERE rate BETWEEN 1.593e-5 AND 1.594e-5
                """))
                .isEqualTo(100_000L);
    }

    @Test
    void testGroupsWithoutAResultAreNull()
    {
        assertThat(functions.query("SELECT irr(amount, period) FROM (VALUES (1, 0), (2, 1)) AS t (amount, period)")).isNull();
        assertThat(functions.query("SELECT npv(0.1, amount, period) FROM (VALUES (1e308, -9000), (-1e308, -9000)) AS t (amount, period)")).isNull();
        assertThat(functions.query("SELECT mirr(amount, 0, 0.1, 0.1) FROM (VALUES -1, 1) AS t (amount)")).isNull();
        assertThat(functions.query("SELECT npv(0.1, amount, 1) FROM (VALUES CAST(NULL AS double)) AS t (amount)")).isNull();
    }

    @Test
    void testErrors()
    {
        functions.assertQueryError("SELECT npv(-1, 1, 1)", INVALID_FUNCTION_ARGUMENT, "npv: rate is -1.0; accepted is a finite number above -1");
        functions.assertQueryError("SELECT npv(rate, 1, 1) FROM (VALUES 0.1e0, 0.2e0) AS t (rate)", INVALID_FUNCTION_ARGUMENT, "npv: rate is 0.1 in one row and 0.2 in another");
        functions.assertQueryError("SELECT xnpv(0.1, infinity(), DATE '2025-01-01')", INVALID_FUNCTION_ARGUMENT, "xnpv: an amount is Infinity");
        functions.assertQueryError("SELECT irr(1, 3000000000)", INVALID_FUNCTION_ARGUMENT, "irr: a period is 3000000000");
        functions.assertQueryError("SELECT mirr(1, 1, 0.1, nan())", INVALID_FUNCTION_ARGUMENT, "mirr: reinvest_rate is NaN");
        functions.assertError("array_npv(0.1, ARRAY[1e308, 1e308, 1e308])", NUMERIC_VALUE_OUT_OF_RANGE, "array_npv: the result is too large");
        functions.assertError("array_mirr(ARRAY[1, 2], 0.1, 0.1)", INVALID_FUNCTION_ARGUMENT, "array_mirr: there is no modified rate of return");
    }

    private static <S extends AccumulatorState> Double merged(
            States<S> states,
            Random random,
            int count,
            FlowInput<S> input,
            BiConsumer<S, S> combine,
            BiConsumer<S, BlockBuilder> output)
    {
        AccumulatorStateFactory<S> factory = states.factory();
        AccumulatorStateSerializer<S> serializer = states.serializer();
        int parts = 1 + random.nextInt(3);
        S merged = factory.createSingleState();
        for (int part = 0; part < parts; part++) {
            S state = factory.createSingleState();
            for (int flow = part; flow < count; flow += parts) {
                input.accept(state, flow);
            }
            BlockBuilder serialized = serializer.getSerializedType().createBlockBuilder(null, 1);
            serializer.serialize(state, serialized);
            S other = factory.createSingleState();
            serializer.deserialize(serialized.build(), 0, other);
            combine.accept(merged, other);
        }
        BlockBuilder result = DOUBLE.createBlockBuilder(null, 1);
        output.accept(merged, result);
        Block block = result.build();
        return block.isNull(0) ? null : DOUBLE.getDouble(block, 0);
    }

    private record States<S extends AccumulatorState>(AccumulatorStateFactory<S> factory, AccumulatorStateSerializer<S> serializer)
    {
        static <S extends AccumulatorState> States<S> of(Class<S> type)
        {
            return new States<>(StateCompiler.generateStateFactory(type), StateCompiler.generateStateSerializer(type));
        }
    }

    private interface FlowInput<S>
    {
        void accept(S state, int flow);
    }
}
