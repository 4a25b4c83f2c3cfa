package io.nostro.functions.options;

import io.airlift.slice.Slice;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

@ExtendWith(Engine.class)
final class TestOptions
{
    private static final Slice CALL = utf8Slice("call");
    private static final Slice PUT = utf8Slice("PUT");

    private final FunctionTesting functions;

    TestOptions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        for (String name : new String[] {"price", "delta", "gamma", "vega", "theta", "rho"}) {
            functions.assertNullForEachNullArgument("black_scholes_" + name, "'call'", "42", "40", "0.5", "0.1", "0.01", "0.2");
        }
        for (String name : new String[] {"black76_price", "bachelier_price", "bachelier_delta"}) {
            functions.assertNullForEachNullArgument(name, "'put'", "42", "40", "0.5", "0.1", "0.2");
        }
        functions.assertNullForEachNullArgument("implied_volatility", "4.76", "'call'", "42", "40", "0.5", "0.1", "0");
    }

    @Test
    void testHull()
    {
        // Hull, Options, Futures and Other Derivatives: examples 15.6 (price 4.76 and 0.81) and 18.6 (Black's 1.12)
        assertThat(BlackScholesFunctions.price(CALL, 42, 40, 0.5, 0.1, 0, 0.2)).isCloseTo(4.76, within(0.005));
        assertThat(BlackScholesFunctions.price(PUT, 42, 40, 0.5, 0.1, 0, 0.2)).isCloseTo(0.81, within(0.005));
        assertThat(ForwardOptionFunctions.black76Price(PUT, 20, 20, 4.0 / 12, 0.09, 0.25)).isCloseTo(1.12, within(0.005));
    }

    @Test
    void testPricesByIntegration()
    {
        Random random = new Random(1973);
        for (int i = 0; i < 10_000; i++) {
            double spot = 50 + random.nextDouble() * 100;
            double strike = 50 + random.nextDouble() * 100;
            double years = 0.02 + random.nextDouble() * 3;
            double rate = random.nextDouble() * 0.15 - 0.03;
            double dividends = random.nextDouble() * 0.08;
            double volatility = 0.05 + random.nextDouble() * 0.6;
            double call = BlackScholesFunctions.price(CALL, spot, strike, years, rate, dividends, volatility);
            double put = BlackScholesFunctions.price(PUT, spot, strike, years, rate, dividends, volatility);
            double forward = spot * Math.exp((rate - dividends) * years);
            double discount = Math.exp(-rate * years);
            assertThat(call - put).isCloseTo(discount * (forward - strike), within(1e-11 * 150));
            assertThat(ForwardOptionFunctions.black76Price(CALL, forward, strike, years, rate, volatility)).isCloseTo(call, within(1e-10));
            if (i % 20 == 0) {
                double deviation = volatility * Math.sqrt(years);
                assertThat(call).isCloseTo(discount * expected(random, x -> Math.max(0, forward * Math.exp(deviation * x - deviation * deviation / 2) - strike), (Math.log(strike / forward) + deviation * deviation / 2) / deviation), within(1e-9 * 150));
                double normal = 5 + 20 * random.nextDouble();
                double normalDeviation = normal * Math.sqrt(years);
                assertThat(ForwardOptionFunctions.bachelierPrice(CALL, forward, strike, years, rate, normal))
                        .isCloseTo(discount * expected(random, x -> Math.max(0, forward + normalDeviation * x - strike), (strike - forward) / normalDeviation), within(1e-9 * 150));
            }
        }
    }

    @Test
    void testGreeksAreDerivatives()
    {
        Random random = new Random(1976);
        for (int i = 0; i < 10_000; i++) {
            Slice type = random.nextBoolean() ? CALL : PUT;
            double s = 60 + random.nextDouble() * 80;
            double k = 60 + random.nextDouble() * 80;
            double t = 0.1 + random.nextDouble() * 2;
            double r = random.nextDouble() * 0.1 - 0.02;
            double q = random.nextDouble() * 0.06;
            double v = 0.1 + random.nextDouble() * 0.5;
            double h = 1e-4;
            assertThat(BlackScholesFunctions.delta(type, s, k, t, r, q, v)).isCloseTo((BlackScholesFunctions.price(type, s + h, k, t, r, q, v) - BlackScholesFunctions.price(type, s - h, k, t, r, q, v)) / (2 * h), within(1e-7));
            assertThat(BlackScholesFunctions.gamma(type, s, k, t, r, q, v)).isCloseTo((BlackScholesFunctions.delta(type, s + h, k, t, r, q, v) - BlackScholesFunctions.delta(type, s - h, k, t, r, q, v)) / (2 * h), within(1e-7));
            assertThat(BlackScholesFunctions.vega(type, s, k, t, r, q, v)).isCloseTo((BlackScholesFunctions.price(type, s, k, t, r, q, v + h) - BlackScholesFunctions.price(type, s, k, t, r, q, v - h)) / (2 * h), within(1e-3));
            assertThat(BlackScholesFunctions.rho(type, s, k, t, r, q, v)).isCloseTo((BlackScholesFunctions.price(type, s, k, t, r + h, q, v) - BlackScholesFunctions.price(type, s, k, t, r - h, q, v)) / (2 * h), within(1e-3));
            assertThat(BlackScholesFunctions.theta(type, s, k, t, r, q, v)).isCloseTo((BlackScholesFunctions.price(type, s, k, t - h, r, q, v) - BlackScholesFunctions.price(type, s, k, t + h, r, q, v)) / (2 * h), within(1e-3));
            assertThat(ForwardOptionFunctions.bachelierDelta(type, s, k, t, r, 50 * v)).isCloseTo((ForwardOptionFunctions.bachelierPrice(type, s + h, k, t, r, 50 * v) - ForwardOptionFunctions.bachelierPrice(type, s - h, k, t, r, 50 * v)) / (2 * h), within(1e-7));
        }
    }

    @Test
    void testImpliedVolatilityIsFoundAgain()
    {
        Random random = new Random(1986);
        int compared = 0;
        for (int i = 0; i < 20_000; i++) {
            Slice type = random.nextBoolean() ? CALL : PUT;
            double spot = 100;
            double strike = 100 * Math.exp(random.nextGaussian() * 0.5);
            double years = 0.01 + random.nextDouble() * 5;
            double rate = random.nextDouble() * 0.1 - 0.02;
            double volatility = 0.01 + random.nextDouble() * 1.5;
            double price = BlackScholesFunctions.price(type, spot, strike, years, rate, 0.02, volatility);
            double vega = BlackScholesFunctions.vega(type, spot, strike, years, rate, 0.02, volatility);
            // where the price does not say more of the volatility than its last digits
            if (vega < 1e-3) {
                continue;
            }
            compared++;
            assertThat(ImpliedVolatilityFunctions.impliedVolatility(price, type, spot, strike, years, rate, 0.02))
                    .isCloseTo(volatility, within(volatility * 1e-12 + 1e-12 / vega));
        }
        assertThat(compared).isGreaterThan(10_000);
        // far out of the money a price is nearly nothing and has all of its digits
        double price = BlackScholesFunctions.price(CALL, 100, 400, 1, 0, 0, 0.1);
        assertThat(price).isLessThan(1e-40);
        assertThat(ImpliedVolatilityFunctions.impliedVolatility(price, CALL, 100, 400, 1, 0, 0)).isCloseTo(0.1, within(1e-10));
    }

    @Test
    void testExpiryAndNoVolatility()
    {
        functions.assertValue("black_scholes_price('call', 100, 90, 0, 0.05, 0, 0.2) = 10", "true");
        functions.assertValue("black_scholes_delta('put', 100, 90, 0, 0.05, 0, 0.2) = 0", "true");
        functions.assertValue("black_scholes_gamma('put', 100, 90, 1, 0, 0, 0) = 0", "true");
        functions.assertValue("black_scholes_theta('call', 100, 90, 0, 0, 0, 0.2) = 0", "true");
        functions.assertError("black_scholes_gamma('call', 100, 100, 0, 0, 0, 0.2)", NUMERIC_VALUE_OUT_OF_RANGE, "black_scholes_gamma: the result is not finite");
        functions.assertValue("implied_volatility(10, 'call', 100, 90, 1, 0, 0) = 0", "true");
        functions.assertValue("bachelier_delta('call', 1, 1, 0, 0, 0) = 0.5", "true");
    }

    @Test
    void testErrors()
    {
        functions.assertError("black_scholes_price('both', 42, 40, 0.5, 0.1, 0, 0.2)", INVALID_FUNCTION_ARGUMENT, "not an option type: 'both'; accepted are call and put");
        functions.assertError("black_scholes_price('call', 0, 40, 0.5, 0.1, 0, 0.2)", INVALID_FUNCTION_ARGUMENT, "black_scholes_price: spot is 0.0");
        functions.assertError("black_scholes_vega('call', 42, 40, -0.5, 0.1, 0, 0.2)", INVALID_FUNCTION_ARGUMENT, "black_scholes_vega: years is -0.5");
        functions.assertError("black76_price('call', 42, 40, 0.5, nan(), 0.2)", INVALID_FUNCTION_ARGUMENT, "black76_price: rate is NaN");
        functions.assertError("implied_volatility(1, 'call', 100, 90, 1, 0, 0)", INVALID_FUNCTION_ARGUMENT, "implied_volatility: price is 1.0; accepted is one from 10.0");
        functions.assertError("implied_volatility(100, 'call', 100, 90, 1, 0, 0)", INVALID_FUNCTION_ARGUMENT, "to less than 100.0");
    }

    /**
     * The expectation of a payoff of a standard normal variable, which is nothing below a value, by Simpson's rule.
     */
    private static double expected(Random random, Payoff payoff, double from)
    {
        double start = Math.max(-12, from);
        int steps = 4_000 + 2 * random.nextInt(100);
        double width = (12 + 4 - start) / steps;
        double sum = 0;
        for (int step = 0; step <= steps; step++) {
            double x = start + step * width;
            double weight = step == 0 || step == steps ? 1 : step % 2 == 0 ? 2 : 4;
            sum += weight * payoff.of(x) * Math.exp(-x * x / 2);
        }
        return sum * width / 3 / Math.sqrt(2 * Math.PI);
    }

    private interface Payoff
    {
        double of(double x);
    }
}
