package io.nostro.functions.options;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.options.LognormalOption.density;
import static io.nostro.functions.options.LognormalOption.finite;
import static io.nostro.functions.options.LognormalOption.notNegative;
import static io.nostro.functions.options.LognormalOption.positive;
import static io.nostro.functions.options.LognormalOption.result;
import static io.nostro.functions.risk.NormalDistribution.cumulative;

/**
 * The price of a European option and its derivatives by Black, Scholes and Merton: the spot is lognormal and pays a
 * continuous dividend yield. Rates and volatility are annual fractions, the rates continuously compounded.
 */
@Source("F. Black and M. Scholes, The Pricing of Options and Corporate Liabilities (1973); R. C. Merton, Theory of Rational Option Pricing (1973)")
@Argument(name = "strike", meaning = "the price at which the option can be exercised, above zero")
public final class BlackScholesFunctions
{
    private BlackScholesFunctions() {}

    @ScalarFunction("black_scholes_price")
    @Description("The price of a European call or put by Black, Scholes and Merton; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_price('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "4.759422393")
    @Example(sql = "round(black_scholes_price('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "8.072910018")
    @Example(sql = "TRY(black_scholes_price('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double price(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_price", optionType, spot, strike, years, rate, dividendYield, volatility);
        return result("black_scholes_price", option.price());
    }

    @ScalarFunction("black_scholes_delta")
    @Description("The delta of a European call or put by Black, Scholes and Merton: the change of the price by the spot; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_delta('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "0.779131291")
    @Example(sql = "round(black_scholes_delta('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "-0.332727217")
    @Example(sql = "TRY(black_scholes_delta('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double delta(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_delta", optionType, spot, strike, years, rate, dividendYield, volatility);
        return result("black_scholes_delta", option.sign() * Math.exp(-dividendYield * years) * cumulative(option.sign() * option.upper()));
    }

    @ScalarFunction("black_scholes_gamma")
    @Description("The gamma of a European call or put by Black, Scholes and Merton: the change of the delta by the spot; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_gamma('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "0.04996267")
    @Example(sql = "round(black_scholes_gamma('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "0.011758744")
    @Example(sql = "TRY(black_scholes_gamma('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double gamma(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_gamma", optionType, spot, strike, years, rate, dividendYield, volatility);
        double density = density(option.upper());
        return result("black_scholes_gamma", density == 0 ? 0 : Math.exp(-dividendYield * years) * density / (spot * option.deviation()));
    }

    @ScalarFunction("black_scholes_vega")
    @Description("The vega of a European call or put by Black, Scholes and Merton: the change of the price by the volatility, for a change of 1, which is 100 %; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_vega('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "8.81341506")
    @Example(sql = "round(black_scholes_vega('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "44.095288698")
    @Example(sql = "TRY(black_scholes_vega('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double vega(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_vega", optionType, spot, strike, years, rate, dividendYield, volatility);
        return result("black_scholes_vega", spot * Math.exp(-dividendYield * years) * density(option.upper()) * Math.sqrt(years));
    }

    @ScalarFunction("black_scholes_theta")
    @Description("The theta of a European call or put by Black, Scholes and Merton: the change of the price by time, in a year; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_theta('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "-4.559092195")
    @Example(sql = "round(black_scholes_theta('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "-2.766965658")
    @Example(sql = "TRY(black_scholes_theta('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double theta(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_theta", optionType, spot, strike, years, rate, dividendYield, volatility);
        double density = density(option.upper());
        double decay = density == 0 || volatility == 0 ? 0 : spot * Math.exp(-dividendYield * years) * density * volatility / (2 * Math.sqrt(years));
        double carry = dividendYield * spot * Math.exp(-dividendYield * years) * cumulative(option.sign() * option.upper());
        double interest = rate * strike * option.discountFactor() * cumulative(option.sign() * option.lower());
        return result("black_scholes_theta", option.sign() * (carry - interest) - decay);
    }

    @ScalarFunction("black_scholes_rho")
    @Description("The rho of a European call or put by Black, Scholes and Merton: the change of the price by the rate, for a change of 1, which is 100 %; years to expiry, continuously compounded rate and dividend yield")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black_scholes_rho('call', 42, 40, 0.5, 0.1, 0, 0.2), 9)", result = "13.982045913")
    @Example(sql = "round(black_scholes_rho('put', 100, 95, 1.5, 0.03, 0.01, 0.25), 9)", result = "-62.018447513")
    @Example(sql = "TRY(black_scholes_rho('straddle', 42, 40, 0.5, 0.1, 0, 0.2))", result = "null")
    public static double rho(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double spot,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double dividendYield,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        LognormalOption option = option("black_scholes_rho", optionType, spot, strike, years, rate, dividendYield, volatility);
        return result("black_scholes_rho", option.sign() * strike * years * option.discountFactor() * cumulative(option.sign() * option.lower()));
    }

    static LognormalOption option(String function, Slice optionType, double spot, double strike, double years, double rate, double dividendYield, double volatility)
    {
        OptionType type = OptionType.BY_NAME.get(optionType);
        positive(function, "spot", spot);
        positive(function, "strike", strike);
        notNegative(function, "years", years);
        finite(function, "rate", rate);
        finite(function, "dividend_yield", dividendYield);
        notNegative(function, "volatility", volatility);
        double forward = result(function, spot * Math.exp((rate - dividendYield) * years));
        return new LognormalOption(type.sign(), forward, strike, result(function, volatility * Math.sqrt(years)), Math.exp(-rate * years));
    }
}
