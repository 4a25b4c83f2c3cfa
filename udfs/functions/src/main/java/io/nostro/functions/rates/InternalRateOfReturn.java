package io.nostro.functions.rates;

import java.util.Arrays;
import java.util.OptionalDouble;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * The rate r at which dated cash flows are worth nothing: the sum of amount / (1 + r)^((date - first date) / 365)
 * is zero, which is the convention of Excel's XIRR; or of amount / (1 + r)^period, which is that of IRR. Solved for
 * x = ln(1 + r) by Halley's method from r = 10 %, whose second derivative costs no further exponential; where that does not
 * converge, by the root that is nearest to 10 % ({@link NearestRoot}). Flows are put in order and netted by date first, so the result does not depend on the order in
 * which they came.
 */
final class InternalRateOfReturn
{
    /**
     * The dates are days, and the rate is annual.
     */
    static final double DAYS_OF_YEAR = 365;
    /**
     * The dates are the numbers of periods, and the rate is that of a period.
     */
    static final double PERIODS = 1;

    private static final double GUESS = Math.log(1.1);
    private static final int MOST_ITERATIONS = 60;
    /** Of Halley's correction, which is at most a step of twice Newton's: near a double root it means nothing. */
    private static final double SMALLEST_DIVISOR = 0.5;
    private static final double FIRST_STEP = 0.02;
    private static final double LARGEST_LOGARITHM = 700;
    private static final double RESIDUAL = 1e-9;

    private InternalRateOfReturn() {}

    /**
     * @throws io.trino.spi.TrinoException when there is no such rate
     */
    static double solve(String function, CashFlows flows, double datesPerPeriod)
    {
        return find(flows, datesPerPeriod).orElseThrow(() -> invalidArgument(
                "%s: there is no rate of return at which these cash flows are worth nothing; accepted are cash flows of which at least one date's are negative and another date's positive",
                function));
    }

    static OptionalDouble find(CashFlows flows, double datesPerPeriod)
    {
        int count = flows.size();
        long[] order = new long[count];
        for (int i = 0; i < count; i++) {
            order[i] = ((long) flows.date(i) << Integer.SIZE) | i;
        }
        Arrays.sort(order);

        double[] amounts = new double[count];
        double[] years = new double[count];
        int dates = 0;
        for (int start = 0; start < count; ) {
            int date = (int) (order[start] >> Integer.SIZE);
            int end = start;
            while (end < count && (int) (order[end] >> Integer.SIZE) == date) {
                end++;
            }
            amounts[dates] = net(flows, order, start, end);
            years[dates] = ((long) date - (order[0] >> Integer.SIZE)) / datesPerPeriod;
            dates++;
            start = end;
        }
        return find(Arrays.copyOf(amounts, dates), Arrays.copyOf(years, dates));
    }

    private static double net(CashFlows flows, long[] order, int start, int end)
    {
        if (end - start == 1) {
            return flows.amount((int) order[start]);
        }
        double[] ofDate = new double[end - start];
        for (int i = start; i < end; i++) {
            ofDate[i - start] = flows.amount((int) order[i]);
        }
        Arrays.sort(ofDate);
        double sum = 0;
        for (double amount : ofDate) {
            sum += amount;
        }
        return sum;
    }

    /**
     * @param amounts one for each date, in the order of the dates
     * @param years from the first date, ascending from 0
     */
    private static OptionalDouble find(double[] amounts, double[] years)
    {
        boolean paid = false;
        boolean received = false;
        for (double amount : amounts) {
            paid |= amount < 0;
            received |= amount > 0;
        }
        if (!paid || !received) {
            return OptionalDouble.empty();
        }
        OptionalDouble logarithm = halley(amounts, years);
        if (logarithm.isEmpty()) {
            logarithm = NearestRoot.find(x -> value(amounts, years, x), GUESS, FIRST_STEP, -LARGEST_LOGARITHM, LARGEST_LOGARITHM);
        }
        return logarithm.isPresent() ? OptionalDouble.of(Math.expm1(logarithm.getAsDouble())) : OptionalDouble.empty();
    }

    private static OptionalDouble halley(double[] amounts, double[] years)
    {
        double duration = years[years.length - 1];
        double x = GUESS;
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            double anchor = x < 0 ? duration : 0;
            double value = 0;
            double slope = 0;
            double curvature = 0;
            double scale = 0;
            for (int i = 0; i < amounts.length; i++) {
                double discounted = amounts[i] * Math.exp(x * (anchor - years[i]));
                double moment = years[i] * discounted;
                value += discounted;
                slope -= moment;
                curvature += years[i] * moment;
                scale += Math.abs(discounted);
            }
            double newtonStep = value / slope;
            double bend = curvature / slope;
            double step = newtonStep / Math.max(SMALLEST_DIVISOR, 1 - newtonStep * bend / 2);
            double next = x - step;
            if (!Double.isFinite(next) || Math.abs(next) > LARGEST_LOGARITHM) {
                return OptionalDouble.empty();
            }
            double error = Math.min(Math.abs(step), errorAfter(step, bend, duration, scale / Math.abs(slope)));
            if (error <= 4 * Math.ulp(Math.max(1, Math.abs(x)))) {
                return Math.abs(slope) * error <= RESIDUAL * scale ? OptionalDouble.of(next) : OptionalDouble.empty();
            }
            x = next;
        }
        return OptionalDouble.empty();
    }

    /**
     * A bound of the distance to the root after a step of Halley's method: step³ times f″²/4f′² − f‴/6f′, where f‴ is at
     * most duration³ times the scale.
     */
    private static double errorAfter(double step, double bend, double duration, double scaleToSlope)
    {
        return Math.abs(step * step * step) * (bend * bend / 4 + duration * duration * duration * scaleToSlope / 6);
    }

    /**
     * The flows' worth, times a positive number that keeps every exponent from overflowing.
     */
    private static double value(double[] amounts, double[] years, double x)
    {
        double anchor = x < 0 ? years[years.length - 1] : 0;
        double value = 0;
        for (int i = 0; i < amounts.length; i++) {
            value += amounts[i] * Math.exp(x * (anchor - years[i]));
        }
        return value;
    }
}
