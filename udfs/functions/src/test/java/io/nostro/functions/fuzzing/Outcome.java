package io.nostro.functions.fuzzing;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceUtf8;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.SqlRow;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Decimals;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.RowType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import static com.google.common.base.Preconditions.checkState;
import static io.airlift.slice.SliceUtf8.countCodePoints;
import static io.trino.spi.StandardErrorCode.DIVISION_BY_ZERO;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static io.trino.spi.StandardErrorCode.NUMERIC_VALUE_OUT_OF_RANGE;
import static io.trino.spi.type.TypeUtils.readNativeValue;
import static io.trino.testing.TestingConnectorSession.SESSION;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * What a call came to, once it was found to be what a function may come to.
 *
 * @param kind a value, NULL or an error
 * @param shape what tells outcomes apart: of an error its message without what the input put there
 * @param value the value in plain Java objects; null for NULL and for an error
 */
record Outcome(Kind kind, String shape, Object value)
{
    enum Kind
    {
        VALUE,
        NULL,
        ERROR,
    }

    private static final Set<?> CAUGHT_BY_TRY = Set.of(INVALID_FUNCTION_ARGUMENT.toErrorCode(), NUMERIC_VALUE_OUT_OF_RANGE.toErrorCode(), DIVISION_BY_ZERO.toErrorCode());
    private static final double AGREEMENT = 1e-9;
    private static final int LONGEST_MESSAGE = 1_000;
    private static final int LONGEST_SHAPE = 120;
    private static final Pattern QUOTED = Pattern.compile("'[^']*'|\"[^\"]*\"");
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d[\\d.,E:-]*");
    private static final Pattern ACCOUNT_NUMBER = Pattern.compile("\\d(?:[ .-]?\\d){8,}+");
    private static final int LONGEST_SEARCHED = 100_000;

    /**
     * The outcome of a call that gave a value, which is at a position of a block. Bytes that are no UTF-8 come only of such.
     */
    static Outcome of(Type type, Block block, int position, Input input)
    {
        if (block.isNull(position)) {
            return new Outcome(Kind.NULL, "NULL", null);
        }
        Object value = read(type, block, position, input);
        return new Outcome(Kind.VALUE, shape(value), value);
    }

    /**
     * The outcome of a call that threw.
     */
    static Outcome of(Throwable thrown, Input input)
    {
        if (!(thrown instanceof TrinoException failure)) {
            throw new Finding("threw %s, which TRY does not catch".formatted(thrown.getClass().getName()), thrown);
        }
        if (!CAUGHT_BY_TRY.contains(failure.getErrorCode())) {
            throw new Finding("threw %s, a code that a function does not have".formatted(failure.getErrorCode().getName()), failure);
        }
        String message = failure.getMessage();
        String quoted = message;
        if (message.length() >= LONGEST_MESSAGE) {
            throw new Finding("threw a message of %s characters".formatted(message.length()), failure);
        }
        for (Object[] row : input.rows()) {
            for (Object argument : row) {
                if (argument instanceof Number number) {
                    quoted = quoted.replace(number.toString(), "");
                }
            }
        }
        for (Object[] row : input.rows()) {
            for (Object argument : row) {
                if (argument instanceof Slice text) {
                    checkNotShown(text, quoted, failure);
                }
            }
        }
        String shape = NUMBER.matcher(QUOTED.matcher(message).replaceAll("''")).replaceAll("#");
        return new Outcome(Kind.ERROR, failure.getErrorCode().getName() + " " + shape.substring(0, Math.min(shape.length(), LONGEST_SHAPE)), null);
    }

    /**
     * {@return the name of the code that an error has}
     */
    String errorCode()
    {
        checkState(kind == Kind.ERROR, "%s is no error", this);
        return shape.substring(0, shape.indexOf(' '));
    }

    /**
     * Whether both are NULL, both errors, or values that are equal but for the last digits of doubles.
     */
    boolean agreesWith(Outcome other)
    {
        return kind == other.kind && agree(value, other.value);
    }

