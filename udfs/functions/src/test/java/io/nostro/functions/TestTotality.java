package io.nostro.functions;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.bonds.BondCashFlowFunctions;
import io.nostro.functions.bonds.BondPriceFunctions;
import io.nostro.functions.bonds.BondSensitivityFunctions;
import io.nostro.functions.bonds.TreasuryBillFunctions;
import io.nostro.functions.calendar.CalendarFunctions;
import io.nostro.functions.calendar.ImmDateFunctions;
import io.nostro.functions.calendar.ScheduleFunctions;
import io.nostro.functions.messages.MtFunctions;
import io.nostro.functions.money.AllocationFunctions;
import io.nostro.functions.money.AmountTextFunctions;
import io.nostro.functions.money.BasisPointFunctions;
import io.nostro.functions.money.FxFunctions;
import io.nostro.functions.options.BlackScholesFunctions;
import io.nostro.functions.options.ForwardOptionFunctions;
import io.nostro.functions.options.ImpliedVolatilityFunctions;
import io.nostro.functions.rates.AccrualFunctions;
import io.nostro.functions.rates.AmortizationFunctions;
import io.nostro.functions.rates.ArrayCashFlowFunctions;
import io.nostro.functions.rates.RateFunctions;
import io.nostro.functions.rates.TimeValueFunctions;
import io.nostro.functions.risk.CreditRiskFunctions;
import io.nostro.functions.text.ScreeningFunctions;
import io.trino.spi.TrinoException;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;
import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.airlift.slice.Slices.wrappedBuffer;
import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * That a function gives a value or one of the errors that TRY catches, whatever its arguments: drawn from the whole of
 * their types, and often from what is near to being accepted.
 */
final class TestTotality
{
    private static final List<Class<?>> CLASSES = ImmutableList.of(
            CalendarFunctions.class,
            ImmDateFunctions.class,
            ScheduleFunctions.class,
            AccrualFunctions.class,
            TimeValueFunctions.class,
            RateFunctions.class,
            AmortizationFunctions.class,
            ArrayCashFlowFunctions.class,
            CreditRiskFunctions.class,
            BondPriceFunctions.class,
            BondSensitivityFunctions.class,
            BondCashFlowFunctions.class,
            TreasuryBillFunctions.class,
            FxFunctions.class,
            AllocationFunctions.class,
            BasisPointFunctions.class,
            AmountTextFunctions.class,
            BlackScholesFunctions.class,
            ForwardOptionFunctions.class,
            ImpliedVolatilityFunctions.class,
            MtFunctions.class,
            ScreeningFunctions.class);
    private static final int LEAST_CALLS = 3_000;
    private static final long MILLISECONDS = Long.getLong("nostro.fuzz.milliseconds", 0);

