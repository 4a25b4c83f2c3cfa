package io.nostro.functions.risk;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestTimeSeries
{
    private record Observation(long time, long sequence, double value) {}

    private final FunctionTesting functions;

    TestTimeSeries(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testMaxDrawdownInAnyOrderAndPartition()
    {
        Random random = new Random(1929);
        for (int i = 0; i < 10_000; i++) {
            List<Observation> prices = observations(random, 1);
            double expected = 0;
            for (int later = 0; later < prices.size(); later++) {
                for (int earlier = 0; earlier < later; earlier++) {
                    expected = Math.max(expected, 1 - prices.get(later).value() / prices.get(earlier).value());
                }
            }
            assertThat(measured(Measure.MAX_DRAWDOWN, 0, prices, random)).isCloseTo(expected, within(1e-14));
        }
    }

    @Test
    void testEwmaVolatilityInAnyOrderAndPartition()
    {
        Random random = new Random(1996);
        for (int i = 0; i < 10_000; i++) {
            List<Observation> returns = observations(random, -50);
            double lambda = 0.5 + random.nextDouble() / 2.1;
            // the weighted sum that the recursion is, written out
            int last = returns.size() - 1;
            double variance = Math.pow(lambda, last) * Math.pow(returns.getFirst().value(), 2);
            for (int index = 1; index <= last; index++) {
                variance += (1 - lambda) * Math.pow(lambda, last - index) * Math.pow(returns.get(index).value(), 2);
            }
            double expected = Math.sqrt(variance);
            assertThat(measured(Measure.EWMA_VOLATILITY, lambda, returns, random)).isCloseTo(expected, within(1e-11 * (1 + expected)));
        }
    }

    @Test
    void testExpectedShortfall()
    {
        Random random = new Random(2002);
        for (int i = 0; i < 10_000; i++) {
            int count = 1 + random.nextInt(60);
            int percent = 1 + random.nextInt(99);
            double[] values = random.doubles(count, -100, 100).toArray();
            ProfitsAndLosses first = new ProfitsAndLosses("test", percent / 100.0);
            ProfitsAndLosses second = new ProfitsAndLosses("test", percent / 100.0);
            List<Double> hundredfold = new ArrayList<>();
            for (double value : values) {
                if (random.nextBoolean()) {
                    first.add("test", value, percent / 100.0);
                    // asking for a result changes nothing
                    first.expectedShortfall();
                }
                else {
                    second.add("test", value, percent / 100.0);
                }
                hundredfold.addAll(Collections.nCopies(100, value));
            }
            ProfitsAndLosses merged = ProfitsAndLosses.deserialize(second.serialize());
            merged.addAll("test", first.copy());
            // of every scenario a hundred times, the tail is a whole number
            Collections.sort(hundredfold);
            double expected = -hundredfold.subList(0, count * (100 - percent)).stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            assertThat(merged.expectedShortfall()).isCloseTo(expected, within(1e-10));
            assertThat(merged.expectedShortfall()).isGreaterThanOrEqualTo(merged.valueAtRisk() - 1e-10);
        }
    }

    @Test
    void testExpectedShortfallOfTheLargestLosses()
    {
        for (int count = 1; count < 100; count++) {
            ProfitsAndLosses values = new ProfitsAndLosses("test", 0.3);
            for (int i = 0; i < count; i++) {
                values.add("test", -Double.MAX_VALUE, 0.3);
            }
            assertThat(values.expectedShortfall()).isEqualTo(Double.MAX_VALUE, within(1e294));
        }
    }

    @Test
    void testGroupsAndWindows()
    {
        String days = "(SELECT n, date_add('day', n, DATE '2000-01-01') AS day, 100 + (n * 7919e0) % 101 AS price FROM (SELECT a * 1000 + b AS n FROM UNNEST(sequence(0, 99)) AS s (a), UNNEST(sequence(1, 1000)) AS t (b)))";
        // a running frame of 100,000 rows
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT max_drawdown(price, day) OVER (ORDER BY day) AS drawdown,
                        lag(n) OVER (ORDER BY day) AS earlier,
                        max_drawdown(price, day) OVER (ORDER BY day ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS sliding
                    FROM %s)
                WHERE drawdown BETWEEN 0 AND 0.5 AND sliding <= drawdown
                """.formatted(days)))
                .isEqualTo(100_000L);
        // the whole partition at every row, in no order
        assertThat(functions.query("SELECT count(*) FROM (SELECT ewma_volatility(price, 0.94, day, n) OVER () AS volatility FROM %s) WHERE volatility > 100".formatted(days)))
                .isEqualTo(100_000L);
        assertThat(functions.query("SELECT count(DISTINCT risk) FROM (SELECT expected_shortfall(price, 0.99) OVER () AS risk FROM %s)".formatted(days)))
                .isEqualTo(1L);
        assertThat(functions.query("SELECT count(*) FROM (SELECT n %% 1000 AS g, max_drawdown(price, day) AS drawdown FROM %s GROUP BY n %% 1000) WHERE drawdown > 0".formatted(days)))
                .isEqualTo(1_000L);
    }

    @Test
    void testNullsAndErrors()
    {
        assertThat(functions.query("SELECT max_drawdown(price, day) FROM (VALUES (CAST(NULL AS double), DATE '2025-01-01'), (1, NULL)) AS t (price, day)")).isNull();
        assertThat(functions.query("SELECT expected_shortfall(pnl, 0.99) FROM (VALUES CAST(NULL AS double)) AS t (pnl)")).isNull();
        assertThat(functions.query("SELECT ewma_volatility(r, 0.94, day) FROM (VALUES (1e200, DATE '2025-01-01')) AS t (r, day)")).isNull();
        functions.assertQueryError("SELECT max_drawdown(-1, DATE '2025-01-01')", INVALID_FUNCTION_ARGUMENT, "max_drawdown: a value is -1.0; accepted are finite numbers of zero and above");
        functions.assertQueryError("SELECT ewma_volatility(0.1, 1, DATE '2025-01-01')", INVALID_FUNCTION_ARGUMENT, "ewma_volatility: lambda is 1.0; accepted is a number between 0 and 1");
        functions.assertQueryError("SELECT ewma_volatility(nan(), 0.5, DATE '2025-01-01')", INVALID_FUNCTION_ARGUMENT, "ewma_volatility: a return is NaN");
        functions.assertQueryError("SELECT ewma_volatility(0.1, l, DATE '2025-01-01') FROM (VALUES 0.5e0, 0.6e0) AS t (l)", INVALID_FUNCTION_ARGUMENT, "lambda is 0.5 in one row and 0.6 in another");
        functions.assertQueryError("SELECT expected_shortfall(1, 1)", INVALID_FUNCTION_ARGUMENT, "expected_shortfall: confidence is 1.0");
    }

    private static double measured(Measure measure, double parameter, List<Observation> ordered, Random random)
    {
        List<Observation> observations = new ArrayList<>(ordered);
        if (random.nextInt(3) > 0) {
            Collections.shuffle(observations, random);
        }
        TimeSeries merged = new TimeSeries(measure, parameter);
        TimeSeries part = new TimeSeries(measure, parameter);
        for (Observation observation : observations) {
            part.add(observation.time(), observation.sequence(), observation.value());
            if (random.nextInt(8) == 0) {
                // asking for a result changes nothing
                part.result();
                merged.addAll(TimeSeries.deserialize(part.copy().serialize()));
                part = new TimeSeries(measure, parameter);
            }
        }
        merged.addAll(part);
        double result = merged.result();
        assertThat(merged.result()).isEqualTo(result);
        assertThat(merged.retainedSizeInBytes()).isGreaterThan(24L * ordered.size());
        return result;
    }

    private static List<Observation> observations(Random random, double smallest)
    {
        List<Observation> observations = new ArrayList<>();
        long time = random.nextInt(1_000);
        long sequence = 0;
        int count = 1 + random.nextInt(25);
        for (int i = 0; i < count; i++) {
            if (random.nextBoolean()) {
                time += 1 + random.nextInt(100);
                sequence = random.nextInt(5);
            }
            else {
                sequence++;
            }
            observations.add(new Observation(time, sequence, smallest + random.nextDouble() * 100));
        }
        return observations;
    }
}
