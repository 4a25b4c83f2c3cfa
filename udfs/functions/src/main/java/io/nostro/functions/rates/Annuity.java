package io.nostro.functions.rates;

import io.trino.spi.TrinoException;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

import static io.nostro.functions.FunctionErrors.divisionByZero;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.FunctionErrors.outOfRange;

/**
 * The time value of equal payments, by the equation of Excel's financial functions:
 * {@code pv (1 + r)^n + pmt (1 + r type) ((1 + r)^n - 1) / r + fv = 0}. Computed by logarithms of 1 + r, so that a small rate loses no digits.
 */
final class Annuity
{
    private static final double GUESS = Math.log1p(0.1);
    private static final double FIRST_STEP = 0.02;
    private static final double LARGEST_LOGARITHM = 100;
    private static final int MOST_ITERATIONS = 60;
    private static final double DIFFERENCE = 1e-6;
    private static final double RESIDUAL = 1e-13;

    private Annuity() {}

    static double presentValue(String function, double rate, double periods, double payment, double futureValue, long type)
    {
        checkRateAndPeriods(function, rate, periods);
        double due = due(function, rate, type);
        double discount = Math.exp(-periods * Math.log1p(rate));
        double worth = rate == 0 ? periods : -Math.expm1(-periods * Math.log1p(rate)) / rate;
        return result(function, -(finite(function, "fv", futureValue) * discount + finite(function, "pmt", payment) * due * worth));
    }

    static double futureValue(String function, double rate, double periods, double payment, double presentValue, long type)
    {
        checkRateAndPeriods(function, rate, periods);
        double due = due(function, rate, type);
        return result(function, -(finite(function, "pv", presentValue) * growth(rate, periods) + finite(function, "pmt", payment) * due * saved(rate, periods)));
    }

    static double payment(String function, double rate, double periods, double presentValue, double futureValue, long type)
    {
        checkRateAndPeriods(function, rate, periods);
        if (periods == 0) {
            throw divisionByZero("%s: nper is zero; accepted is a number above zero", function);
        }
        double due = due(function, rate, type);
        finite(function, "pv", presentValue);
        finite(function, "fv", futureValue);
        if (rate == 0) {
            return result(function, -(presentValue + futureValue) / periods);
        }
        double logarithm = Math.log1p(rate);
        // both terms over growth - 1, each in the form that can not overflow
        double ofPresentValue = presentValue * rate / -Math.expm1(-periods * logarithm);
        double ofFutureValue = futureValue * rate / Math.expm1(periods * logarithm);
        return result(function, -(ofPresentValue + ofFutureValue) / due);
    }

    static double interestPayment(String function, double rate, long period, double periods, double presentValue, double futureValue, long type)
    {
        checkRateAndPeriods(function, rate, periods);
        if (period < 1 || period > Math.ceil(periods)) {
            throw invalidArgument("%s: per is %s; accepted are 1 to nper, which is %s", function, period, periods);
        }
        double payment = payment(function, rate, periods, presentValue, futureValue, type);
        if (type == 1 && period == 1) {
            return 0;
        }
        double interest = futureValue(function, rate, (double) (period - 1), payment, presentValue, type) * rate;
        return result(function, type == 1 ? interest / (1 + rate) : interest);
    }

    static double principalPayment(String function, double rate, long period, double periods, double presentValue, double futureValue, long type)
    {
        double interest = interestPayment(function, rate, period, periods, presentValue, futureValue, type);
        return result(function, payment(function, rate, periods, presentValue, futureValue, type) - interest);
    }

    static double periods(String function, double rate, double payment, double presentValue, double futureValue, long type)
    {
        checkRate(function, rate);
        finite(function, "pmt", payment);
        finite(function, "pv", presentValue);
        finite(function, "fv", futureValue);
        double due = due(function, rate, type);
        double periods;
        if (rate == 0) {
            if (payment == 0) {
                throw divisionByZero("%s: rate and pmt are zero", function);
            }
            periods = -(presentValue + futureValue) / payment;
        }
        else {
            double perpetuity = payment * due / rate;
            periods = Math.log1p(-(futureValue + presentValue) / (perpetuity + presentValue)) / Math.log1p(rate);
        }
        if (!Double.isFinite(periods)) {
            throw invalidArgument("%s: no number of periods brings pv with these payments to fv", function);
        }
        return periods;
    }

