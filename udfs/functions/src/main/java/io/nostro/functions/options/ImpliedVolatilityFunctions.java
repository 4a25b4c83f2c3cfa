package io.nostro.functions.options;

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

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.options.LognormalOption.finite;
import static io.nostro.functions.options.LognormalOption.positive;
import static io.nostro.functions.options.LognormalOption.result;
import static io.nostro.functions.rates.NearestRoot.between;

/**
 * The volatility that a price implies by Black, Scholes and Merton. Solved for the option that is out of the money, by the
 * logarithm of its price, which keeps its digits where the price is nearly nothing.
 */
public final class ImpliedVolatilityFunctions
{
    private static final String NAME = "implied_volatility";
    private static final double SMALLEST_DEVIATION = 1e-9;
    private static final double LARGEST_DEVIATION = 75;
    // of the smallest number that a double can be
    private static final double SMALLEST_LOGARITHM = -745;

    private ImpliedVolatilityFunctions() {}

    @ScalarFunction(NAME)
    @Description("The annual volatility, as a fraction (0.2 is 20 %), at which black_scholes_price gives an option's price; 0 when the price is what exercising at expiry is worth")
    @Source("F. Black and M. Scholes, The Pricing of Options and Corporate Liabilities (1973); R. C. Merton, Theory of Rational Option Pricing (1973)")
    @Argument(name = "price", meaning = "the option's price, from what exercising at expiry is worth to less than the bound of no arbitrage")
    @Argument(name = "strike", meaning = "the price at which the option can be exercised, above zero")
    @Argument(name = "years", meaning = "the time to expiry in years, above zero")
    @Errors(
            invalidArgument = "the option type is neither call nor put, or a number is not as accepted; or no volatility gives the price",
            outOfRange = "the result is not finite")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(implied_volatility(black_scholes_price('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 'put', 100, 95, 1.5, 0.03, 0.01), 9)", result = "0.25")
    @Example(sql = "round(implied_volatility(4.759422393, 'call', 42, 40, 0.5, 0.1, 0), 6)", result = "0.2")
    @Example(sql = "TRY(implied_volatility(42.5, 'call', 42, 40, 0.5, 0.1, 0))", result = "null")
    public static double impliedVolatility(
            @SqlType(StandardTypes.DOUBLE) double price,
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield)
    {
        finite(NAME, "price", price);
        positive(NAME, "years", years);
        LognormalOption option = BlackScholesFunctions.option(NAME, optionType, spot, strike, years, rate, dividendYield, 0);
        double undiscounted = price / positive(NAME, "the discount factor", option.discountFactor());
        double forward = option.forward();
        double intrinsic = Math.max(0, option.sign() * (forward - strike));
        double timeValue = undiscounted - intrinsic;
        double most = Math.min(forward, strike);
        // the last digits of a price of what exercising is worth may be on either side of it
        if (timeValue <= 0 && timeValue >= -4 * Math.ulp(Math.max(forward, strike))) {
            return 0;
        }
        if (!(timeValue > 0 && timeValue < most)) {
            throw invalidArgument(
                    "%s: price is %s; accepted is one from %s, what exercising at expiry is worth, to less than %s",
                    NAME,
                    price,
                    intrinsic * option.discountFactor(),
                    (intrinsic + most) * option.discountFactor());
        }
        int outOfTheMoney = forward <= strike ? 1 : -1;
        double target = Math.log(timeValue);
        double low = logarithm(outOfTheMoney, forward, strike, SMALLEST_DEVIATION) - target;
        double high = logarithm(outOfTheMoney, forward, strike, LARGEST_DEVIATION) - target;
        if (low >= 0 || high <= 0) {
            return result(NAME, (low >= 0 ? SMALLEST_DEVIATION : LARGEST_DEVIATION) / Math.sqrt(years));
        }
        double deviation = between(x -> logarithm(outOfTheMoney, forward, strike, x) - target, SMALLEST_DEVIATION, low, LARGEST_DEVIATION, high);
        return result(NAME, deviation / Math.sqrt(years));
    }

    private static double logarithm(int sign, double forward, double strike, double deviation)
    {
        return Math.max(SMALLEST_LOGARITHM, Math.log(new LognormalOption(sign, forward, strike, deviation, 1).price()));
    }
}
