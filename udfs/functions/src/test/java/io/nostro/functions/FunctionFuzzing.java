package io.nostro.functions;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import io.trino.spi.function.ScalarFunction;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Calls a class's scalar functions, found by their annotation, with texts of every kind.
 *
 * <p>What leaves a function is a value, or an error of a code that {@code TRY} catches and whose message shows no long piece of the text.
 */
public final class FunctionFuzzing
{
    private static final List<StandardErrorCode> CAUGHT_BY_TRY = List.of(INVALID_FUNCTION_ARGUMENT, NUMERIC_VALUE_OUT_OF_RANGE, DIVISION_BY_ZERO);
    private static final int LONGEST_SHOWN = 16;
    private static final Slice MEGABYTE = Slices.wrappedBuffer(megabyte((byte) 'A'));
    private static final Slice MEGABYTE_OF_DIGITS = Slices.wrappedBuffer(megabyte((byte) '7'));

    private FunctionFuzzing() {}

    /**
     * Calls each scalar function of the class whose arguments are all texts.
     *
     * @param runs how many calls each function gets
     * @param samples accepted texts, of which damaged copies are made
     */
    public static void assertTotal(Class<?> functions, int runs, String... samples)
    {
        Random random = new Random(functions.getName().hashCode());
        int called = 0;
        for (Method method : functions.getMethods()) {
            if (!method.isAnnotationPresent(ScalarFunction.class) || !Arrays.stream(method.getParameterTypes()).allMatch(type -> type == Slice.class)) {
                continue;
            }
            called++;
            for (int i = 0; i < runs; i++) {
                Slice[] arguments = new Slice[method.getParameterCount()];
                for (int argument = 0; argument < arguments.length; argument++) {
                    arguments[argument] = text(random, samples);
                }
                call(method, arguments);
            }
            for (Slice text : List.of(MEGABYTE, MEGABYTE_OF_DIGITS, Slices.EMPTY_SLICE)) {
                Slice[] arguments = new Slice[method.getParameterCount()];
                Arrays.fill(arguments, text);
                call(method, arguments);
            }
        }
        assertThat(called).isPositive();
    }

    private static void call(Method method, Slice[] arguments)
    {
        try {
            Object value = method.invoke(null, (Object[]) arguments);
            if (value instanceof Slice text) {
                assertThat(text.length()).isLessThanOrEqualTo(4 * Arrays.stream(arguments).mapToInt(Slice::length).sum() + 64);
            }
        }
        catch (InvocationTargetException e) {
            String call = method.getName() + Arrays.stream(arguments).map(argument -> argument.length() < 200 ? argument.toStringUtf8() : "…").toList();
            assertThat(e.getCause()).as(call).isInstanceOf(TrinoException.class);
            assertThat(CAUGHT_BY_TRY.stream().map(StandardErrorCode::toErrorCode)).as(call).contains(((TrinoException) e.getCause()).getErrorCode());
            for (Slice argument : arguments) {
                if (argument.length() >= LONGEST_SHOWN) {
                    assertThat(e.getCause().getMessage()).as(call).doesNotContain(argument.toStringUtf8());
                }
            }
        }
        catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * A text inside a longer array, so that a read outside it is a wrong result.
     */
    private static Slice text(Random random, String[] samples)
    {
        byte[] text = switch (random.nextInt(4)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(50)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case 1 -> {
                StringBuilder characters = new StringBuilder();
                int length = random.nextInt(45);
                for (int i = 0; i < length; i++) {
                    characters.appendCodePoint(switch (random.nextInt(6)) {
                        case 0 -> random.nextInt('A', 'Z' + 1);
                        case 1 -> ' ' + random.nextInt(95);
                        case 2 -> random.nextInt(0xD800);
                        case 3 -> 0x10000 + random.nextInt(0x10FFFF - 0x10000);
                        default -> random.nextInt('0', '9' + 1);
                    });
                }
                yield characters.toString().getBytes(UTF_8);
            }
            default -> {
                byte[] sample = samples[random.nextInt(samples.length)].getBytes(UTF_8);
                int changes = random.nextInt(3);
                for (int i = 0; i < changes && sample.length > 0; i++) {
                    if (random.nextBoolean()) {
                        sample[random.nextInt(sample.length)] = (byte) random.nextInt(256);
                    }
                    else {
                        sample = Arrays.copyOf(sample, random.nextInt(sample.length + 2));
                    }
                }
                yield sample;
            }
        };
        byte[] surrounded = new byte[text.length + 14];
        random.nextBytes(surrounded);
        System.arraycopy(text, 0, surrounded, 7, text.length);
        return Slices.wrappedBuffer(surrounded, 7, text.length);
    }

    private static byte[] megabyte(byte character)
    {
        byte[] text = new byte[1_000_000];
        Arrays.fill(text, character);
        return text;
    }
}
