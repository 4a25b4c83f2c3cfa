package io.nostro.functions.rates;

import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.AggregationState;
import io.trino.spi.function.CombineFunction;
import io.trino.spi.function.Description;
import io.trino.spi.function.InputFunction;
import io.trino.spi.function.OutputFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.OptionalDouble;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.rates.PresentWorth.checkRate;
import static io.nostro.functions.rates.PresentWorth.checkSameRate;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * Rows with a NULL are left out; the result is NULL of no rows, and where nothing was paid or nothing received.
 */
@AggregationFunction("mirr")
@Description("The modified internal rate of return per period, as a fraction, of amounts by the number of the period, by a rate that payments are financed at and one that receipts are reinvested at (Excel's MIRR); NULL when nothing is paid or nothing received")
@Source("Microsoft Excel, function MIRR")
@Errors(invalidArgument = "an amount is not finite, a period does not fit in 32 bits, or a rate is not finite and above -1 or not the same in all rows of a group")
@Example(
        sql = "SELECT round(mirr(amount, period, 0.10, 0.12), 4) FROM (VALUES (-120000, 0), (39000, 1), (30000, 2), (21000, 3), (37000, 4), (46000, 5)) AS flows (amount, period)",
        result = "0.1261")
@Example(
        sql = "SELECT mirr(amount, period, 0.10, 0.12) FROM (VALUES (100, 0), (200, 1)) AS flows (amount, period)",
        result = "null")
public final class MirrAggregation
{
    private static final long LARGEST_PERIOD = Integer.MAX_VALUE;
    private static final PositiveWorth NOTHING = new PositiveWorth(0, 0);

    private MirrAggregation() {}

    @InputFunction
    public static void input(
            @AggregationState MirrState state,
            @SqlType(StandardTypes.DOUBLE) double amount,
            @SqlType(StandardTypes.BIGINT) long period,
            @SqlType(StandardTypes.DOUBLE) double financeRate,
            @SqlType(StandardTypes.DOUBLE) double reinvestRate)
    {
        double checkedAmount = PresentWorth.amount("mirr", amount);
        if (period < -LARGEST_PERIOD || period > LARGEST_PERIOD) {
            throw invalidArgument("mirr: a period is %s; accepted are numbers of 32 bits", period);
        }
        addCount(state, 1, financeRate, reinvestRate, period, period);
        if (checkedAmount < 0) {
            double periods = (double) (period - state.getFirstPeriod());
            double sum = state.getPaidExponent() == 0 ? PositiveWorth.plainSum(state.getPaid(), -checkedAmount, financeRate, periods) : Double.NaN;
            if (Double.isNaN(sum)) {
                setPaid(state, paid(state).plus(new PositiveWorth(-checkedAmount, 0), financeRate, periods));
            }
            else {
                state.setPaid(sum);
            }
        }
        else if (checkedAmount > 0) {
            double periods = (double) (period - state.getLastPeriod());
            double sum = state.getReceivedExponent() == 0 ? PositiveWorth.plainSum(state.getReceived(), checkedAmount, reinvestRate, periods) : Double.NaN;
            if (Double.isNaN(sum)) {
                setReceived(state, received(state).plus(new PositiveWorth(checkedAmount, 0), reinvestRate, periods));
            }
            else {
                state.setReceived(sum);
            }
        }
    }

    @CombineFunction
    public static void combine(@AggregationState MirrState state, @AggregationState MirrState otherState)
    {
        if (otherState.getCount() > 0) {
            addCount(state, otherState.getCount(), otherState.getFinanceRate(), otherState.getReinvestRate(), otherState.getFirstPeriod(), otherState.getLastPeriod());
            setPaid(state, paid(state).plus(paid(otherState), state.getFinanceRate(), (double) (otherState.getFirstPeriod() - state.getFirstPeriod())));
            setReceived(state, received(state).plus(received(otherState), state.getReinvestRate(), (double) (otherState.getLastPeriod() - state.getLastPeriod())));
        }
    }

    @OutputFunction(StandardTypes.DOUBLE)
    public static void output(@AggregationState MirrState state, BlockBuilder out)
    {
        OptionalDouble rate = ModifiedRateOfReturn.find(paid(state), received(state), (double) (state.getLastPeriod() - state.getFirstPeriod()));
        if (rate.isPresent()) {
            DOUBLE.writeDouble(out, rate.getAsDouble());
        }
        else {
            out.appendNull();
        }
    }

    /**
     * Counts cash flows in, and moves the state's worths to their first and last period where these are outside its own.
     */
    private static void addCount(MirrState state, long count, double financeRate, double reinvestRate, long firstPeriod, long lastPeriod)
    {
        if (state.getCount() == 0) {
            checkRate("mirr", "finance_rate", financeRate);
            checkRate("mirr", "reinvest_rate", reinvestRate);
            state.setFinanceRate(financeRate);
            state.setReinvestRate(reinvestRate);
            state.setFirstPeriod(firstPeriod);
            state.setLastPeriod(lastPeriod);
        }
        else {
            checkSameRate("mirr", "finance_rate", state.getFinanceRate(), financeRate);
            checkSameRate("mirr", "reinvest_rate", state.getReinvestRate(), reinvestRate);
            if (firstPeriod < state.getFirstPeriod()) {
                setPaid(state, NOTHING.plus(paid(state), financeRate, (double) (state.getFirstPeriod() - firstPeriod)));
                state.setFirstPeriod(firstPeriod);
            }
            if (lastPeriod > state.getLastPeriod()) {
                setReceived(state, NOTHING.plus(received(state), reinvestRate, (double) (state.getLastPeriod() - lastPeriod)));
                state.setLastPeriod(lastPeriod);
            }
        }
        state.setCount(state.getCount() + count);
    }

    private static PositiveWorth paid(MirrState state)
    {
        return new PositiveWorth(state.getPaid(), state.getPaidExponent());
    }

    private static void setPaid(MirrState state, PositiveWorth paid)
    {
        state.setPaid(paid.mantissa());
        state.setPaidExponent(paid.exponent());
    }

    private static PositiveWorth received(MirrState state)
    {
        return new PositiveWorth(state.getReceived(), state.getReceivedExponent());
    }

    private static void setReceived(MirrState state, PositiveWorth received)
    {
        state.setReceived(received.mantissa());
        state.setReceivedExponent(received.exponent());
    }
}