    private static final double[] DOUBLES = {0, -0.0, 1, -1, 0.05, 0.1, -0.5, 12, 1e-9, -1e-300, 1e300, -1e300, Double.MAX_VALUE, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.9999999999999999};
    private static final long[] LONGS = {0, 1, 2, 4, 12, -1, 7, 365, 2025, 10_000, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1};
    /**
     * Where the dates of a bond may lie, in months, so that they are often in order and coupon dates of one schedule.
     */
    private static final Map<String, Integer> FIRST_MONTHS = Map.of("issue", 0, "settlement", 6, "firstCoupon", 12, "maturity", 24);
    private static final long[] FREQUENCIES = {1, 2, 3, 4, 6, 12};
    private static final Map<String, List<Slice>> ACCEPTED = ImmutableMap.<String, List<Slice>>builder()
            .put("calendar", texts("EUTA", "USNY+GBLO", "Fri/Sat", "NoHolidays"))
            .put("convention", texts("Act/Act ICMA", "30E/360 ISDA", "Act/Act AFB", "Act/365L", "1/1", "bus/252", "MF", "nearest", "P", "none", "Act/Act Year"))
            .put("frequency", texts("3M", "1D", "P1Y6M", "term", "annual", "2W"))
            .put("stub", texts("none", "long initial", "smart final", "ShortFinal"))
            .put("roll", texts("none", "EOM", "SFE", "IMM", "31", "MON", "Day7"))
            .put("position", texts("final", "initial", "regular"))
            .put("method", texts("annuity", "linear", "bullet"))
            .put("dayCount", texts("Act/Act ICMA", "30/360 ISDA", "30E/360", "Act/365F", "Act/360", "Act/365L", "1/1", "bus/252", "30U/360"))
            .put("yieldConvention", texts("street", "icma", "us treasury"))
            .put("toCurrency", texts("EUR", "JPY", "KWD", "XAU"))
            .put("currency", texts("EUR", "JPY", "KWD", "XAU"))
            .put("locale", texts("en", "de", "fr", "de-CH", "en_IN", "nl"))
            .put("text", texts("1,234.50", "1.234,50", "EUR 12", "(7.5)", "-1 234,5 EUR", "12,34,567.00", "٣", "Łukasz", "深圳"))
            .put("optionType", texts("call", "put"))
            .put("compounding", texts("continuous", "simple", "annual"))
            .put("fromCompounding", texts("continuous", "daily", "annual"))
            .put("message", texts("{2:I103BANKFRPPXXXXN}{3:{108:MUR}}{4:\n:20:REF1\n-}", ":20:REF1"))
            .put("name", texts("Al-Asad, Bashar", "Дмитрий Шостакович"))
            .put("left", texts("Jon Smith", "O'Brien"))
            .put("right", texts("Smith, John", ""))
            .put("toCompounding", texts("continuous", "monthly", "annual"))
            .buildOrThrow();
    private static final List<Slice> TEXTS = ImmutableList.<Slice>builder()
            .addAll(ACCEPTED.values().stream().flatMap(List::stream).toList())
            .addAll(texts("", "((((((", "%s %d \\ $1", "ПРИВЕТ\u0000", "+", "9".repeat(1_000_000), "A+".repeat(500_000)))
            .add(wrappedBuffer((byte) 0xFF, (byte) 0xC0))
            .build();

    @Test
    void testOnlyErrorsThatTryCatches()
    {
        int tried = 0;
        for (Class<?> clazz : CLASSES) {
            for (Method method : clazz.getMethods()) {
                if (!method.isAnnotationPresent(ScalarFunction.class)) {
                    continue;
                }
                Random random = new Random(method.toString().hashCode());
                int succeeded = 0;
                long end = System.currentTimeMillis() + MILLISECONDS;
                for (int i = 0; i < LEAST_CALLS || System.currentTimeMillis() < end; i++) {
                    long scale = random.nextInt(39);
                    Object[] arguments = Arrays.stream(method.getParameters()).map(parameter -> argument(parameter, scale, random)).toArray();
                    if (succeeds(method, arguments)) {
                        succeeded++;
                    }
                    tried++;
                }
                assertThat(succeeded).as("calls of %s that gave a value", method).isPositive();
            }
        }
        assertThat(tried).isGreaterThan(100_000);
    }

    private static List<Slice> texts(String... texts)
    {
        return Arrays.stream(texts).map(Slices::utf8Slice).collect(toImmutableList());
    }

