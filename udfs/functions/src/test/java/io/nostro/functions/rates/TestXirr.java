package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.GroupedAccumulatorState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestXirr
{
    private record Flow(double amount, long date) {}

    private final FunctionTesting functions;

    TestXirr(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("array_xirr", "ARRAY[-100, 110]", "ARRAY[DATE '2024-01-01', DATE '2025-01-01']");
        functions.assertValue("array_xirr(ARRAY[], ARRAY[])", null);
        functions.assertValue("array_xirr(ARRAY[-100, NULL, 110, 5], ARRAY[DATE '2024-01-01', DATE '2024-06-01', DATE '2024-12-31', NULL]) BETWEEN 0.0999999999 AND 0.1000000001", "true");
        assertThat(functions.query("SELECT xirr(amount, date) FROM (VALUES (CAST(NULL AS double), DATE '2024-01-01'), (1, NULL)) AS t (amount, date)")).isNull();
    }

    @Test
    void testErrors()
    {
        functions.assertError("array_xirr(ARRAY[1, 2], ARRAY[DATE '2024-01-01', DATE '2025-01-01'])", INVALID_FUNCTION_ARGUMENT, "accepted are cash flows of which at least one date's are negative");
        functions.assertError("array_xirr(ARRAY[-1, 2], ARRAY[DATE '2024-01-01', DATE '2024-01-01'])", INVALID_FUNCTION_ARGUMENT, "there is no rate of return");
        functions.assertError("array_xirr(ARRAY[-1, 2], ARRAY[DATE '2024-01-01'])", INVALID_FUNCTION_ARGUMENT, "2 amounts and 1 dates");
        functions.assertError("array_xirr(ARRAY[-1, infinity()], ARRAY[DATE '2024-01-01', DATE '2025-01-01'])", INVALID_FUNCTION_ARGUMENT, "an amount is Infinity");
        // worth more than nothing at every rate
        functions.assertError("array_xirr(ARRAY[100, -100, 100], ARRAY[DATE '2024-01-01', DATE '2025-01-01', DATE '2026-01-01'])", INVALID_FUNCTION_ARGUMENT, "at which these cash flows are worth nothing");
        functions.assertQueryError("SELECT xirr(amount, date) FROM (VALUES (nan(), DATE '2024-01-01')) AS t (amount, date)", INVALID_FUNCTION_ARGUMENT, "xirr: an amount is NaN");
    }

    @Test
    void testGroupsWithoutARateAreNull()
    {
        assertThat(functions.query("SELECT xirr(amount, date) FROM (VALUES (1, DATE '2024-01-01')) AS t (amount, date)")).isNull();
        assertThat(functions.query("SELECT xirr(amount, date) FROM (VALUES (100, DATE '2024-01-01'), (-100, DATE '2025-01-01'), (100, DATE '2026-01-01')) AS t (amount, date)")).isNull();
    }

    @Test
    void testRateThatMadeTheFlowsIsFound()
    {
        Random random = new Random(365);
        for (int i = 0; i < 20_000; i++) {
            double rate = switch (random.nextInt(4)) {
                case 0 -> random.nextDouble() * 0.2;
                case 1 -> random.nextDouble() * 20;
                case 2 -> -random.nextDouble() * 0.95;
                default -> random.nextDouble() - 0.5;
            };
            List<Flow> flows = flowsOf(rate, random);
            assertThat(rate(flows)).as("%s", flows).isCloseTo(rate, within(1e-7 * Math.max(1, Math.abs(rate))));
        }
    }

    @Test
    void testExtremeRates()
    {
        long start = LocalDate.of(2024, 1, 1).toEpochDay();
        assertThat(rate(List.of(new Flow(-100, start), new Flow(101, start + 1)))).isCloseTo(Math.pow(1.01, 365) - 1, within(1e-9));
        assertThat(rate(List.of(new Flow(-100, start), new Flow(200, start + 1)))).isCloseTo(Math.pow(2, 365) - 1, within(Math.pow(2, 365) * 1e-9));
        assertThat(rate(List.of(new Flow(-100, start), new Flow(1e-6, start + 365)))).isCloseTo(-1 + 1e-8, within(1e-15));
        assertThat(rate(List.of(new Flow(-100, start), new Flow(100, start + 36_500)))).isCloseTo(0, within(1e-12));
        assertThat(rate(List.of(new Flow(1e300, start), new Flow(-1.1e300, start + 365)))).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void testOrderDoesNotMatter()
    {
        Random random = new Random(8);
        for (int i = 0; i < 500; i++) {
            List<Flow> flows = new ArrayList<>(flowsOf(0.07, random));
            flows.addAll(flowsOf(0.07, random));
            double expected = rate(flows);
            Collections.shuffle(flows, random);
            assertThat(rate(flows)).isEqualTo(expected);
        }
    }

    @Test
    void testPartialStatesMerge()
    {
        Random random = new Random(9);
        CashFlowStateFactory factory = new CashFlowStateFactory();
        CashFlowStateSerializer serializer = new CashFlowStateSerializer();
        for (int i = 0; i < 200; i++) {
            List<Flow> flows = flowsOf(0.12, random);
            int parts = 1 + random.nextInt(5);
            CashFlowState merged = factory.createGroupedState();
            ((GroupedAccumulatorState) merged).ensureCapacity(300);
            ((GroupedAccumulatorState) merged).setGroupId(random.nextInt(300));
            long emptySize = merged.getEstimatedSize();
            for (int part = 0; part < parts; part++) {
                CashFlowState state = factory.createSingleState();
                for (int index = part; index < flows.size(); index += parts) {
                    XirrAggregation.input(state, flows.get(index).amount(), flows.get(index).date());
                }
                BlockBuilder serialized = VARBINARY.createBlockBuilder(null, 1);
                serializer.serialize(state, serialized);
                Block block = serialized.build();
                if (block.isNull(0)) {
                    continue;
                }
                CashFlowState other = factory.createSingleState();
                serializer.deserialize(block, 0, other);
                XirrAggregation.combine(merged, other);
            }
            BlockBuilder result = DOUBLE.createBlockBuilder(null, 1);
            XirrAggregation.output(merged, result);
            assertThat(DOUBLE.getDouble(result.build(), 0)).isEqualTo(rate(flows));
            assertThat(merged.getEstimatedSize()).isGreaterThanOrEqualTo(emptySize + 12L * flows.size());
        }
    }

    @Test
    void testSerializedStateRoundTrips()
    {
        CashFlows flows = new CashFlows();
        for (int i = 0; i < 100; i++) {
            flows.add("test", i - 0.5, -i);
        }
        Slice serialized = flows.serialize();
        assertThat(CashFlows.deserialize(serialized).serialize()).isEqualTo(serialized);
        assertThat(flows.copy().serialize()).isEqualTo(serialized);
    }

    @Test
    void testAggregateOfGroupsIsArrayFunctionOfGroups()
    {
        String flows =
                """
                SELECT n % 700 AS account, IF(n < 700, -1000, (n * 7919) % 200 + 10) AS amount, date_add('day', IF(n < 700, 0, n % 1999 + 1), DATE '2020-01-01') AS paid_on
                FROM UNNEST(sequence(0, 7699)) AS t (n)
                """;
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT account, xirr(amount, paid_on) AS aggregated,
                        array_xirr(array_agg(amount ORDER BY paid_on DESC, amount), array_agg(paid_on ORDER BY paid_on DESC, amount)) AS ordered
                    FROM (%s) GROUP BY account)
                WHERE aggregated = ordered AND aggregated IS NOT NULL
                """.formatted(flows)))
                .isEqualTo(700L);
        assertThat(functions.query("SELECT count(DISTINCT rate) FROM (SELECT xirr(amount, paid_on) OVER (PARTITION BY account) AS rate, account FROM (%s))".formatted(flows)))
                .isEqualTo(functions.query("SELECT count(DISTINCT rate) FROM (SELECT xirr(amount, paid_on) AS rate, account FROM (%s) GROUP BY account)".formatted(flows)));
    }

    private static double rate(List<Flow> flows)
    {
        CashFlows gathered = new CashFlows();
        flows.forEach(flow -> gathered.add("test", flow.amount(), flow.date()));
        return InternalRateOfReturn.solve("test", gathered, InternalRateOfReturn.DAYS_OF_YEAR);
    }

    private static List<Flow> flowsOf(double rate, Random random)
    {
        long start = LocalDate.of(2010, 1, 1).toEpochDay();
        List<Flow> flows = new ArrayList<>();
        double worth = 0;
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            long days = 30L + random.nextInt(1_500);
            double amount = 10 + random.nextInt(1_000);
            flows.add(new Flow(amount, start + days));
            worth += amount * Math.pow(1 + rate, -days / 365.0);
        }
        flows.add(new Flow(-worth, start));
        return flows;
    }
}
