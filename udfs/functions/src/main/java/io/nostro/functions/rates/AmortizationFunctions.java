package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.NameCase;
import io.nostro.functions.Source;
import io.nostro.functions.TextLookup;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;
import java.math.MathContext;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static io.trino.spi.type.RowType.anonymousRow;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * The schedule of a loan's payments. Every amount is rounded once, half to even, to the principal's scale; principal adds
 * up to the loan because the last payment takes what rounding has left.
 */
public final class AmortizationFunctions
{
    private static final String NAME = "amortization_schedule";
    private static final long MOST_PERIODS = 10_000;
    private static final MathContext PRECISION = new MathContext(120, HALF_EVEN);
    // below it, interest on 38 digits does not reach the last of them
    private static final BigDecimal SMALLEST_RATE = new BigDecimal("1e-50");
    private static final TextLookup<Method> METHODS = new TextLookup<>(AmortizationFunctions::method);

    private enum Method
    {
        ANNUITY,
        LINEAR,
        BULLET
    }

    private AmortizationFunctions() {}

    @ScalarFunction(NAME)
    @Description("The payments of a loan, to the principal's scale, as rows of period, payment, interest, principal and balance; method is annuity (equal payments), linear (equal principal) or bullet (principal at the end)")
    @Source("The annuity formula of Microsoft Excel's PMT; linear and bullet repayment need none")
    @Argument(name = "principal", meaning = "the amount of the loan; all amounts of the result have its scale")
    @Argument(name = "annual_rate", meaning = "the nominal rate per year as a fraction, from 0 to 100: 0.05 is 5 %")
    @Argument(name = "periods", meaning = "the number of payments, from 1 to 10,000")
    @Argument(name = "periods_per_year", meaning = "payments in a year, from 1 to 366: 12 for monthly")
    @Argument(name = "method", meaning = "annuity (equal payments), linear (equal principal) or bullet (principal with the last payment)")
    @Errors(
            invalidArgument = "a number is outside what is accepted, or the method is none of those",
            outOfRange = "an amount has more than 38 digits")
    @LiteralParameters({"s", "x"})
    @SqlType("array(row(\"period\" bigint,\"payment\" decimal(38,s),\"interest\" decimal(38,s),\"principal\" decimal(38,s),\"balance\" decimal(38,s)))")
    @Example(sql = "amortization_schedule(DECIMAL '1000.00', 0.12, 3, 12, 'annuity')", result = "[{\"period\":1,\"payment\":340.02,\"interest\":10.00,\"principal\":330.02,\"balance\":669.98},{\"period\":2,\"payment\":340.02,\"interest\":6.70,\"principal\":333.32,\"balance\":336.66},{\"period\":3,\"payment\":340.03,\"interest\":3.37,\"principal\":336.66,\"balance\":0.00}]")
    @Example(sql = "amortization_schedule(DECIMAL '1000.00', 0.12, 2, 4, 'bullet')", result = "[{\"period\":1,\"payment\":30.00,\"interest\":30.00,\"principal\":0.00,\"balance\":1000.00},{\"period\":2,\"payment\":1030.00,\"interest\":30.00,\"principal\":1000.00,\"balance\":0.00}]")
    @Example(sql = "SELECT max(balance) FROM UNNEST(amortization_schedule(DECIMAL '1000.00', 0, 3, 12, 'linear'))", result = "666.67")
    @Example(sql = "TRY(amortization_schedule(DECIMAL '1000.00', 0.12, 0, 12, 'annuity'))", result = "null")
    public static Block amortizationSchedule(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 principal,
            @SqlType(StandardTypes.DOUBLE) double annualRate,
            @SqlType(StandardTypes.BIGINT) long periods,
            @SqlType(StandardTypes.BIGINT) long periodsPerYear,
            @SqlType("varchar(x)") Slice method)
    {
        if (periods < 1 || periods > MOST_PERIODS) {
            throw invalidArgument("%s: periods is %s; accepted are 1 to %s", NAME, periods, MOST_PERIODS);
        }
        if (periodsPerYear < 1 || periodsPerYear > 366) {
            throw invalidArgument("%s: periods_per_year is %s; accepted are 1 to 366", NAME, periodsPerYear);
        }
        if (!(annualRate >= 0 && annualRate <= 100)) {
            throw invalidArgument("%s: annual_rate is %s; accepted are 0 to 100, 0.05 being five percent", NAME, annualRate);
        }
        Method chosen = METHODS.get(method);
        BigDecimal balance = new BigDecimal(principal.toBigInteger(), (int) scale);
        // a double's shortest text is the number that was meant: 0.1 is a tenth
        BigDecimal rate = BigDecimal.valueOf(annualRate);
        BigDecimal frequency = BigDecimal.valueOf(periodsPerYear);
        BigDecimal equalPart = switch (chosen) {
            case ANNUITY -> payment(balance, rate, frequency, (int) periods, (int) scale);
            case LINEAR -> balance.divide(BigDecimal.valueOf(periods), (int) scale, HALF_EVEN);
            case BULLET -> BigDecimal.ZERO;
        };

        DecimalType amountType = createDecimalType(MAX_PRECISION, (int) scale);
        RowType rowType = anonymousRow(BIGINT, amountType, amountType, amountType, amountType);
        RowBlockBuilder rows = rowType.createBlockBuilder(null, (int) periods);
        for (long period = 1; period <= periods; period++) {
            // divided last: a twelfth of a rate has no end, and would not round half a unit to even
            BigDecimal interest = balance.multiply(rate).divide(frequency, (int) scale, HALF_EVEN);
            BigDecimal repaid = chosen == Method.ANNUITY ? equalPart.subtract(interest) : equalPart;
            // rounding up for many periods may repay all before the last
            if (period == periods || repaid.abs().compareTo(balance.abs()) > 0) {
                repaid = balance;
            }
            balance = balance.subtract(repaid);
            writeRow(rows, amountType, period, interest.add(repaid), interest, repaid, balance);
        }
        return rows.build();
    }

