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
 * European options on forwards, by Black (1976), to whom the forward is lognormal, and by Bachelier, to whom it is normal
 * and may be negative. The rate is continuously compounded.
 */
public final class ForwardOptionFunctions
{
    private ForwardOptionFunctions() {}

    @ScalarFunction("black76_price")
    @Description("The price of a European call or put on a forward by Black's model of 1976; years to expiry, continuously compounded rate, annual volatility")
    @Source("F. Black, The Pricing of Commodity Contracts (1976)")
    @Argument(name = "forward", meaning = "the forward price, for the expiry, of what the option is on, above zero")
    @Argument(name = "strike", meaning = "the price at which the option can be exercised, above zero")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(black76_price('call', 100, 105, 0.5, 0.03, 0.2), 9)", result = "3.564109233")
    @Example(sql = "round(black76_price('put', 100, 105, 0.5, 0.03, 0.2), 9)", result = "8.489668931")
    @Example(sql = "TRY(black76_price('call', -0.01, 0.01, 0.5, 0.03, 0.2))", result = "null")
    public static double black76Price(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double forward,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        OptionType type = OptionType.BY_NAME.get(optionType);
        positive("black76_price", "forward", forward);
        positive("black76_price", "strike", strike);
        double deviation = deviation("black76_price", years, rate, volatility);
        return result("black76_price", new LognormalOption(type.sign(), forward, strike, deviation, Math.exp(-rate * years)).price());
    }

    @ScalarFunction("bachelier_price")
    @Description("The price of a European call or put on a forward by Bachelier's model; years to expiry, continuously compounded rate, annual volatility in units of the forward")
    @Source("L. Bachelier, Théorie de la spéculation (1900), discounted")
    @Argument(name = "forward", meaning = "the forward price or rate for the expiry, of any sign")
    @Argument(name = "strike", meaning = "the price or rate at which the option can be exercised, of any sign")
    @Argument(name = "volatility", meaning = "the annual normal volatility, in the forward's own unit, zero and above: 0.008 for a rate is 80 basis points")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bachelier_price('call', 0.02, 0.025, 0.5, 0.03, 0.008), 9)", result = "5.7639E-4")
    @Example(sql = "round(bachelier_price('put', 0.02, 0.025, 0.5, 0.03, 0.008), 9)", result = "0.00550195")
    @Example(sql = "bachelier_price('call', -0.01, -0.02, 0, 0.03, 0.008)", result = "0.01")
    public static double bachelierPrice(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double forward,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        OptionType type = OptionType.BY_NAME.get(optionType);
        double deviation = bachelierDeviation("bachelier_price", forward, strike, years, rate, volatility);
        double gain = type.sign() * (forward - strike);
        double price = deviation == 0 ? Math.max(0, gain) : gain * cumulative(gain / deviation) + deviation * density(gain / deviation);
        return result("bachelier_price", Math.exp(-rate * years) * Math.max(0, price));
    }

    @ScalarFunction("bachelier_delta")
    @Description("The delta of a European call or put on a forward by Bachelier's model: the change of bachelier_price by the forward; years to expiry, continuously compounded rate, annual volatility in units of the forward")
    @Source("L. Bachelier, Théorie de la spéculation (1900), discounted")
    @Argument(name = "forward", meaning = "the forward price or rate for the expiry, of any sign")
    @Argument(name = "strike", meaning = "the price or rate at which the option can be exercised, of any sign")
    @Argument(name = "volatility", meaning = "the annual normal volatility, in the forward's own unit, zero and above: 0.008 for a rate is 80 basis points")
    @LiteralParameters("x")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(bachelier_delta('call', 0.02, 0.025, 0.5, 0.03, 0.008), 9)", result = "0.185574953")
    @Example(sql = "round(bachelier_delta('put', 0.02, 0.025, 0.5, 0.03, 0.008), 9)", result = "-0.799536987")
    public static double bachelierDelta(
            @SqlType("varchar(x)") Slice optionType,
            @SqlType(StandardTypes.DOUBLE) double forward,
            @SqlType(StandardTypes.DOUBLE) double strike,
            @SqlType(StandardTypes.DOUBLE) double years,
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double volatility)
    {
        OptionType type = OptionType.BY_NAME.get(optionType);
        double deviation = bachelierDeviation("bachelier_delta", forward, strike, years, rate, volatility);
        double gain = type.sign() * (forward - strike);
        double distance = gain == 0 ? 0 : gain / deviation;
        return result("bachelier_delta", type.sign() * Math.exp(-rate * years) * cumulative(distance));
    }

    private static double bachelierDeviation(String function, double forward, double strike, double years, double rate, double volatility)
    {
        finite(function, "forward", forward);
        finite(function, "strike", strike);
        return deviation(function, years, rate, volatility);
    }

    private static double deviation(String function, double years, double rate, double volatility)
    {
        notNegative(function, "years", years);
        finite(function, "rate", rate);
        notNegative(function, "volatility", volatility);
        return result(function, volatility * Math.sqrt(years));
    }
}
