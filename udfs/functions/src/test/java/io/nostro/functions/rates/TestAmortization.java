package io.nostro.functions.rates;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.block.Block;
import io.trino.spi.block.SqlRow;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.RowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.RowType.anonymousRow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestAmortization
{
    private static final DecimalType AMOUNT = createDecimalType(38, 2);
    private static final RowType ROW = anonymousRow(BIGINT, AMOUNT, AMOUNT, AMOUNT, AMOUNT);

    private final FunctionTesting functions;

    TestAmortization(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testEveryRowAddsUp()
    {
        Random random = new Random(360);
        String[] methods = {"annuity", "linear", "bullet"};
        int rows = 0;
        for (int i = 0; i < 600; i++) {
            BigDecimal loan = new BigDecimal(BigInteger.valueOf(random.nextLong(1_000_000_000_000L)), 2);
            if (random.nextInt(5) == 0) {
                loan = loan.negate();
            }
            BigDecimal rate = BigDecimal.valueOf(random.nextInt(2_000), 4);
            int periods = 1 + random.nextInt(400);
            int perYear = new int[] {1, 2, 4, 12, 52}[random.nextInt(5)];
            String method = methods[random.nextInt(3)];
            Block schedule = AmortizationFunctions.amortizationSchedule(2, Int128.valueOf(loan.unscaledValue()), rate.doubleValue(), periods, perYear, utf8Slice(method));
            assertThat(schedule.getPositionCount()).isEqualTo(periods);
            BigDecimal balance = loan;
            BigDecimal sum = BigDecimal.ZERO;
            for (int row = 0; row < periods; row++) {
                SqlRow fields = ROW.getObject(schedule, row);
                assertThat(BIGINT.getLong(fields.getRawFieldBlock(0), fields.getRawIndex())).isEqualTo(row + 1);
                BigDecimal interest = balance.multiply(rate).divide(BigDecimal.valueOf(perYear), 2, RoundingMode.HALF_EVEN);
                assertThat(amount(fields, 2)).isEqualByComparingTo(interest);
                assertThat(amount(fields, 1)).isEqualByComparingTo(interest.add(amount(fields, 3)));
                balance = balance.subtract(amount(fields, 3));
                assertThat(amount(fields, 4)).isEqualByComparingTo(balance);
                sum = sum.add(amount(fields, 3));
                rows++;
            }
            assertThat(sum).isEqualByComparingTo(loan);
            if (method.equals("annuity") && rate.signum() > 0 && loan.abs().compareTo(BigDecimal.valueOf(1_000)) > 0) {
                double exact = -TimeValueFunctions.pmt(rate.doubleValue() / perYear, periods, loan.doubleValue());
                assertThat(amount(ROW.getObject(schedule, 0), 1).doubleValue()).isCloseTo(exact, within(0.0051));
            }
        }
        assertThat(rows).isGreaterThan(50_000);
    }

    @Test
    void testTypesAndUnnest()
    {
        for (String principal : new String[] {"DECIMAL '1000.00'", "CAST(1000 AS decimal(38, 2))", "CAST(1000 AS decimal(18, 2))"}) {
            assertThat(functions.query("SELECT sum(principal) FROM UNNEST(amortization_schedule(%s, 0.05, 7, 12, 'annuity')) AS t (period, payment, interest, principal, balance)".formatted(principal)))
                    .isEqualTo(new BigDecimal("1000.00"));
        }
        assertThat(functions.query("SELECT count(*) FROM UNNEST(amortization_schedule(1000, 0.05, 12, 12, 'linear')) AS t (period, payment, interest, principal, balance) WHERE typeof(payment) = 'decimal(38,0)'"))
                .isEqualTo(12L);
        functions.assertValue("amortization_schedule(nullif(1.00, 1.00), 0.05, 12, 12, 'linear')[1].period", null);
    }

    @Test
    void testTinyRates()
    {
        functions.assertValue("amortization_schedule(1000.00, 4e-179, 3, 12, 'annuity')[1][2]", "333.33");
        functions.assertValue("amortization_schedule(1000.00, 1e-30, 3, 12, 'annuity')[3][2]", "333.34");
    }

    @Test
    void testInterestOfHalfACentIsRoundedToEven()
    {
        // a twelfth of 0.05 has no end
        functions.assertValue("amortization_schedule(1.20, 0.05, 2, 12, 'bullet')[1][3]", "0.00");
        functions.assertValue("amortization_schedule(3.60, 0.05, 2, 12, 'linear')[1][3]", "0.02");
    }

    @Test
    void testErrors()
    {
        functions.assertError("cardinality(amortization_schedule(1000.00, 0.05, 10001, 12, 'annuity'))", INVALID_FUNCTION_ARGUMENT, "periods is 10001; accepted are 1 to 10000");
        functions.assertError("cardinality(amortization_schedule(1000.00, -0.05, 10, 12, 'annuity'))", INVALID_FUNCTION_ARGUMENT, "annual_rate is -0.05");
        functions.assertError("cardinality(amortization_schedule(1000.00, 0.05, 10, 0, 'annuity'))", INVALID_FUNCTION_ARGUMENT, "periods_per_year is 0");
        functions.assertError("cardinality(amortization_schedule(1000.00, 0.05, 10, 12, 'french'))", INVALID_FUNCTION_ARGUMENT, "not a method: 'french'; accepted are annuity, linear and bullet");
        functions.assertError("cardinality(amortization_schedule(DECIMAL '99999999999999999999999999999999999999', 100, 2, 1, 'bullet'))", NUMERIC_VALUE_OUT_OF_RANGE, "the result does not fit in 38 digits");
    }

    private static BigDecimal amount(SqlRow row, int field)
    {
        return new BigDecimal(((Int128) AMOUNT.getObject(row.getRawFieldBlock(field), row.getRawIndex())).toBigInteger(), 2);
    }
}