    private static void writeRow(RowBlockBuilder rows, DecimalType type, long period, BigDecimal payment, BigDecimal interest, BigDecimal principal, BigDecimal balance)
    {
        Int128 paymentAmount = amount(payment);
        Int128 interestAmount = amount(interest);
        rows.buildEntry(fields -> {
            BIGINT.writeLong(fields.get(0), period);
            write(type, fields.get(1), paymentAmount);
            write(type, fields.get(2), interestAmount);
            write(type, fields.get(3), amount(principal));
            write(type, fields.get(4), amount(balance));
        });
    }

    private static void write(DecimalType type, BlockBuilder field, Int128 amount)
    {
        type.writeObject(field, amount);
    }

    private static Int128 amount(BigDecimal amount)
    {
        return toDecimal(NAME, amount.unscaledValue(), MAX_PRECISION);
    }

    private static BigDecimal payment(BigDecimal principal, BigDecimal annualRate, BigDecimal frequency, int periods, int scale)
    {
        if (annualRate.compareTo(SMALLEST_RATE.multiply(frequency)) < 0) {
            return principal.divide(BigDecimal.valueOf(periods), scale, HALF_EVEN);
        }
        BigDecimal grown = frequency.add(annualRate).pow(periods, PRECISION);
        BigDecimal gained = grown.subtract(frequency.pow(periods, PRECISION));
        return principal.multiply(annualRate)
                .multiply(grown)
                .divide(frequency.multiply(gained), scale, HALF_EVEN);
    }

    private static Method method(String name)
    {
        return switch (NameCase.lowerCase(name.trim())) {
            case "annuity" -> Method.ANNUITY;
            case "linear" -> Method.LINEAR;
            case "bullet" -> Method.BULLET;
            default -> throw invalidArgument(
                    "%s: not a method: '%s'; accepted are annuity, linear and bullet",
                    NAME,
                    name.length() > 60 ? name.substring(0, 60) + "…" : name);
        };
    }
}
