package io.nostro.functions.bonds;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.bonds.CouponBond.PAR;

/**
 * How prices of bonds of fixed coupons react to their yield.
 *
 * <p>The modified duration and the convexity are the derivatives of {@code bond_price}, by its yield convention.
 */
public final class BondSensitivityFunctions
{
    private BondSensitivityFunctions() {}

    @ScalarFunction("bond_duration")
    @Description("The Macaulay duration in years (Excel's DURATION): the payments' average time, weighted by what they are worth, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("F. R. Macaulay, Some Theoretical Problems Suggested by the Movements of Interest Rates, Bond Yields and Stock Prices in the United States since 1856 (1938); Microsoft Excel, function DURATION")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_duration(DATE '2018-07-01', DATE '2048-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street'), 7)", result = "10.9191453")
    @Example(sql = "bond_duration(DATE '2025-05-15', DATE '2035-05-15', 0, 0.04, 2, 'Act/Act ICMA', 'icma')", result = "10.0")
    @Example(sql = "TRY(bond_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, nan(), 2, 'Act/Act ICMA', 'street'))", result = "null")
    public static double bondDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondDuration(settlement, maturity, couponRate, yield, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_duration")
    @Description("The Macaulay duration in years of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street', 100), 6)", result = "5.993775")
    @Example(sql = "bond_duration(DATE '2025-07-01', DATE '2030-07-01', 0, 0.1, 1, 'Act/Act ICMA', 'icma', 110)", result = "5.0")
    public static double bondDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_duration", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.duration("bond_duration", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_duration")
    @Description("The Macaulay duration in years of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_duration(DATE '1990-03-01', DATE '1995-05-15', 0.085, 0.0853, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-15'), 9)", result = "4.321163908")
    @Example(sql = "round(bond_duration(DATE '2008-11-11', DATE '2021-03-01', 0.0785, 0.0625, 2, 'Act/Act ICMA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01'), 9)", result = "8.343998356")
    public static double bondDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        CouponBond bond = CouponBond.withFirstPeriod("bond_duration", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.duration("bond_duration", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_modified_duration")
    @Description("The modified duration in years (Excel's MDURATION): the share of bond_price that is lost by a unit that the yield rises, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("Microsoft Excel, function MDURATION; the derivative of bond_price by the yield")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_modified_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street'), 5)", result = "5.73567")
    @Example(sql = "round(bond_modified_duration(DATE '2025-05-15', DATE '2035-05-15', 0, 0.04, 2, 'Act/Act ICMA', 'icma'), 9)", result = "9.803921569")
    @Example(sql = "TRY(bond_modified_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, infinity(), 2, 'Act/Act ICMA', 'street'))", result = "null")
    public static double bondModifiedDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondModifiedDuration(settlement, maturity, couponRate, yield, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_modified_duration")
    @Description("The modified duration in years of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_modified_duration(DATE '2008-01-01', DATE '2016-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street', 100), 5)", result = "5.73567")
    @Example(sql = "round(bond_modified_duration(DATE '2025-07-01', DATE '2030-07-01', 0, 0.1, 1, 'Act/Act ICMA', 'icma', 110), 9)", result = "4.545454545")
    public static double bondModifiedDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_modified_duration", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.modifiedDuration("bond_modified_duration", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_modified_duration")
    @Description("The modified duration in years of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_modified_duration(DATE '1990-03-01', DATE '1995-05-15', 0.085, 0.0853, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-15'), 9)", result = "4.149282029")
    @Example(sql = "round(bond_modified_duration(DATE '2008-11-11', DATE '2021-03-01', 0.0785, 0.0625, 2, 'Act/Act ICMA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01'), 9)", result = "8.091149921")
    public static double bondModifiedDuration(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        CouponBond bond = CouponBond.withFirstPeriod("bond_modified_duration", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.modifiedDuration("bond_modified_duration", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_convexity")
    @Description("The convexity in years squared: the second derivative of bond_price by the yield, as a share of the price, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("F. J. Fabozzi, Bond Markets, Analysis, and Strategies; the second derivative of bond_price by the yield")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_convexity(DATE '2008-01-01', DATE '2016-01-01', 0.08, 0.09, 2, 'Act/Act ICMA', 'street'), 9)", result = "41.957602836")
    @Example(sql = "round(bond_convexity(DATE '2025-05-15', DATE '2035-05-15', 0, 0, 1, 'Act/Act ICMA', 'icma'), 9)", result = "110.0")
    public static double bondConvexity(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondConvexity(settlement, maturity, couponRate, yield, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_convexity")
    @Description("The convexity in years squared of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_convexity(DATE '2025-07-01', DATE '2030-07-01', 0, 0.1, 1, 'Act/Act ICMA', 'icma', 110), 9)", result = "24.79338843")
    @Example(sql = "round(bond_convexity(DATE '2025-07-01', DATE '2030-07-01', 0, 0, 1, 'Act/Act ICMA', 'icma', 110), 9)", result = "30.0")
    public static double bondConvexity(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_convexity", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.convexity("bond_convexity", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_convexity")
    @Description("The convexity in years squared of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_convexity(DATE '1990-03-01', DATE '1995-05-15', 0.085, 0.0853, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-15'), 9)", result = "21.174781072")
    @Example(sql = "round(bond_convexity(DATE '2008-11-11', DATE '2021-03-01', 0.0785, 0.0625, 2, 'Act/Act ICMA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01'), 9)", result = "86.546448082")
    public static double bondConvexity(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        CouponBond bond = CouponBond.withFirstPeriod("bond_convexity", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.convexity("bond_convexity", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }
}
