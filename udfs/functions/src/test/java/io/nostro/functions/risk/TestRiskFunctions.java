package io.nostro.functions.risk;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestRiskFunctions
{
    private static final String FINRA_4210 = "0.25, 0.30, 5.00, 5.00, 1.00, 2.50";
    private static final String REGULATION_T = "0.5, 0.5, 0, 0, 0, 0";

    private final FunctionTesting functions;

    TestRiskFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testMarginRequirement()
    {
        functions.assertNullForEachNullArgument("margin_requirement", "DECIMAL '1'", "DECIMAL '40.00'", "0.25e0", "0.3e0", "5.00", "5.00", "1e0", "2.50");
        assertMargin("100", "40.00", REGULATION_T, "2000.00");
        assertMargin("-100", "40.00", REGULATION_T, "2000.00");
        assertMargin("100", "40.00", FINRA_4210, "1000.00");
        // short: the greater of 30 % and $5.00 a share, from $5.00; the greater of 100 % and $2.50 a share under it
        assertMargin("-100", "40.00", FINRA_4210, "1200.00");
        assertMargin("-100", "16.66", FINRA_4210, "500.00");
        assertMargin("-100", "16.67", FINRA_4210, "500.10");
        assertMargin("-100", "5.00", FINRA_4210, "500.00");
        assertMargin("-100", "4.99", FINRA_4210, "499.00");
        assertMargin("-100", "2.00", FINRA_4210, "250.00");
        assertMargin("-100", "0.00", FINRA_4210, "250.00");
        assertMargin("0", "40.00", FINRA_4210, "0.00");
    }

    @Test
    void testMarginIsRoundedOnce()
    {
        // 0.0625 * 0.25 * 2 is 0.03125; half a cent goes up
        assertMargin("2", "0.0625", FINRA_4210, "0.03");
        assertMargin("1", "0.02", FINRA_4210, "0.01");
        functions.assertValue("margin_requirement(CAST('0.3333' AS decimal(38, 10)), CAST('33.333333' AS decimal(38, 6)), 0.25, 0.3, 5, 5, 1, 2.5)", "2.78");
    }

    @Test
    void testMarginErrors()
    {
        functions.assertError("margin_requirement(1, -1, %s)".formatted(REGULATION_T), INVALID_FUNCTION_ARGUMENT, "price is negative; accepted is zero and above");
        functions.assertError("margin_requirement(1, 1, -0.5, 0.5, 0, 0, 0, 0)", INVALID_FUNCTION_ARGUMENT, "long_rate is -0.5; accepted is a finite number of zero and above");
        functions.assertError("margin_requirement(-1, 1, 0.5, nan(), 0, 0, 0, 0)", INVALID_FUNCTION_ARGUMENT, "short_rate is NaN");
        functions.assertError("margin_requirement(CAST('%s' AS decimal(38, 0)), 100, %s)".formatted("9".repeat(38), REGULATION_T), NUMERIC_VALUE_OUT_OF_RANGE, "does not fit in 38 digits");
    }

    @Test
    void testValueAtRisk()
    {
        Random random = new Random(99);
        for (int i = 0; i < 300; i++) {
            int count = 1 + random.nextInt(1_000);
            int percent = 1 + random.nextInt(99);
            double[] values = random.doubles(count, -1, 1).toArray();
            ProfitsAndLosses[] parts = {new ProfitsAndLosses("test", percent / 100.0), new ProfitsAndLosses("test", percent / 100.0)};
            for (double value : values) {
                parts[random.nextInt(2)].add("test", value, percent / 100.0);
            }
            ProfitsAndLosses merged = ProfitsAndLosses.deserialize(parts[0].serialize());
            merged.addAll("test", parts[1].copy());
            double risk = merged.valueAtRisk();

            // the definition: the smallest loss that is enough in that share of the scenarios, counted in whole numbers
            long enough = Arrays.stream(values).filter(value -> -value <= risk).count();
            long enoughWithLess = Arrays.stream(values).filter(value -> -value < risk).count();
            assertThat(enough * 100).isGreaterThanOrEqualTo((long) count * percent);
            assertThat(enoughWithLess * 100).isLessThanOrEqualTo((long) count * percent);
        }
    }

    @Test
    void testValueAtRiskOfRanksThatBinaryFractionsMiss()
    {
        String scenarios = "(SELECT CAST(n AS double) AS pnl FROM UNNEST(sequence(1, 100)) AS t (n))";
        assertThat(functions.query("SELECT value_at_risk(pnl, 0.95) FROM " + scenarios)).isEqualTo(-5.0);
        assertThat(functions.query("SELECT value_at_risk(pnl, 0.9) FROM " + scenarios)).isEqualTo(-10.0);
        assertThat(functions.query("SELECT value_at_risk(pnl, 0.99) FROM " + scenarios)).isEqualTo(-1.0);
        assertThat(functions.query("SELECT value_at_risk(pnl, 0.999) FROM " + scenarios)).isEqualTo(-1.0);
        assertThat(functions.query("SELECT value_at_risk(pnl, CAST(NULL AS double)) FROM " + scenarios)).isNull();
    }

    @Test
    void testValueAtRiskErrors()
    {
        for (String confidence : new String[] {"0", "1", "99", "nan()"}) {
            functions.assertQueryError("SELECT value_at_risk(pnl, %s) FROM (VALUES 1e0) AS t (pnl)".formatted(confidence), INVALID_FUNCTION_ARGUMENT, "accepted is a number between 0 and 1");
        }
        functions.assertQueryError("SELECT value_at_risk(pnl, c) FROM (VALUES (1e0, 0.9), (2e0, 0.95)) AS t (pnl, c)", INVALID_FUNCTION_ARGUMENT, "accepted is one number for all rows of a group");
        functions.assertQueryError("SELECT value_at_risk(pnl, 0.9) FROM (VALUES nan()) AS t (pnl)", INVALID_FUNCTION_ARGUMENT, "a profit or loss is NaN");
    }

    private void assertMargin(String quantity, String price, String rule, String expected)
    {
        functions.assertValue("margin_requirement(DECIMAL '%s', DECIMAL '%s', %s)".formatted(quantity, price, rule), expected);
        functions.assertValue("margin_requirement(CAST(%s AS decimal(38, 4)), CAST(%s AS decimal(38, 6)), %s)".formatted(quantity, price, rule), expected);
    }
}