    private static boolean agree(Object first, Object second)
    {
        if (first instanceof Double left && second instanceof Double right) {
            return Math.abs(left - right) <= AGREEMENT * Math.max(Math.abs(left), Math.abs(right)) || Math.abs(left - right) <= Double.MIN_NORMAL;
        }
        if (first instanceof List<?> left && second instanceof List<?> right) {
            return left.size() == right.size() && IntStream.range(0, left.size()).allMatch(i -> agree(left.get(i), right.get(i)));
        }
        return Objects.equals(first, second);
    }

    private static void checkNotShown(Slice text, String message, TrinoException failure)
    {
        String searched = text.toString(0, Math.min(text.length(), LONGEST_SEARCHED), ISO_8859_1);
        Matcher numbers = ACCOUNT_NUMBER.matcher(searched);
        while (numbers.find()) {
            if (message.contains(numbers.group())) {
                throw new Finding("threw a message that shows %s".formatted(numbers.group()), failure);
            }
        }
    }

    static boolean isUtf8(Slice text)
    {
        return SliceUtf8.fixInvalidUtf8(text).equals(text);
    }

    private static String shape(Object value)
    {
        return switch (value) {
            case List<?> list -> "list %s".formatted(Integer.SIZE - Integer.numberOfLeadingZeros(list.size()));
            case Boolean condition -> condition.toString();
            case String text -> "text " + (Integer.SIZE - Integer.numberOfLeadingZeros(text.length()));
            case Double number -> number == 0 ? "zero" : "double %s %s".formatted(Math.signum(number), Math.getExponent(number) / 64);
            default -> "value";
        };
    }

    /**
     * A value in plain Java objects, read to its last part. Text and numbers are checked to be what their types hold.
     */
    private static Object read(Type type, Block block, int position, Input input)
    {
        if (block.isNull(position)) {
            return null;
        }
        Object value = readNativeValue(type, block, position);
        return switch (type) {
            case DoubleType _ -> {
                if (!Double.isFinite((double) value)) {
                    throw new Finding("gave the double " + value);
                }
                yield value;
            }
            case DecimalType decimal -> {
                boolean overflows = decimal.isShort() ? Decimals.overflows((long) value, decimal.getPrecision()) : Decimals.overflows((Int128) value, decimal.getPrecision());
                if (overflows) {
                    throw new Finding("gave the unscaled %s, which no %s holds".formatted(value, decimal));
                }
                yield value.toString();
            }
            case VarcharType varchar -> {
                Slice text = (Slice) value;
                if (SliceUtf8.isAscii(text)) {
                    if (!varchar.isUnbounded() && text.length() > varchar.getBoundedLength()) {
                        throw new Finding("gave %s characters, which no %s holds".formatted(text.length(), varchar));
                    }
                    yield text.toStringAscii();
                }
                if (!isUtf8(text)) {
                    if (input.isUtf8()) {
                        throw new Finding("gave a text that is not UTF-8");
                    }
                    yield text.toString(ISO_8859_1);
                }
                if (!varchar.isUnbounded() && countCodePoints(text) > varchar.getBoundedLength()) {
                    throw new Finding("gave %s characters, which no %s holds".formatted(countCodePoints(text), varchar));
                }
                yield text.toStringUtf8();
            }
            case ArrayType array -> {
                Block elements = (Block) value;
                List<Object> read = new ArrayList<>(elements.getPositionCount());
                for (int element = 0; element < elements.getPositionCount(); element++) {
                    read.add(read(array.getElementType(), elements, element, input));
                }
                yield read;
            }
            case RowType row -> {
                SqlRow fields = (SqlRow) value;
                if (fields.getFieldCount() != row.getFields().size()) {
                    throw new Finding("gave a row of %s fields for %s".formatted(fields.getFieldCount(), row));
                }
                List<Object> read = new ArrayList<>();
                for (int field = 0; field < fields.getFieldCount(); field++) {
                    read.add(read(row.getFields().get(field).getType(), fields.getRawFieldBlock(field), fields.getRawIndex(), input));
                }
                yield read;
            }
            case BooleanType _ -> value;
            default -> {
                Object shown = type.getObjectValue(SESSION, block, position);
                yield shown instanceof Number ? shown : shown.toString();
            }
        };
    }
}
