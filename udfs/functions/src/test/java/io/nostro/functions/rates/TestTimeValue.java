package io.nostro.functions.rates;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Against the account itself, period by period in decimals of 50 digits, and Excel's and Regulation Z's published examples.
 */
@ExtendWith(Engine.class)
final class TestTimeValue
{
    private static final MathContext PRECISION = new MathContext(50);

    private final FunctionTesting functions;

    TestTimeValue(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        for (String function : new String[] {"pv", "fv", "pmt"}) {
            functions.assertNullForEachNullArgument(function, "0.05", "10", "100", "-20", "0");
        }
        functions.assertNullForEachNullArgument("nper", "0.05", "-10", "100", "-20", "0");
        functions.assertNullForEachNullArgument("rate", "10", "-110", "1000", "0", "1");
        functions.assertNullForEachNullArgument("ipmt", "0.05", "1", "10", "1000", "0", "0");
        functions.assertNullForEachNullArgument("ppmt", "0.05", "1", "10", "1000", "0", "0");
        functions.assertNullForEachNullArgument("effective_rate", "0.05", "4");
        functions.assertNullForEachNullArgument("nominal_rate", "0.05", "4");
        functions.assertNullForEachNullArgument("convert_rate", "0.05", "'annual'", "'monthly'");
        functions.assertNullForEachNullArgument("discount_factor", "0.05", "1", "'annual'");
        functions.assertNullForEachNullArgument("apr", "5000", "230", "24", "12", "1");
    }

    @Test
    void testAgainstTheAccount()
    {
        Random random = new Random(1494);
        for (int i = 0; i < 10_000; i++) {
            double rate = switch (random.nextInt(4)) {
                case 0 -> 0;
                case 1 -> random.nextDouble() * 1e-9;
                case 2 -> random.nextDouble() * 0.3 - 0.1;
                default -> random.nextDouble() * 0.02;
            };
            int periods = 1 + random.nextInt(60);
            double presentValue = random.nextInt(1_000_000) / 100.0;
            double futureValue = random.nextInt(3) == 0 ? random.nextInt(100_000) / 100.0 : 0;
            long type = random.nextInt(2);
            String described = "rate %s, %s periods, pv %s, fv %s, type %s".formatted(rate, periods, presentValue, futureValue, type);
            double scale = 1 + presentValue + futureValue;

            double payment = TimeValueFunctions.pmt(rate, periods, presentValue, futureValue, type);
            assertThat(left(rate, periods, payment, presentValue, type) + futureValue).as(described).isCloseTo(0, within(scale * 1e-9));

            double otherPayment = -random.nextInt(100_000) / 100.0;
            double grown = TimeValueFunctions.fv(rate, periods, otherPayment, presentValue, type);
            assertThat(grown).as(described).isCloseTo(-left(rate, periods, otherPayment, presentValue, type), within(1e-11 * (scale - otherPayment * periods) * Math.max(1, Math.pow(1 + rate, periods))));
            assertThat(TimeValueFunctions.pv(rate, periods, otherPayment, grown, type)).as(described).isCloseTo(presentValue, within(1e-9 * (scale - otherPayment * periods) * Math.max(1, Math.pow(1 + rate, -periods))));
            if (otherPayment < 0 && presentValue * rate + otherPayment < -1) {
                assertThat(TimeValueFunctions.nper(rate, otherPayment, presentValue, grown, type)).as(described).isCloseTo(periods, within(1e-5));
            }

            int period = 1 + random.nextInt(periods);
            double before = left(rate, period - 1, payment, presentValue, type);
            double interest = type == 0 ? -before * rate : period == 1 ? 0 : -left(rate, period - 2, payment, presentValue, 1, payment) * rate;
            assertThat(TimeValueFunctions.ipmt(rate, period, periods, presentValue, futureValue, type)).as(described).isCloseTo(interest, within(scale * 1e-9));
            assertThat(TimeValueFunctions.ppmt(rate, period, periods, presentValue, futureValue, type)).as(described).isCloseTo(payment - interest, within(scale * 1e-9));

            // with a final amount received there may be two rates, or one at which the balance only touches zero
            if (presentValue > 1 && futureValue == 0 && rate > -0.05) {
                double found = TimeValueFunctions.rate(periods, payment, presentValue, futureValue, type);
                assertThat(left(found, periods, payment, presentValue, type) + futureValue)
                        .as(described + " found " + found)
                        .isCloseTo(0, within(scale * 1e-8 * Math.max(1, Math.pow(1 + found, periods))));
            }
        }
    }

    @Test
    void testTwoRatesNearEachOther()
    {
        // (g - 1.03) (g - 1.035) = 0 for the growth g of a period
        assertThat(TimeValueFunctions.rate(2, -2.065, 1, 3.13105)).isCloseTo(0.035, within(1e-9));
    }