    private static boolean succeeds(Method method, Object[] arguments)
    {
        try {
            Object result = method.invoke(null, arguments);
            if (result instanceof Double number) {
                assertThat(number).as("%s%s", method.getName(), Arrays.asList(arguments)).isFinite();
            }
            return true;
        }
        catch (InvocationTargetException e) {
            assertThat(e.getCause()).as("%s %s", method.getName(), Arrays.stream(arguments).map(TestTotality::described).toList()).isInstanceOf(TrinoException.class);
            TrinoException failure = (TrinoException) e.getCause();
            assertThat(failure.getErrorCode()).isIn(
                    INVALID_FUNCTION_ARGUMENT.toErrorCode(),
                    NUMERIC_VALUE_OUT_OF_RANGE.toErrorCode(),
                    DIVISION_BY_ZERO.toErrorCode());
            assertThat(failure.getMessage().length()).as(failure.getMessage()).isLessThan(1_000);
            return false;
        }
        catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static String described(Object argument)
    {
        return argument instanceof Slice text ? text.toStringUtf8().substring(0, Math.min(30, text.toStringUtf8().length())) : String.valueOf(argument);
    }

    private static Object argument(Parameter parameter, long scale, Random random)
    {
        if (parameter.isAnnotationPresent(LiteralParameter.class)) {
            return scale;
        }
        String type = parameter.getAnnotation(SqlType.class).value();
        if (type.startsWith("varchar")) {
            List<Slice> accepted = ACCEPTED.get(parameter.getName());
            return random.nextInt(4) == 0 ? TEXTS.get(random.nextInt(TEXTS.size())) : accepted.get(random.nextInt(accepted.size()));
        }
        if (type.startsWith("decimal")) {
            BigInteger unscaled = new BigInteger(random.nextInt(126), random);
            return Int128.valueOf(random.nextBoolean() ? unscaled : unscaled.negate());
        }
        if (parameter.getName().equals("frequency") && random.nextInt(4) > 0) {
            return FREQUENCIES[random.nextInt(FREQUENCIES.length)];
        }
        return switch (type) {
            case "date" -> FIRST_MONTHS.containsKey(parameter.getName()) && random.nextInt(4) > 0
                    ? LocalDate.of(2020, 1, 1).plusMonths(FIRST_MONTHS.get(parameter.getName()) + random.nextInt(12)).toEpochDay()
                    : date(random);
            case "bigint" -> random.nextInt(3) == 0 ? LONGS[random.nextInt(LONGS.length)] : random.nextLong(400) - 20;
            case "double" -> number(random);
            case "array(bigint)" -> {
                BlockBuilder numbers = BIGINT.createBlockBuilder(null, 8);
                for (int i = random.nextInt(8); i > 0; i--) {
                    BIGINT.writeLong(numbers, random.nextInt(4) == 0 ? LONGS[random.nextInt(LONGS.length)] : random.nextLong(100));
                }
                yield numbers.build();
            }
            case "array(decimal(38, ws))" -> {
                DecimalType decimal = createDecimalType(38, (int) scale);
                BlockBuilder numbers = decimal.createBlockBuilder(null, 8);
                for (int i = random.nextInt(8); i > 0; i--) {
                    decimal.writeObject(numbers, Int128.valueOf(new BigInteger(random.nextInt(126), random)));
                }
                yield numbers.build();
            }
            case "array(double)" -> {
                BlockBuilder numbers = DOUBLE.createBlockBuilder(null, 8);
                for (int i = random.nextInt(8); i > 0; i--) {
                    double number = random.nextInt(4) == 0 ? number(random) : random.nextGaussian();
                    DOUBLE.writeDouble(numbers, number);
                }
                yield numbers.build();
            }
            case "array(date)" -> {
                BlockBuilder dates = DATE.createBlockBuilder(null, 8);
                for (int i = random.nextInt(8); i > 0; i--) {
                    DATE.writeLong(dates, date(random));
                }
                yield dates.build();
            }
            case "array(varchar(y))" -> {
                BlockBuilder texts = VARCHAR.createBlockBuilder(null, 4);
                for (int i = random.nextInt(4); i > 0; i--) {
                    List<Slice> names = random.nextInt(4) == 0 ? TEXTS : ACCEPTED.get("name");
                    VARCHAR.writeSlice(texts, names.get(random.nextInt(names.size())));
                }
                yield texts.build();
            }
            default -> throw new AssertionError("no arguments of type " + type);
        };
    }

    private static long date(Random random)
    {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextBoolean() ? Integer.MAX_VALUE : Integer.MIN_VALUE;
            default -> 18_000 + random.nextInt(4_000);
        };
    }

    private static double number(Random random)
    {
        return switch (random.nextInt(4)) {
            case 0 -> DOUBLES[random.nextInt(DOUBLES.length)];
            case 1 -> Double.longBitsToDouble(random.nextLong());
            case 2 -> random.nextDouble() * 100;
            default -> random.nextDouble() - 0.3;
        };
    }
}
