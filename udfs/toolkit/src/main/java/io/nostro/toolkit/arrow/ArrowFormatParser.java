package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowLayout.Binaries;
import io.nostro.toolkit.arrow.ArrowLayout.Booleans;
import io.nostro.toolkit.arrow.ArrowLayout.Dates;
import io.nostro.toolkit.arrow.ArrowLayout.Decimals;
import io.nostro.toolkit.arrow.ArrowLayout.Dictionaries;
import io.nostro.toolkit.arrow.ArrowLayout.FixedSizeLists;
import io.nostro.toolkit.arrow.ArrowLayout.FloatingPoints;
import io.nostro.toolkit.arrow.ArrowLayout.Integers;
import io.nostro.toolkit.arrow.ArrowLayout.Lists;
import io.nostro.toolkit.arrow.ArrowLayout.Maps;
import io.nostro.toolkit.arrow.ArrowLayout.Nulls;
import io.nostro.toolkit.arrow.ArrowLayout.Structs;
import io.nostro.toolkit.arrow.ArrowLayout.Texts;
import io.nostro.toolkit.arrow.ArrowLayout.Times;
import io.nostro.toolkit.arrow.ArrowLayout.Timestamps;
import io.nostro.toolkit.arrow.ArrowLayout.Views;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.TimeZoneNotSupportedException;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeOperators;

import java.util.Optional;

import static com.google.common.primitives.Ints.tryParse;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.TimeType.createTimeType;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * Reads what {@link ArrowType} describes, from left to right.
 */
final class ArrowFormatParser
{
    // Trino writes types into one another's names, so that deep ones take room by the square
    private static final int MOST_LEVELS = 64;
    private static final int MOST_DIGITS = 38;
    private static final int SHOWN_CHARACTERS = 200;

    private static final TypeOperators TYPE_OPERATORS = new TypeOperators();

    private final String format;
    private int position;

    ArrowFormatParser(String format)
    {
        this.format = requireNonNull(format, "format is null");
    }

    ArrowType parse()
    {
        ArrowType type = parseType(0);
        if (position < format.length()) {
            throw failure(position, "nothing is accepted after the type");
        }
        return type;
    }

