package io.nostro.functions.kernels;

import io.airlift.slice.Slice;
import io.nostro.functions.options.BlackScholesFunctions;
import io.nostro.functions.options.ImpliedVolatilityFunctions;

import java.util.Random;
import java.util.stream.IntStream;

import static io.airlift.slice.Slices.utf8Slice;

/**
 * Calls at the spot price of 100 with strikes around it, of up to two years.
 */
final class OptionKernels
{
    private OptionKernels() {}

    static void addTo(Kernels kernels)
    {
        Random random = new Random(7);
        double[] strikes = random.doubles(Kernels.INPUTS, 70, 140).toArray();
        double[] years = random.doubles(Kernels.INPUTS, 0.1, 2).toArray();
        Slice call = utf8Slice("call");
        kernels.add("black_scholes_price", (input, result) -> result.consume(BlackScholesFunctions.price(call, 100, strikes[input], years[input], 0.03, 0.01, 0.25)));
        kernels.add("black_scholes_delta", (input, result) -> result.consume(BlackScholesFunctions.delta(call, 100, strikes[input], years[input], 0.03, 0.01, 0.25)));

        double[] prices = IntStream.range(0, Kernels.INPUTS).mapToDouble(i -> BlackScholesFunctions.price(call, 100, strikes[i], years[i], 0.03, 0.01, 0.25)).toArray();
        kernels.add("implied_volatility", (input, result) -> result.consume(ImpliedVolatilityFunctions.impliedVolatility(prices[input], call, 100, strikes[input], years[input], 0.03, 0.01)));
    }
}
