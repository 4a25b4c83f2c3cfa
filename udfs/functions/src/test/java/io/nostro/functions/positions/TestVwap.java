package io.nostro.functions.positions;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.type.Int128;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestVwap
{
    private final FunctionTesting functions;

    TestVwap(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testAgainstBigDecimalInAnyPartition()
    {
        Random random = new Random(38);
        for (int digits : new int[] {4, 17, 19, 37}) {
            for (int i = 0; i < 300; i++) {
                BigInteger notional = BigInteger.ZERO;
                BigInteger total = BigInteger.ONE;
                TradedVolume[] parts = {new TradedVolume(), new TradedVolume(), new TradedVolume()};
                parts[0].add(0, 0, 0, 1);
                for (int row = 0; row < 50; row++) {
                    BigInteger price = randomUnscaled(random, digits);
                    BigInteger quantity = randomUnscaled(random, digits).abs();
                    notional = notional.add(price.multiply(quantity));
                    total = total.add(quantity);
                    add(parts[random.nextInt(3)], Int128.valueOf(price), Int128.valueOf(quantity));
                }
                TradedVolume merged = new TradedVolume();
                for (TradedVolume part : parts) {
                    merged.addAll(TradedVolume.deserialize(part.copy().serialize()));
                }
                assertThat(merged.averagePrice().toBigInteger())
                        .isEqualTo(new BigDecimal(notional).divide(new BigDecimal(total), 0, RoundingMode.HALF_UP).toBigInteger());
            }
        }
    }

    @Test
    void testTypesAndGroups()
    {
        for (String price : new String[] {"DECIMAL '10.00'", "CAST(10 AS decimal(38, 2))"}) {
            for (String quantity : new String[] {"DECIMAL '3'", "CAST(3 AS decimal(30, 5))", "BIGINT '3'"}) {
                assertThat(functions.query("SELECT typeof(price) || CAST(price AS varchar) FROM (SELECT vwap(price, quantity) AS price FROM (VALUES (%s, %s)) AS t (price, quantity))".formatted(price, quantity)))
                        .isEqualTo("decimal(38,2)10.00");
            }
        }
        assertThat(functions.query(
                """
                SELECT count(*) FROM (
                    SELECT n %% 1000 AS instrument, vwap(CAST(n AS decimal(18, 6)), CAST(n %% 7 + 1 AS decimal(18, 4))) AS actual,
                        CAST(sum(CAST(n AS decimal(18, 6)) * CAST(n %% 7 + 1 AS decimal(18, 4))) / sum(CAST(n %% 7 + 1 AS decimal(18, 4))) AS decimal(38, 6)) AS expected
                    FROM UNNEST(sequence(1, 9999)) AS t (n) GROUP BY n %% 1000)
                WHERE abs(actual - expected) <= DECIMAL '0.000001'
                """.formatted()))
                .isEqualTo(1000L);
    }

    @Test
    void testNullsAndErrors()
    {
        assertThat(functions.query("SELECT vwap(price, quantity) FROM (VALUES (CAST(NULL AS decimal(5, 2)), 1), (1.00, NULL)) AS t (price, quantity)")).isNull();
        functions.assertQueryError("SELECT vwap(price, quantity) FROM (VALUES (1.00, 0)) AS t (price, quantity)", DIVISION_BY_ZERO, "vwap: the quantities sum to zero");
        functions.assertQueryError("SELECT vwap(price, quantity) FROM (VALUES (1.00, -1)) AS t (price, quantity)", INVALID_FUNCTION_ARGUMENT, "vwap: a quantity is negative");
    }

    private static void add(TradedVolume volume, Int128 price, Int128 quantity)
    {
        volume.add(price.getHigh(), price.getLow(), quantity.getHigh(), quantity.getLow());
    }

    private static BigInteger randomUnscaled(Random random, int digits)
    {
        BigInteger value = new BigInteger(digits * 3, random);
        return random.nextBoolean() ? value.negate() : value;
    }
}
