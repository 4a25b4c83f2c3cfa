package io.nostro.functions.bonds;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.outOfRange;
import static io.nostro.functions.bonds.CouponBond.PAR;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.RowType.anonymousRow;

/**
 * What bonds of fixed coupons pay and have accrued, per 100 of face value.
 */
@Errors(
        invalidArgument = "a date is out of order, first_coupon is not a coupon date, the first period is longer than 36,525 days, more than 10,000 coupons are left, the day count or the frequency is not known, or a number is not as accepted",
        outOfRange = "a result is too large for a double")
public final class BondCashFlowFunctions
{
    private static final RowType CASH_FLOW = anonymousRow(DATE, DOUBLE, DOUBLE, DOUBLE);
    // a regular coupon is the same by every day count
    private static final Slice ANY_DAY_COUNT = utf8Slice("Act/Act ICMA");

    private BondCashFlowFunctions() {}

    @ScalarFunction("bond_accrued")
    @Description("The interest accrued since the last coupon, per 100 of face value, of a bond with regular coupon periods; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction")
    @Source("ICMA Rule 251; 2006 ISDA Definitions, section 4.16 (Day Count Fraction)")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "bond_accrued(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 2, '30/360 ISDA')", result = "1.4375")
    @Example(sql = "round(bond_accrued(DATE '1985-11-29', DATE '1995-11-15', 0.095, 2, 'Act/Act ICMA'), 6)", result = "0.367403")
    @Example(sql = "bond_accrued(DATE '2025-05-15', DATE '2035-05-15', 0.04, 2, 'Act/Act ICMA')", result = "0.0")
    @Example(sql = "TRY(bond_accrued(DATE '2035-05-15', DATE '2035-05-15', 0.04, 2, 'Act/Act ICMA'))", result = "null")
    public static double bondAccrued(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount)
    {
        return finite("bond_accrued", CouponBond.regular("bond_accrued", settlement, maturity, couponRate, frequency, dayCount, PAR).accrued());
    }

    @ScalarFunction("bond_accrued")
    @Description("The interest accrued since the last coupon or the issue, per 100 of face value, of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_accrued(DATE '1985-11-04', DATE '2005-08-15', 0.1075, 2, 'Act/Act ICMA', DATE '1985-07-02', DATE '1986-02-15'), 6)", result = "3.672798")
    @Example(sql = "bond_accrued(DATE '2025-03-01', DATE '2035-05-15', 0.04, 2, '30E/360', DATE '2025-03-01', DATE '2025-11-15')", result = "0.0")
    public static double bondAccrued(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        return finite("bond_accrued", CouponBond.withFirstPeriod("bond_accrued", settlement, maturity, couponRate, frequency, dayCount, PAR, issue, firstCoupon).accrued());
    }

    @ScalarFunction("bond_cash_flows")
    @Description("The payments after settlement, per 100 of face value, of a bond with regular coupon periods, redeemed at 100, as rows of payment_date (not adjusted to business days), coupon, redemption and amount")
    @Source("Microsoft Excel, functions PRICE and ODDFPRICE, whose payments they are")
    @Argument(name = "day_count", meaning = "the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360, …; gives the first coupon, which without it is regular")
    @SqlType("array(row(\"payment_date\" date,\"coupon\" double,\"redemption\" double,\"amount\" double))")
    @Example(sql = "bond_cash_flows(DATE '2025-07-01', DATE '2026-06-30', 0.05, 2)", result = "[{\"payment_date\":\"2025-12-31\",\"coupon\":2.5,\"redemption\":0.0,\"amount\":2.5},{\"payment_date\":\"2026-06-30\",\"coupon\":2.5,\"redemption\":100.0,\"amount\":102.5}]")
    @Example(sql = "SELECT sum(amount) FROM UNNEST(bond_cash_flows(DATE '2025-05-15', DATE '2035-05-15', 0.04, 2))", result = "140.0")
    @Example(sql = "TRY(bond_cash_flows(DATE '2025-07-01', DATE '2026-06-30', 0.05, 5))", result = "null")
    public static Block bondCashFlows(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.BIGINT) long frequency)
    {
        return cashFlows(CouponBond.regular("bond_cash_flows", settlement, maturity, couponRate, frequency, ANY_DAY_COUNT, PAR));
    }

    @ScalarFunction("bond_cash_flows")
    @Description("The payments after settlement, per 100 of face value, of a bond whose first period, from issue to first_coupon, may be short or long, with a coupon by day_count as in day_count_fraction; redeemed at a price per 100")
    @LiteralParameters("x")
    @SqlType("array(row(\"payment_date\" date,\"coupon\" double,\"redemption\" double,\"amount\" double))")
    @Example(sql = "bond_cash_flows(DATE '2025-03-15', DATE '2026-05-15', 0.04, 1, '30E/360', 101, DATE '2025-02-15', DATE '2025-05-15')", result = "[{\"payment_date\":\"2025-05-15\",\"coupon\":1.0,\"redemption\":0.0,\"amount\":1.0},{\"payment_date\":\"2026-05-15\",\"coupon\":4.0,\"redemption\":101.0,\"amount\":105.0}]")
    @Example(sql = "cardinality(bond_cash_flows(DATE '1985-11-04', DATE '2005-08-15', 0.1075, 2, 'Act/Act ICMA', 100, DATE '1985-07-02', DATE '1986-02-15'))", result = "40")
    public static Block bondCashFlows(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType(StandardTypes.DOUBLE) double redemption,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        return cashFlows(CouponBond.withFirstPeriod("bond_cash_flows", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon));
    }

    private static Block cashFlows(CouponBond bond)
    {
        RowBlockBuilder rows = CASH_FLOW.createBlockBuilder(null, bond.payments());
        for (int left = bond.payments() - 1; left >= 0; left--) {
            long date = bond.schedule().date(left).toEpochDay();
            double coupon = finite("bond_cash_flows", left == bond.payments() - 1 ? bond.firstCoupon() : bond.coupon());
            double redemption = left == 0 ? bond.redemption() : 0;
            double amount = finite("bond_cash_flows", coupon + redemption);
            rows.buildEntry(fields -> {
                DATE.writeLong(fields.get(0), date);
                DOUBLE.writeDouble(fields.get(1), coupon);
                DOUBLE.writeDouble(fields.get(2), redemption);
                DOUBLE.writeDouble(fields.get(3), amount);
            });
        }
        return rows.build();
    }

    private static double finite(String function, double value)
    {
        if (!Double.isFinite(value)) {
            throw outOfRange("%s: the result is too large", function);
        }
        return value;
    }
}