    static double rate(String function, double periods, double payment, double presentValue, double futureValue, long type)
    {
        if (!(periods > 0 && Double.isFinite(periods))) {
            throw invalidArgument("%s: nper is %s; accepted is a finite number above zero", function, periods);
        }
        finite(function, "pmt", payment);
        finite(function, "pv", presentValue);
        finite(function, "fv", futureValue);
        due(function, 0, type);
        double scale = Math.max(Math.abs(payment), Math.max(Math.abs(presentValue), Math.abs(futureValue)));
        if (scale == 0) {
            throw noRate(function);
        }
        DoubleUnaryOperator balance = x -> balance(x, periods, payment / scale, presentValue / scale, futureValue / scale, type);
        OptionalDouble logarithm = NearestRoot.find(balance, GUESS, FIRST_STEP, -LARGEST_LOGARITHM, LARGEST_LOGARITHM);
        if (logarithm.isEmpty()) {
            // two roots that are nearer to each other than a step
            logarithm = newton(balance);
        }
        return Math.expm1(logarithm.orElseThrow(() -> noRate(function)));
    }

    private static OptionalDouble newton(DoubleUnaryOperator function)
    {
        double x = GUESS;
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            double value = function.applyAsDouble(x);
            if (Math.abs(value) <= RESIDUAL) {
                return OptionalDouble.of(x);
            }
            double slope = (function.applyAsDouble(x + DIFFERENCE) - function.applyAsDouble(x - DIFFERENCE)) / (2 * DIFFERENCE);
            x -= value / slope;
            if (!(Math.abs(x) <= LARGEST_LOGARITHM)) {
                break;
            }
        }
        return OptionalDouble.empty();
    }

    /**
     * What is left at the end, or at the start for a rate above zero, so that nothing overflows.
     */
    private static double balance(double logarithm, double periods, double payment, double presentValue, double futureValue, long type)
    {
        double rate = Math.expm1(logarithm);
        double due = type == 1 ? Math.exp(logarithm) : 1;
        if (rate == 0) {
            return presentValue + payment * periods + futureValue;
        }
        if (logarithm > 0) {
            return presentValue + payment * (due / rate * -Math.expm1(-periods * logarithm)) + futureValue * Math.exp(-periods * logarithm);
        }
        return presentValue * Math.exp(periods * logarithm) + payment * (due / rate * Math.expm1(periods * logarithm)) + futureValue;
    }

    private static TrinoException noRate(String function)
    {
        return invalidArgument("%s: there is no rate at which these payments bring pv to fv; accepted are amounts paid and received, of different signs", function);
    }

    private static double growth(double rate, double periods)
    {
        return Math.exp(periods * Math.log1p(rate));
    }

    private static double saved(double rate, double periods)
    {
        return rate == 0 ? periods : Math.expm1(periods * Math.log1p(rate)) / rate;
    }

    private static double due(String function, double rate, long type)
    {
        if (type != 0 && type != 1) {
            throw invalidArgument("%s: type is %s; accepted are 0 for payments at the end of each period and 1 at its start", function, type);
        }
        return type == 1 ? 1 + rate : 1;
    }

    private static void checkRateAndPeriods(String function, double rate, double periods)
    {
        checkRate(function, rate);
        if (!(periods >= 0 && Double.isFinite(periods))) {
            throw invalidArgument("%s: nper is %s; accepted is a finite number of zero and above", function, periods);
        }
    }

    private static void checkRate(String function, double rate)
    {
        if (!(rate > -1 && Double.isFinite(rate))) {
            throw invalidArgument("%s: rate is %s; accepted is a finite number above -1", function, rate);
        }
    }

    private static double finite(String function, String name, double value)
    {
        if (!Double.isFinite(value)) {
            throw invalidArgument("%s: %s is %s; accepted is a finite number", function, name, value);
        }
        return value;
    }

    private static double result(String function, double value)
    {
        if (!Double.isFinite(value)) {
            throw outOfRange("%s: the result is too large", function);
        }
        return value + 0.0;
    }
}