    @Test
    void testRegulationZ()
    {
        // 12 CFR 1026, Appendix J, (c)(1): single advance, regular payments
        assertThat(RateFunctions.apr(5000, 230, 24, 12)).isCloseTo(0.0969, within(0.00005));
        assertThat(RateFunctions.apr(6000, 200, 36, 12, 1 + 19.0 / 30)).isCloseTo(0.1182, within(0.00005));
        assertThat(RateFunctions.apr(5000, 219.17, 24, 24, 6.0 / 15)).isCloseTo(0.1034, within(0.00005));
        assertThat(RateFunctions.apr(10_000, 385, 40, 4, 1 + 39.0 / 90)).isCloseTo(0.0897, within(0.00005));
        assertThat(RateFunctions.apr(500, 17.60, 30, 52, 4 + 4.0 / 7)).isCloseTo(0.1496, within(0.00005));
    }

    @Test
    void testAprRepaysTheLoan()
    {
        Random random = new Random(226);
        for (int i = 0; i < 10_000; i++) {
            int payments = 1 + random.nextInt(360);
            double amount = 100 + random.nextInt(1_000_000);
            double payment = amount / payments * (0.8 + random.nextDouble() * 2);
            double first = random.nextInt(3) + random.nextDouble();
            double rate = RateFunctions.apr(amount, payment, payments, 12, first) / 12;
            double worth = 0;
            for (int k = 0; k < payments; k++) {
                worth += payment * Math.pow(1 + rate, -Math.floor(first) - k) / (1 + (first - Math.floor(first)) * rate);
            }
            assertThat(worth).isCloseTo(amount, within(amount * 1e-8));
        }
    }

    @Test
    void testConversionsThereAndBack()
    {
        String[] names = {"annual", "semiannual", "quarterly", "monthly", "weekly", "daily", "continuous"};
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            double rate = random.nextDouble() * 0.5 - 0.2;
            String from = names[random.nextInt(names.length)];
            String to = names[random.nextInt(names.length)];
            double converted = RateFunctions.convertRate(rate, utf8Slice(from), utf8Slice(to));
            assertThat(RateFunctions.convertRate(converted, utf8Slice(to), utf8Slice(from))).isCloseTo(rate, within(1e-14));
            double years = random.nextDouble() * 30;
            assertThat(RateFunctions.discountFactor(converted, years, utf8Slice(to))).isCloseTo(RateFunctions.discountFactor(rate, years, utf8Slice(from)), within(1e-9));
            double effective = RateFunctions.effectiveRate(rate, 12);
            assertThat(effective).isCloseTo(Math.pow(1 + rate / 12, 12) - 1, within(1e-14));
            assertThat(RateFunctions.nominalRate(effective, 12)).isCloseTo(rate, within(1e-14));
        }
    }

    @Test
    void testErrors()
    {
        functions.assertError("pmt(-1, 10, 100)", INVALID_FUNCTION_ARGUMENT, "pmt: rate is -1.0; accepted is a finite number above -1");
        functions.assertError("pmt(0.05, 0, 100)", DIVISION_BY_ZERO, "pmt: nper is zero");
        functions.assertError("pmt(0.05, 10, infinity())", INVALID_FUNCTION_ARGUMENT, "pmt: pv is Infinity");
        functions.assertError("pmt(0.05, 10, 100, 0, 2)", INVALID_FUNCTION_ARGUMENT, "pmt: type is 2; accepted are 0");
        functions.assertError("pv(0.05, nan(), 100)", INVALID_FUNCTION_ARGUMENT, "pv: nper is NaN");
        functions.assertError("fv(1, 1e6, 100)", NUMERIC_VALUE_OUT_OF_RANGE, "fv: the result is too large");
        functions.assertError("ipmt(0.05, 11, 10, 100)", INVALID_FUNCTION_ARGUMENT, "ipmt: per is 11; accepted are 1 to nper");
        functions.assertError("nper(0, 0, 100)", DIVISION_BY_ZERO, "nper: rate and pmt are zero");
        functions.assertError("nper(0.1, -5, 100)", INVALID_FUNCTION_ARGUMENT, "nper: no number of periods");
        functions.assertError("rate(10, 100, 1000)", INVALID_FUNCTION_ARGUMENT, "rate: there is no rate");
        functions.assertError("effective_rate(0.05, 0)", INVALID_FUNCTION_ARGUMENT, "effective_rate: periods_per_year is 0");
        functions.assertError("discount_factor(-3, 1)", INVALID_FUNCTION_ARGUMENT, "discount_factor: rate is -3.0");
        functions.assertError("convert_rate(0.05, 'yearly', 'annual')", INVALID_FUNCTION_ARGUMENT, "not a compounding: 'yearly'");
        functions.assertError("apr(5000, 230, 0, 12)", INVALID_FUNCTION_ARGUMENT, "apr: payments is 0");
    }

    /**
     * What is in the account after a number of periods.
     */
    private static double left(double rate, int periods, double payment, double presentValue, long type)
    {
        return left(rate, periods, payment, presentValue, type, 0);
    }

    private static double left(double rate, int periods, double payment, double presentValue, long type, double paidLast)
    {
        BigDecimal growth = BigDecimal.ONE.add(new BigDecimal(rate));
        BigDecimal each = new BigDecimal(payment);
        BigDecimal balance = new BigDecimal(presentValue);
        for (int period = 0; period < periods; period++) {
            if (type == 1) {
                balance = balance.add(each).multiply(growth, PRECISION);
            }
            else {
                balance = balance.multiply(growth, PRECISION).add(each);
            }
        }
        return balance.add(new BigDecimal(paidLast)).doubleValue();
    }
}
