package io.nostro.functions.bonds;

import io.airlift.slice.Slice;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.LocalDate;
import java.util.List;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestBonds
{
    private static final Slice ICMA_DAYS = utf8Slice("Act/Act ICMA");
    private static final Slice STREET = utf8Slice("street");
    private static final Slice ICMA = utf8Slice("icma");
    private static final Slice TREASURY = utf8Slice("us treasury");
    private static final long[] FREQUENCIES = {1, 2, 3, 4, 6, 12};
    private static final String REGULAR = "DATE '2025-07-01', DATE '2035-02-15', 0.026, %s, 2, 'Act/Act ICMA', 'street'";

    private final FunctionTesting functions;

    TestBonds(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        String[] regular = {"DATE '2025-07-01'", "DATE '2035-02-15'", "0.026", "0.03", "2", "'Act/Act ICMA'", "'street'"};
        String[] redeemed = {"DATE '2025-07-01'", "DATE '2035-02-15'", "0.026", "0.03", "2", "'Act/Act ICMA'", "'street'", "100"};
        String[] odd = {"DATE '2025-07-01'", "DATE '2035-02-15'", "0.026", "0.03", "2", "'Act/Act ICMA'", "'street'", "100", "DATE '2025-06-01'", "DATE '2025-08-15'"};
        for (String function : List.of("bond_price", "bond_clean_price", "bond_yield", "bond_duration", "bond_modified_duration", "bond_convexity")) {
            functions.assertNullForEachNullArgument(function, regular);
            functions.assertNullForEachNullArgument(function, redeemed);
            functions.assertNullForEachNullArgument(function, odd);
        }
        functions.assertNullForEachNullArgument("bond_accrued", "DATE '2025-07-01'", "DATE '2035-02-15'", "0.026", "2", "'Act/Act ICMA'");
        functions.assertNullForEachNullArgument("bond_accrued", "DATE '2025-07-01'", "DATE '2035-02-15'", "0.026", "2", "'Act/Act ICMA'", "DATE '2025-06-01'", "DATE '2025-08-15'");
        functions.assertValue("bond_cash_flows(DATE '2025-07-01', nullif(DATE '2035-02-15', DATE '2035-02-15'), 0.026, 2)[1].amount", null);
        functions.assertNullForEachNullArgument("tbill_price", "DATE '2025-07-01'", "DATE '2025-10-01'", "0.04");
        functions.assertNullForEachNullArgument("tbill_yield", "DATE '2025-07-01'", "DATE '2025-10-01'", "99");
    }

    @Test
    void testExcelDocumentation()
    {
        // Microsoft's pages of PRICE, YIELD, DURATION, MDURATION, ODDFPRICE and ODDFYIELD
        assertClose("bond_clean_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'street')", 94.63436162, 5e-9);
        assertClose("bond_yield(DATE '2008-02-15', DATE '2016-11-15', 0.0575, 95.04287, 2, '30/360 ISDA', 'street')", 0.065, 5e-7);
        assertClose("bond_duration(DATE '2018-07-01', DATE '2048-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street')", 10.9191453, 5e-8);
        assertClose("bond_modified_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street')", 5.73567, 5e-6);
        assertClose("bond_clean_price(DATE '2008-11-11', DATE '2021-03-01', 0.0785, 0.0625, 2, 'Act/Act ICMA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01')", 113.597717, 5e-7);
        assertClose("bond_yield(DATE '2008-11-11', DATE '2021-03-01', 0.0575, 84.50, 2, '30/360 ISDA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01')", 0.077245542, 5e-10);
        // the same bond by PRICE's other bases, to the digits that UniOffice's tests give
        String bond = "bond_clean_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 0.065, 2, '%s', 'street')";
        assertClose(bond.formatted("Act/Act ICMA"), 94.6354492078, 1e-10);
        assertClose(bond.formatted("Act/360"), 94.6024171768, 1e-10);
        assertClose(bond.formatted("Act/365F"), 94.6435945482, 1e-10);
        assertClose(bond.formatted("30E/360"), 94.6343616213, 1e-10);
    }

    @Test
    void testUnitedStatesTreasury()
    {
        // 31 CFR Part 356, Appendix B, II, examples A to G
        assertTreasury("1990-05-15", "2020-05-15", 0.0875, 0.0884, "1990-05-15", "1990-11-15", 99.057893, 0);
        assertTreasury("1990-04-02", "1992-03-31", 0.085, 0.0859, "1990-04-02", "1990-09-30", 99.838183, 0);
        assertTreasury("1990-03-01", "1995-05-15", 0.085, 0.0853, "1990-03-01", "1990-11-15", 99.805118, 0);
        assertTreasury("1985-11-29", "1995-11-15", 0.095, 0.0954, "1985-11-15", "1986-05-15", 99.730918, 0.367403);
        assertTreasury("1985-11-04", "2005-08-15", 0.1075, 0.1047, "1985-07-02", "1986-02-15", 102.214586, 3.672798);
        assertTreasury("1983-08-15", "1991-05-15", 0.105, 0.1053, "1983-05-16", "1983-11-15", 99.777074, 2.596467);
        assertTreasury("1988-11-15", "1994-12-15", 0.0975, 0.0979, "1988-10-15", "1989-06-15", 99.738045, 0.825820);
        // section I, D, 2: 36.727983109 for 1,000
        assertClose("10 * bond_accrued(DATE '1985-11-04', DATE '2005-08-15', 0.1075, 2, 'Act/Act ICMA', DATE '1985-07-02', DATE '1986-02-15')", 36.727983109, 5e-8);
    }

    private void assertTreasury(String settlement, String maturity, double couponRate, double yield, String issue, String firstCoupon, double cleanPrice, double accrued)
    {
        long settles = LocalDate.parse(settlement).toEpochDay();
        long matures = LocalDate.parse(maturity).toEpochDay();
        long issued = LocalDate.parse(issue).toEpochDay();
        long first = LocalDate.parse(firstCoupon).toEpochDay();
        assertThat(BondPriceFunctions.bondCleanPrice(settles, matures, couponRate, yield, 2, ICMA_DAYS, TREASURY, 100, issued, first)).as(settlement).isCloseTo(cleanPrice, within(6e-7));
        assertThat(BondCashFlowFunctions.bondAccrued(settles, matures, couponRate, 2, ICMA_DAYS, issued, first)).as(settlement).isCloseTo(accrued, within(6e-7));
        assertThat(BondPriceFunctions.bondYield(settles, matures, couponRate, cleanPrice, 2, ICMA_DAYS, TREASURY, 100, issued, first)).as(settlement).isCloseTo(yield, within(1e-7));
    }

    @Test
    void testConventions()
    {
        // at a coupon date they agree
        long coupon = day("2025-02-15");
        long maturity = day("2035-02-15");
        double price = BondPriceFunctions.bondPrice(coupon, maturity, 0.03, 0.04, 2, ICMA_DAYS, STREET);
        assertThat(BondPriceFunctions.bondPrice(coupon, maturity, 0.03, 0.04, 2, ICMA_DAYS, ICMA)).isEqualTo(price);
        assertThat(BondPriceFunctions.bondPrice(coupon, maturity, 0.03, 0.04, 2, ICMA_DAYS, TREASURY)).isCloseTo(price, within(1e-12));
        // within a period simple interest is more than compound
        long settlement = day("2025-05-15");
        double street = BondPriceFunctions.bondPrice(settlement, maturity, 0.03, 0.04, 2, ICMA_DAYS, STREET);
        assertThat(BondPriceFunctions.bondPrice(settlement, maturity, 0.03, 0.04, 2, ICMA_DAYS, ICMA)).isEqualTo(street);
        assertThat(BondPriceFunctions.bondPrice(settlement, maturity, 0.03, 0.04, 2, ICMA_DAYS, TREASURY)).isLessThan(street - 1e-3);
        // in the final period the street's is the Treasury's
        long last = day("2034-12-01");
        double share = (day("2035-02-15") - last) / (double) (day("2035-02-15") - day("2034-08-15"));
        double simple = 101.5 / (1 + 0.02 * share);
        assertThat(BondPriceFunctions.bondPrice(last, maturity, 0.03, 0.04, 2, ICMA_DAYS, STREET)).isCloseTo(simple, within(1e-12));
        assertThat(BondPriceFunctions.bondPrice(last, maturity, 0.03, 0.04, 2, ICMA_DAYS, TREASURY)).isCloseTo(simple, within(1e-12));
        assertThat(BondPriceFunctions.bondPrice(last, maturity, 0.03, 0.04, 2, ICMA_DAYS, ICMA)).isCloseTo(101.5 / Math.pow(1.02, share), within(1e-12));
        functions.assertValue("bond_price(%1$s) = bond_price(%2$s) AND bond_price(%1$s) = bond_price(%3$s)".formatted(
                REGULAR.formatted("0.03").replace("street", "US_Treasury"),
                REGULAR.formatted("0.03").replace("street", " us treasury"),
                REGULAR.formatted("0.03").replace("street", "US TREASURY")), "true");
    }

    @Test
    void testYieldGivesBackWhatPriceCameFrom()
    {
        Random random = new Random(356);
        int solved = 0;
        for (int i = 0; i < 20_000; i++) {
            long settlement = day("2020-01-01") + random.nextInt(3_000);
            long maturity = settlement + 1 + random.nextInt(random.nextBoolean() ? 400 : 15_000);
            double couponRate = random.nextInt(4) == 0 ? 0 : random.nextInt(1_500) / 10_000.0;
            long frequency = FREQUENCIES[random.nextInt(FREQUENCIES.length)];
            Slice dayCount = List.of(ICMA_DAYS, utf8Slice("30/360 ISDA"), utf8Slice("Act/365F"), utf8Slice("Act/360")).get(random.nextInt(4));
            Slice convention = List.of(STREET, ICMA, TREASURY).get(random.nextInt(3));
            double redemption = random.nextInt(3) == 0 ? 95 + random.nextInt(20) : 100;
            double yield = -0.03 + random.nextDouble() * 0.3;
            double clean = BondPriceFunctions.bondCleanPrice(settlement, maturity, couponRate, yield, frequency, dayCount, convention, redemption);
            double duration = BondSensitivityFunctions.bondModifiedDuration(settlement, maturity, couponRate, yield, frequency, dayCount, convention, redemption);
            if (duration < 0.001) {
                continue;
            }
            solved++;
            assertThat(BondPriceFunctions.bondYield(settlement, maturity, couponRate, clean, frequency, dayCount, convention, redemption))
                    .as("%s %s %s %s %s %s %s", LocalDate.ofEpochDay(settlement), LocalDate.ofEpochDay(maturity), couponRate, frequency, dayCount.toStringUtf8(), convention.toStringUtf8(), yield)
                    .isCloseTo(yield, within(1e-11 + 1e-13 / duration));
        }
        assertThat(solved).isGreaterThan(19_000);
    }

    @Test
    void testDerivativesOfThePrice()
    {
        Random random = new Random(357);
        for (int i = 0; i < 20_000; i++) {
            long settlement = day("2020-01-01") + random.nextInt(3_000);
            long maturity = settlement + 100 + random.nextInt(10_000);
            long frequency = FREQUENCIES[random.nextInt(FREQUENCIES.length)];
            Slice convention = List.of(STREET, ICMA, TREASURY).get(random.nextInt(3));
            double couponRate = random.nextDouble() * 0.1;
            double yield = -0.02 + random.nextDouble() * 0.2;
            double step = 1e-4;
            double price = BondPriceFunctions.bondPrice(settlement, maturity, couponRate, yield, frequency, ICMA_DAYS, convention);
            double up = BondPriceFunctions.bondPrice(settlement, maturity, couponRate, yield + step, frequency, ICMA_DAYS, convention);
            double down = BondPriceFunctions.bondPrice(settlement, maturity, couponRate, yield - step, frequency, ICMA_DAYS, convention);
            double duration = BondSensitivityFunctions.bondModifiedDuration(settlement, maturity, couponRate, yield, frequency, ICMA_DAYS, convention);
            double convexity = BondSensitivityFunctions.bondConvexity(settlement, maturity, couponRate, yield, frequency, ICMA_DAYS, convention);
            assertThat(duration).isCloseTo((down - up) / (2 * step * price), within(1e-4 * duration));
            assertThat(convexity).isCloseTo((up + down - 2 * price) / (step * step * price), within(1e-4 * convexity + 1e-5));
            if (!convention.equals(TREASURY) && maturity - settlement > 400) {
                double macaulay = BondSensitivityFunctions.bondDuration(settlement, maturity, couponRate, yield, frequency, ICMA_DAYS, convention);
                assertThat(macaulay).isCloseTo(duration * (1 + yield / frequency), within(1e-12 * macaulay));
            }
        }
    }

    @Test
    void testCashFlowsAreWhatThePriceDiscounts()
    {
        functions.assertValue(
                "abs((SELECT sum(amount / power(1.015e0, row_number - 1 + 45e0 / 181)) FROM (SELECT amount, row_number() OVER (ORDER BY payment_date) AS row_number FROM UNNEST(bond_cash_flows(DATE '2025-07-01', DATE '2035-02-15', 0.026, 2)) AS t (payment_date, coupon, redemption, amount)))"
                        + " - bond_price(%s)) < 1e-11".formatted(REGULAR.formatted("0.03")),
                "true");
        // a short first coupon by Act/Act ICMA: 75 of the 181 days of its half-year
        assertClose("bond_cash_flows(DATE '2025-06-01', DATE '2035-02-15', 0.026, 2, 'Act/Act ICMA', 100, DATE '2025-06-01', DATE '2025-08-15')[1].coupon", 1.3 * 75 / 181, 1e-15);
        // and a long one: 14 of 184 days more
        assertClose("bond_cash_flows(DATE '2025-03-01', DATE '2035-02-15', 0.026, 2, 'Act/Act ICMA', 100, DATE '2025-02-01', DATE '2025-08-15')[1].coupon", 1.3 * (1 + 14.0 / 184), 1e-15);
        functions.assertValue("cardinality(bond_cash_flows(DATE '2025-03-01', DATE '2035-02-15', 0.026, 12))", "120");
        functions.assertValue("typeof(bond_cash_flows(DATE '2025-03-01', DATE '2035-02-15', 0.026, 12))", "array(row(payment_date date, coupon double, redemption double, amount double))");
    }

    @Test
    void testMonthsEnds()
    {
        // a month's end at maturity is one at every coupon, unless the first coupon says that it isn't
        functions.assertValue("bond_cash_flows(DATE '2024-02-01', DATE '2025-08-31', 0.04, 2)[1].payment_date", "2024-02-29");
        functions.assertValue("bond_cash_flows(DATE '2025-07-01', DATE '2026-06-30', 0.04, 2)[1].payment_date", "2025-12-31");
        functions.assertValue("bond_cash_flows(DATE '2025-07-01', DATE '2027-06-30', 0.04, 2, '30E/360', 100, DATE '2025-06-30', DATE '2025-12-30')[3].payment_date", "2026-12-30");
        functions.assertValue("bond_cash_flows(DATE '2025-07-01', DATE '2027-06-30', 0.04, 2, '30E/360', 100, DATE '2025-06-30', DATE '2025-12-31')[3].payment_date", "2026-12-31");
        functions.assertValue("bond_accrued(DATE '2024-02-29', DATE '2025-08-31', 0.04, 2, 'Act/Act ICMA')", "0E0");
        assertClose("bond_accrued(DATE '2024-02-28', DATE '2025-08-31', 0.04, 2, 'Act/Act ICMA')", 2 * 181.0 / 182, 1e-15);
    }

    @Test
    void testLongBonds()
    {
        functions.assertValue("bond_price(DATE '2019-12-08', DATE '3019-12-09', 0.0225, 0.0225, 1, 'Act/Act ICMA', 'icma') BETWEEN 102.2 AND 102.3", "true");
        assertClose("bond_yield(DATE '2019-12-09', DATE '3019-12-09', 0.0225, 100, 1, 'Act/Act ICMA', 'icma')", 0.0225, 1e-13);
        functions.assertError("bond_price(DATE '2019-12-08', DATE '3019-12-09', 0.0225, 0.0225, 12, 'Act/Act ICMA', 'icma')", INVALID_FUNCTION_ARGUMENT, "more than 10000 coupons are left");
    }

    @Test
    void testTreasuryBills()
    {
        // Microsoft's pages of TBILLPRICE and TBILLYIELD; 31 CFR Part 356, Appendix B, VI, A
        assertClose("tbill_price(DATE '2008-03-31', DATE '2008-06-01', 0.09)", 98.45, 1e-12);
        assertClose("tbill_yield(DATE '2008-03-31', DATE '2008-06-01', 98.45)", 0.09141696, 5e-9);
        assertClose("tbill_price(DATE '1990-01-04', DATE '1990-04-04', 0.0761)", 98.0975, 1e-12);
        functions.assertError("tbill_price(DATE '2008-06-01', DATE '2008-06-01', 0.09)", INVALID_FUNCTION_ARGUMENT, "tbill_price: settlement is not before maturity");
        functions.assertError("tbill_yield(DATE '2008-06-01', DATE '2009-06-02', 98)", INVALID_FUNCTION_ARGUMENT, "maturity is more than a year after settlement");
        functions.assertError("tbill_price(DATE '2008-03-31', DATE '2008-06-01', 6)", INVALID_FUNCTION_ARGUMENT, "discount_rate is 6.0; accepted is a finite rate");
        functions.assertError("tbill_yield(DATE '2008-03-31', DATE '2008-06-01', -1)", INVALID_FUNCTION_ARGUMENT, "price is -1.0; accepted is a finite price above zero");
    }

    @Test
    void testErrors()
    {
        functions.assertError("bond_price(DATE '2035-02-15', DATE '2035-02-15', 0.026, 0.03, 2, 'Act/Act ICMA', 'street')", INVALID_FUNCTION_ARGUMENT, "bond_price: settlement is not before maturity");
        functions.assertError("bond_price(DATE '2025-02-15', DATE '2035-02-15', -0.026, 0.03, 2, 'Act/Act ICMA', 'street')", INVALID_FUNCTION_ARGUMENT, "coupon_rate is -0.026; accepted is a finite rate of zero and above");
        functions.assertError("bond_price(%s)".formatted(REGULAR.formatted("-2")), INVALID_FUNCTION_ARGUMENT, "yield is -2.0; accepted is a finite yield");
        functions.assertError("bond_price(%s)".formatted(REGULAR.formatted("0.03").replace(" 2,", " 5,")), INVALID_FUNCTION_ARGUMENT, "frequency is 5; accepted are 1, 2, 3, 4, 6 and 12");
        functions.assertError("bond_price(%s)".formatted(REGULAR.formatted("0.03").replace("street", "wall street")), INVALID_FUNCTION_ARGUMENT, "not a yield convention: 'wall street'; accepted are street, icma and us treasury");
        functions.assertError("bond_price(%s)".formatted(REGULAR.formatted("0.03").replace("ICMA", "IMCA")), INVALID_FUNCTION_ARGUMENT, "not a day count convention in a coupon period: 'Act/Act IMCA'");
        functions.assertError("bond_price(%s, 0)".formatted(REGULAR.formatted("0.03")), INVALID_FUNCTION_ARGUMENT, "redemption is 0.0; accepted is a finite amount above zero");
        functions.assertError("bond_yield(%s)".formatted(REGULAR.formatted("-5")), INVALID_FUNCTION_ARGUMENT, "clean_price is -5.0; accepted is a finite price that is above zero with accrued interest");
        functions.assertError("bond_price(%s)".formatted(REGULAR.formatted("-1.99").replace("2035", "3035")), NUMERIC_VALUE_OUT_OF_RANGE, "bond_price: the result is too large");
        functions.assertError("bond_price(%s, 100, DATE '2025-07-02', DATE '2025-08-15')".formatted(REGULAR.formatted("0.03")), INVALID_FUNCTION_ARGUMENT, "the dates are out of order; accepted are issue <= settlement");
        functions.assertError("bond_price(%s, 100, DATE '2025-06-02', DATE '2025-08-14')".formatted(REGULAR.formatted("0.03")), INVALID_FUNCTION_ARGUMENT, "first_coupon is not a coupon date");
        functions.assertError("bond_price(%s, 100, DATE '1825-06-02', DATE '2025-08-15')".formatted(REGULAR.formatted("0.03")), INVALID_FUNCTION_ARGUMENT, "the first period is longer than 36525 days");
    }

    @Test
    void testAnyPriceHasAYieldOrAnError()
    {
        Random random = new Random(358);
        int solved = 0;
        for (int i = 0; i < 5_000; i++) {
            double price = Math.exp(random.nextDouble() * 60 - 30);
            long maturity = day("2025-02-15") + 1 + random.nextInt(20_000);
            try {
                double yield = BondPriceFunctions.bondYield(day("2025-02-15"), maturity, random.nextInt(2) * 0.05, price, 2, ICMA_DAYS, List.of(STREET, ICMA, TREASURY).get(random.nextInt(3)));
                assertThat(yield).isFinite();
                solved++;
            }
            catch (TrinoException e) {
                assertThat(e.getErrorCode()).isIn(INVALID_FUNCTION_ARGUMENT.toErrorCode(), NUMERIC_VALUE_OUT_OF_RANGE.toErrorCode());
            }
        }
        assertThat(solved).isGreaterThan(4_000);
    }

    private void assertClose(String expression, double expected, double tolerance)
    {
        assertThat((Double) functions.query("SELECT " + expression)).as(expression).isCloseTo(expected, within(tolerance));
    }

    private static long day(String date)
    {
        return LocalDate.parse(date).toEpochDay();
    }
}