    /**
     * A name as the format has it.
     */
    static String quote(String name)
    {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < name.length(); i++) {
            char character = name.charAt(i);
            if (character == '"' || character == '\\') {
                quoted.append('\\').append(character);
            }
            else if (character < ' ') {
                quoted.append("\\u%04x".formatted((int) character));
            }
            else {
                quoted.append(character);
            }
        }
        return quoted.append('"').toString();
    }

    private ArrowType parseType(int level)
    {
        int start = position;
        if (level > MOST_LEVELS) {
            throw failure(start, "at most %s levels of nesting are accepted".formatted(MOST_LEVELS));
        }
        if (accept("dict(")) {
            return parseDictionary(start, level);
        }
        if (accept("+l(")) {
            return parseList(start, new Lists(Integer.BYTES), level);
        }
        if (accept("+L(")) {
            return parseList(start, new Lists(Long.BYTES), level);
        }
        if (accept("+w:")) {
            int size = parseSize();
            expect("(");
            return parseList(start, new FixedSizeLists(size), level);
        }
        if (accept("+s(")) {
            return parseFields(start, level);
        }
        if (accept("+m(")) {
            return parseMap(start, level);
        }
        if (accept("d:")) {
            return parseDecimal(start);
        }
        if (accept("w:")) {
            int width = parseSize();
            return leaf(start, new Binaries(width), VARBINARY);
        }
        if (accept("ts")) {
            return parseTimestamp(start);
        }
        if (accept("tt")) {
            int digits = parseUnit();
            return leaf(start, new Times(digits), createTimeType(digits));
        }
        return parseSimple(start);
    }

    private ArrowType parseSimple(int start)
    {
        while (position < format.length() && ",()\"".indexOf(format.charAt(position)) < 0) {
            position++;
        }
        String name = format.substring(start, position);
        return switch (name) {
            case "n" -> leaf(start, new Nulls(), BOOLEAN);
            case "b" -> leaf(start, new Booleans(), BOOLEAN);
            case "c" -> leaf(start, new Integers(Byte.BYTES, true), TINYINT);
            case "C" -> leaf(start, new Integers(Byte.BYTES, false), SMALLINT);
            case "s" -> leaf(start, new Integers(Short.BYTES, true), SMALLINT);
            case "S" -> leaf(start, new Integers(Short.BYTES, false), INTEGER);
            case "i" -> leaf(start, new Integers(Integer.BYTES, true), INTEGER);
            case "I" -> leaf(start, new Integers(Integer.BYTES, false), BIGINT);
            case "l" -> leaf(start, new Integers(Long.BYTES, true), BIGINT);
            case "L" -> leaf(start, new Integers(Long.BYTES, false), createDecimalType(20, 0));
            case "e" -> leaf(start, new FloatingPoints(Short.BYTES), REAL);
            case "f" -> leaf(start, new FloatingPoints(Float.BYTES), REAL);
            case "g" -> leaf(start, new FloatingPoints(Double.BYTES), DOUBLE);
            case "u" -> leaf(start, new Texts(Integer.BYTES), VARCHAR);
            case "U" -> leaf(start, new Texts(Long.BYTES), VARCHAR);
            case "vu" -> leaf(start, new Views(), VARCHAR);
            case "z" -> leaf(start, new Texts(Integer.BYTES), VARBINARY);
            case "Z" -> leaf(start, new Texts(Long.BYTES), VARBINARY);
            case "vz" -> leaf(start, new Views(), VARBINARY);
            case "tdD" -> leaf(start, new Dates(Integer.BYTES), DATE);
            case "tdm" -> leaf(start, new Dates(Long.BYTES), DATE);
            case "+vl", "+vL" -> throw failure(start, "list views are not supported; cast the column to a list");
            case "+r" -> throw failure(start, "run-end encoded columns are not supported; decode the column");
            default -> throw failure(start, "'%s' is no supported type; accepted are n, b, c, C, s, S, i, I, l, L, e, f, g, u, U, vu, z, Z, vz, w:, d:, tdD, tdm, tts, ttm, ttu, ttn, tss:, tsm:, tsu:, tsn:, +l(, +L(, +w:, +s(, +m( and dict(".formatted(shortened(name)));
        };
    }

    private ArrowType parseDecimal(int start)
    {
        int precision = parseNumber();
        expect(",");
        int scale = parseNumber();
        int bits = 128;
        if (position + 1 < format.length() && format.charAt(position) == ',' && isDigit(format.charAt(position + 1))) {
            position++;
            bits = parseNumber();
        }
        int most = switch (bits) {
            case 32 -> 9;
            case 64 -> 18;
            case 128, 256 -> MOST_DIGITS;
            default -> throw failure(start, "decimals of %s bits; accepted are 32, 64, 128 and 256".formatted(bits));
        };
        if (precision < 1 || precision > most || scale < 0 || scale > precision) {
            throw failure(start, "decimal(%s, %s) of %s bits; accepted is a precision from 1 to %s and a scale from 0 to the precision".formatted(precision, scale, bits, most));
        }
        return leaf(start, new Decimals(bits / Byte.SIZE), createDecimalType(precision, scale));
    }

    private ArrowType parseTimestamp(int start)
    {
        int digits = parseUnit();
        expect(":");
        int zoneStart = position;
        while (position < format.length() && ",()".indexOf(format.charAt(position)) < 0) {
            position++;
        }
        String zone = format.substring(zoneStart, position);
        if (zone.isEmpty()) {
            return leaf(start, new Timestamps(digits, Optional.empty()), createTimestampType(digits));
        }
        try {
            return leaf(start, new Timestamps(digits, Optional.of(TimeZoneKey.getTimeZoneKey(zone))), createTimestampWithTimeZoneType(digits));
        }
        catch (TimeZoneNotSupportedException _) {
            throw failure(zoneStart, "time zone '%s' is not known; accepted are names such as Europe/Zurich and offsets such as +01:00".formatted(shortened(zone)));
        }
    }

    private ArrowType parseList(int start, ArrowLayout layout, int level)
    {
        ArrowType element = parseType(level + 1);
        expect(")");
        return new ArrowType(
                format.substring(start, position),
                layout,
                new ArrayType(element.trinoType()),
                ImmutableList.of("element"),
                ImmutableList.of(element));
    }

    private ArrowType parseFields(int start, int level)
    {
        ImmutableList.Builder<String> names = ImmutableList.builder();
        ImmutableList.Builder<ArrowType> children = ImmutableList.builder();
        ImmutableList.Builder<RowType.Field> fields = ImmutableList.builder();
        do {
            String name = parseName();
            expect(":");
            ArrowType child = parseType(level + 1);
            names.add(name);
            children.add(child);
            fields.add(new RowType.Field(name.isEmpty() ? Optional.empty() : Optional.of(name), child.trinoType()));
        }
        while (accept(","));
        expect(")");
        return new ArrowType(format.substring(start, position), new Structs(), RowType.from(fields.build()), names.build(), children.build());
    }

    private ArrowType parseMap(int start, int level)
    {
        ArrowType entries = parseFields(start, level);
        if (entries.children().size() != 2) {
            throw failure(start, "a map of %s fields; accepted are two, the key and the value".formatted(entries.children().size()));
        }
        Type key = entries.children().getFirst().trinoType();
        if (!key.isComparable()) {
            throw failure(start, "a map by %s, which cannot be compared".formatted(key.getDisplayName()));
        }
        return new ArrowType(
                format.substring(start, position),
                new Maps(),
                new MapType(key, entries.children().getLast().trinoType(), TYPE_OPERATORS),
                ImmutableList.of("entries"),
                ImmutableList.of(entries));
    }

    private ArrowType parseDictionary(int start, int level)
    {
        int indexStart = position;
        if (!(parseType(level + 1).layout() instanceof Integers indices)) {
            throw failure(indexStart, "the indices of a dictionary are integers: c, C, s, S, i, I, l or L");
        }
        expect(",");
        ArrowType values = parseType(level + 1);
        expect(")");
        return new ArrowType(
                format.substring(start, position),
                new Dictionaries(indices.width(), indices.signed()),
                values.trinoType(),
                ImmutableList.of("dictionary"),
                ImmutableList.of(values));
    }

    private ArrowType leaf(int start, ArrowLayout layout, Type trinoType)
    {
        return new ArrowType(format.substring(start, position), layout, trinoType, ImmutableList.of(), ImmutableList.of());
    }

    /**
     * The digits of a second's fraction that the unit stands for.
     */
    private int parseUnit()
    {
        if (accept("s")) {
            return 0;
        }
        if (accept("m")) {
            return 3;
        }
        if (accept("u")) {
            return 6;
        }
        if (accept("n")) {
            return 9;
        }
        throw failure(position, "a unit is accepted here: s, m, u or n");
    }

    private int parseSize()
    {
        int start = position;
        int size = parseNumber();
        if (size < 0) {
            throw failure(start, "a size of %s; accepted is 0 or more".formatted(size));
        }
        return size;
    }

    private int parseNumber()
    {
        int start = position;
        accept("-");
        while (position < format.length() && isDigit(format.charAt(position))) {
            position++;
        }
        Integer number = tryParse(format.substring(start, position));
        if (number == null) {
            throw failure(start, "an integer of 32 bits is accepted here");
        }
        return number;
    }

    private static boolean isDigit(char character)
    {
        return character >= '0' && character <= '9';
    }

    private String parseName()
    {
        int start = position;
        expect("\"");
        StringBuilder name = new StringBuilder();
        while (position < format.length()) {
            char character = format.charAt(position);
            position++;
            if (character == '"') {
                return name.toString();
            }
            name.append(character == '\\' ? parseEscape() : character);
        }
        throw failure(start, "a name without the quote that ends it");
    }

    private char parseEscape()
    {
        int start = position;
        char escape = position < format.length() ? format.charAt(position) : '\0';
        position++;
        return switch (escape) {
            case '"', '\\', '/' -> escape;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = position < format.length() ? Character.digit(format.charAt(position), 16) : -1;
                    if (digit < 0) {
                        throw failure(start, "four hexadecimal digits are accepted after \\u");
                    }
                    code = code * 16 + digit;
                    position++;
                }
                yield (char) code;
            }
            default -> throw failure(start, "no escape of JSON");
        };
    }

    private boolean accept(String text)
    {
        if (format.startsWith(text, position)) {
            position += text.length();
            return true;
        }
        return false;
    }

    private void expect(String text)
    {
        if (!accept(text)) {
            throw failure(position, "'%s' is accepted here".formatted(text));
        }
    }

    private IllegalArgumentException failure(int where, String what)
    {
        return new IllegalArgumentException("Arrow format '%s', character %s: %s".formatted(shortened(format), where, what));
    }

    private static String shortened(String text)
    {
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
    }
}
