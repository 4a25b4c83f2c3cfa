package io.nostro.functions.risk;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.math.RoundingMode.HALF_UP;

/**
 * The margin that a position in an equity security requires, by the form of the rules of the United States: Regulation T
 * (12 CFR 220.12) for initial margin, FINRA Rule 4210(c) for maintenance margin.
 */
public final class MarginFunctions
{
    private static final String NAME = "margin_requirement";
    private static final int CENTS = 2;

    private MarginFunctions() {}

    @ScalarFunction(NAME)
    @Description("The margin that a position in shares requires (Regulation T, FINRA 4210): long, a rate of its value; short, the greater of a rate of its value and a minimum a share, with another rate and minimum under a low price; rounded once, half up, to cents")
    @Source("Regulation T (12 CFR 220.12) for initial margin; FINRA Rule 4210(c) for maintenance margin")
    @Argument(name = "quantity", meaning = "the shares held, below zero for a short position")
    @Argument(name = "price", meaning = "the price of a share, zero and above")
    @Argument(name = "long_rate", meaning = "the margin of a long position as a fraction of its value: 0.25 is FINRA's 25 %")
    @Argument(name = "short_rate", meaning = "the margin of a short position as a fraction of its value: 0.3 is FINRA's 30 %")
    @Argument(name = "short_minimum", meaning = "the least margin of a short share, as an amount: FINRA's is 5.00")
    @Argument(name = "low_price", meaning = "the price below which the low-price rate and minimum hold for short positions: FINRA's is 5.00")
    @Argument(name = "low_price_rate", meaning = "the margin of a short position under the low price as a fraction of its value: 1 is FINRA's 100 %")
    @Argument(name = "low_price_minimum", meaning = "the least margin of a short share under the low price, as an amount: FINRA's is 2.50")
    @Errors(
            invalidArgument = "the price, or a rate or amount that the position needs, is negative or not finite",
            outOfRange = "the result has more than 38 digits")
    @LiteralParameters({"qs", "ps", "ms", "ls", "ns"})
    @SqlType("decimal(38, 2)")
    @Example(sql = "margin_requirement(DECIMAL '100', DECIMAL '40.00', 0.5, 0.5, DECIMAL '0', DECIMAL '0', 0, DECIMAL '0')", result = "2000.00")
    @Example(sql = "margin_requirement(DECIMAL '100', DECIMAL '40.00', 0.25, 0.3, DECIMAL '5.00', DECIMAL '5.00', 1, DECIMAL '2.50')", result = "1000.00")
    @Example(sql = "margin_requirement(DECIMAL '-100', DECIMAL '10.00', 0.25, 0.3, DECIMAL '5.00', DECIMAL '5.00', 1, DECIMAL '2.50')", result = "500.00")
    @Example(sql = "margin_requirement(DECIMAL '-100', DECIMAL '2.00', 0.25, 0.3, DECIMAL '5.00', DECIMAL '5.00', 1, DECIMAL '2.50')", result = "250.00")
    public static Int128 marginRequirement(
            @LiteralParameter("qs") long quantityScale,
            @LiteralParameter("ps") long priceScale,
            @LiteralParameter("ms") long shortMinimumScale,
            @LiteralParameter("ls") long lowPriceScale,
            @LiteralParameter("ns") long lowPriceMinimumScale,
            @SqlType("decimal(38, qs)") Int128 quantity,
            @SqlType("decimal(38, ps)") Int128 price,
            @SqlType(StandardTypes.DOUBLE) double longRate,
            @SqlType(StandardTypes.DOUBLE) double shortRate,
            @SqlType("decimal(38, ms)") Int128 shortMinimum,
            @SqlType("decimal(38, ls)") Int128 lowPrice,
            @SqlType(StandardTypes.DOUBLE) double lowPriceRate,
            @SqlType("decimal(38, ns)") Int128 lowPriceMinimum)
    {
        BigDecimal shares = decimal(quantity, quantityScale);
        BigDecimal pricePerShare = amount("price", price, priceScale);
        BigDecimal requirementPerShare;
        if (shares.signum() >= 0) {
            requirementPerShare = pricePerShare.multiply(rate("long_rate", longRate));
        }
        else if (pricePerShare.compareTo(amount("low_price", lowPrice, lowPriceScale)) >= 0) {
            requirementPerShare = pricePerShare.multiply(rate("short_rate", shortRate))
                    .max(amount("short_minimum", shortMinimum, shortMinimumScale));
        }
        else {
            requirementPerShare = pricePerShare.multiply(rate("low_price_rate", lowPriceRate))
                    .max(amount("low_price_minimum", lowPriceMinimum, lowPriceMinimumScale));
        }
        BigDecimal requirement = shares.abs().multiply(requirementPerShare).setScale(CENTS, HALF_UP);
        return toDecimal(NAME, requirement.unscaledValue(), MAX_PRECISION);
    }

    private static BigDecimal decimal(Int128 unscaled, long scale)
    {
        return new BigDecimal(unscaled.toBigInteger(), (int) scale);
    }

    private static BigDecimal amount(String name, Int128 unscaled, long scale)
    {
        if (unscaled.isNegative()) {
            throw invalidArgument("%s: %s is negative; accepted is zero and above", NAME, name);
        }
        return decimal(unscaled, scale);
    }

    private static BigDecimal rate(String name, double rate)
    {
        if (!Double.isFinite(rate) || rate < 0) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number of zero and above", NAME, name, rate);
        }
        return BigDecimal.valueOf(rate);
    }
}
