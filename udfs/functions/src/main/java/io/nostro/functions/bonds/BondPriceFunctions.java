package io.nostro.functions.bonds;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.bonds.CouponBond.PAR;

/**
 * Prices and yields of bonds of fixed coupons, per 100 of face value.
 *
 * <p>A regular coupon is the annual rate over the frequency whatever the day count says, as in Excel's PRICE and the market; the day count
 * gives accrued interest and the part of the period that is left. Coupon dates are not adjusted to business days.
 */
public final class BondPriceFunctions
{
    private BondPriceFunctions() {}

    @ScalarFunction("bond_price")
    @Description("The price with accrued interest (dirty), per 100 of face value, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("Microsoft Excel, functions PRICE and ODDFPRICE, with accrued interest added; the yield conventions of the ICMA and of 31 CFR Part 356, Appendix B (US Treasury)")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'street'), 8)", result = "96.07186162")
    @Example(sql = "bond_price(DATE '2025-05-15', DATE '2035-05-15', 0, 0, 2, 'Act/Act ICMA', 'us treasury')", result = "100.0")
    @Example(sql = "TRY(bond_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'wall street'))", result = "null")
    public static double bondPrice(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondPrice(settlement, maturity, couponRate, yield, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_price")
    @Description("The price with accrued interest (dirty), per 100 of face value, of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_price(DATE '2025-07-01', DATE '2030-07-01', 0, 0.1, 1, 'Act/Act ICMA', 'icma', 110), 9)", result = "68.301345537")
    @Example(sql = "TRY(bond_price(DATE '2008-02-15', DATE '2016-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'street', 0))", result = "null")
    public static double bondPrice(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_price", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.price("bond_price", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_price")
    @Description("The price with accrued interest (dirty), per 100 of face value, of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_price(DATE '1990-03-01', DATE '1995-05-15', 0.085, 0.0853, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-15'), 6)", result = "99.805118")
    @Example(sql = "TRY(bond_price(DATE '1990-03-01', DATE '1995-05-15', 0.085, 0.0853, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-14'))", result = "null")
    public static double bondPrice(
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
        CouponBond bond = CouponBond.withFirstPeriod("bond_price", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.price("bond_price", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_clean_price")
    @Description("The price without accrued interest (clean; Excel's PRICE), per 100 of face value, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("Microsoft Excel, functions PRICE and ODDFPRICE; the yield conventions of the ICMA and of 31 CFR Part 356, Appendix B (US Treasury)")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_clean_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'street'), 8)", result = "94.63436162")
    @Example(sql = "round(bond_clean_price(DATE '1985-11-29', DATE '1995-11-15', 0.095, 0.0954, 2, 'Act/Act ICMA', 'us treasury'), 6)", result = "99.730918")
    @Example(sql = "TRY(bond_clean_price(DATE '2008-02-15', DATE '2017-11-15', 0.0575, -2, 2, '30/360 ISDA', 'street'))", result = "null")
    public static double bondCleanPrice(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondCleanPrice(settlement, maturity, couponRate, yield, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_clean_price")
    @Description("The price without accrued interest (clean), per 100 of face value, of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_clean_price(DATE '2008-02-15', DATE '2016-11-15', 0.0575, 0.065, 2, '30/360 ISDA', 'street', 100), 5)", result = "95.04287")
    @Example(sql = "round(bond_clean_price(DATE '2025-07-01', DATE '2030-07-01', 0, 0.1, 1, 'Act/Act ICMA', 'icma', 110), 9)", result = "68.301345537")
    public static double bondCleanPrice(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double yield,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_clean_price", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.cleanPrice("bond_clean_price", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_clean_price")
    @Description("The price without accrued interest (clean; Excel's ODDFPRICE), per 100 of face value, of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_clean_price(DATE '2008-11-11', DATE '2021-03-01', 0.0785, 0.0625, 2, 'Act/Act ICMA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01'), 8)", result = "113.59771747")
    @Example(sql = "round(bond_clean_price(DATE '1985-11-04', DATE '2005-08-15', 0.1075, 0.1047, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1985-07-02', DATE '1986-02-15'), 6)", result = "102.214586")
    public static double bondCleanPrice(
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
        CouponBond bond = CouponBond.withFirstPeriod("bond_clean_price", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.cleanPrice("bond_clean_price", yield, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_yield")
    @Description("The annual yield, compounded with the coupons, at which bond_clean_price is a price (Excel's YIELD), of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest over what is left of the period)")
    @Source("Microsoft Excel, functions YIELD and ODDFYIELD; the yield conventions of the ICMA and of 31 CFR Part 356, Appendix B (US Treasury)")
    @Argument(name = "clean_price", meaning = "the price without accrued interest, per 100 of face value, above zero with it")
    @Errors(
            invalidArgument = "a date is out of order, first_coupon is not a coupon date, the first period is longer than 36,525 days, more than 10,000 coupons are left, a convention or the frequency is not known, or a number is not as accepted; or there is no yield at which the bond has the price",
            outOfRange = "the result is too large for a double")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_yield(DATE '2008-02-15', DATE '2017-11-15', 0.0575, 94.63436162132214, 2, '30/360 ISDA', 'street'), 12)", result = "0.065")
    @Example(sql = "round(bond_yield(DATE '2025-05-15', DATE '2035-05-15', 0.04, 100, 2, 'Act/Act ICMA', 'icma'), 12)", result = "0.04")
    @Example(sql = "TRY(bond_yield(DATE '2008-02-15', DATE '2017-11-15', 0.0575, -2, 2, '30/360 ISDA', 'street'))", result = "null")
    public static double bondYield(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double cleanPrice,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention)
    {
        return bondYield(settlement, maturity, couponRate, cleanPrice, frequency, dayCount, yieldConvention, PAR);
    }

    @ScalarFunction("bond_yield")
    @Description("The annual yield, compounded with the coupons, at which bond_clean_price is a price, of a bond with regular coupon periods, redeemed at another amount than 100, redemption, which comes after yield_convention")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_yield(DATE '2008-02-15', DATE '2016-11-15', 0.0575, 95.04287, 2, '30/360 ISDA', 'street', 100), 6)", result = "0.065")
    @Example(sql = "round(bond_yield(DATE '2025-07-01', DATE '2030-07-01', 0, 110, 1, 'Act/Act ICMA', 'icma', 110), 12)", result = "0.0")
    public static double bondYield(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double cleanPrice,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption)
    {
        CouponBond bond = CouponBond.regular("bond_yield", settlement, maturity, couponRate, frequency, dayCount, redemption);
        return bond.yieldToMaturity("bond_yield", cleanPrice, YieldConvention.BY_NAME.get(yieldConvention));
    }

    @ScalarFunction("bond_yield")
    @Description("The annual yield, compounded with the coupons, at which bond_clean_price is a price (Excel's ODDFYIELD), of a bond whose first period, from issue to first_coupon, may be short or long; later coupons are regular, counted back from maturity")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bond_yield(DATE '2008-11-11', DATE '2021-03-01', 0.0575, 84.50, 2, '30/360 ISDA', 'street', 100, DATE '2008-10-15', DATE '2009-03-01'), 8)", result = "0.07724554")
    @Example(sql = "round(bond_yield(DATE '1990-03-01', DATE '1995-05-15', 0.085, 99.805118, 2, 'Act/Act ICMA', 'us treasury', 100, DATE '1990-03-01', DATE '1990-11-15'), 8)", result = "0.0853")
    public static double bondYield(
            @SqlType(StandardTypes.DATE) long settlement,
            @SqlType(StandardTypes.DATE) long maturity,
            @SqlType(StandardTypes.DOUBLE) double couponRate,
            @SqlType(StandardTypes.DOUBLE) double cleanPrice,
            @SqlType(StandardTypes.BIGINT) long frequency,
            @SqlType("varchar(x)") Slice dayCount,
            @SqlType("varchar(y)") Slice yieldConvention,
            @SqlType(StandardTypes.DOUBLE) double redemption,
            @SqlType(StandardTypes.DATE) long issue,
            @SqlType(StandardTypes.DATE) long firstCoupon)
    {
        CouponBond bond = CouponBond.withFirstPeriod("bond_yield", settlement, maturity, couponRate, frequency, dayCount, redemption, issue, firstCoupon);
        return bond.yieldToMaturity("bond_yield", cleanPrice, YieldConvention.BY_NAME.get(yieldConvention));
    }
}
