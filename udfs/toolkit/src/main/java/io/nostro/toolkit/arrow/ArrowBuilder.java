package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.Booleans;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.FixedWidth;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.Lists;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.Maps;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.Structs;
import io.nostro.toolkit.arrow.ArrowColumnBuilder.Texts;
import io.nostro.toolkit.arrow.ArrowValueWriter.Decimals;
import io.nostro.toolkit.arrow.ArrowValueWriter.Numbers;
import io.nostro.toolkit.arrow.ArrowValueWriter.Times;
import io.nostro.toolkit.arrow.ArrowValueWriter.Timestamps;
import io.nostro.toolkit.arrow.ArrowValueWriter.TimestampsWithTimeZone;
import io.trino.spi.block.Block;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;

import java.util.Optional;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

/**
 * Makes an Arrow column of blocks. The blocks are kept until it is built, and copied once.
 */
public final class ArrowBuilder
{
    // nanoseconds are Arrow's finest unit
    private static final int MOST_DIGITS = 9;

    private final ArrowColumnBuilder column;
    private boolean built;

    private ArrowBuilder(ArrowColumnBuilder column)
    {
        this.column = requireNonNull(column, "column is null");
    }

    /**
     * A builder of a column of no rows yet. Arrow's types of Trino's are:
     * <ul>
     * <li>boolean {@code b}, tinyint {@code c}, smallint {@code s}, integer {@code i}, bigint {@code l}, real {@code f}, double {@code g}
     * <li>decimal(p, s) {@code d:p,s} of 128 bits
     * <li>varchar and char {@code u}, where values of char are padded to its length, as Trino's clients show them
     * <li>varbinary {@code z}
     * <li>date {@code tdD}
     * <li>time(p) {@code ttu} up to 6 digits, {@code ttn} up to 9
     * <li>timestamp(p) {@code tss:}, {@code tsm:}, {@code tsu:} or {@code tsn:}, up to 0, 3, 6 or 9 digits
     * <li>timestamp(p) with time zone as timestamp(p), but of zone UTC: it is the instant that is kept, not the value's zone
     * <li>array {@code +l}, row {@code +s}, where fields without name are field0 and so on by their place, map {@code +m}
     * </ul>
     *
     * @throws IllegalArgumentException when the type is none of these, or has more than 9 digits of a second
     */
    public static ArrowBuilder of(Type type)
    {
        return new ArrowBuilder(columnBuilder(type));
    }

    /**
     * Adds rows. When this fails the builder is of no more use.
     *
     * @throws IllegalArgumentException when the column would have a buffer of more than 2 GiB less a byte, which is as much as a Java buffer and Arrow's offsets of 32 bits hold
     */
    public void append(Block block)
    {
        checkState(!built, "the column is built already");
        column.append(block);
    }

    /**
     * The column of the rows that were added. It is built only once. The JVM's option MaxDirectMemorySize limits the memory of
     * all results that are in use, by default to the size of its heap.
     *
     * @throws IllegalArgumentException when a timestamp is out of the range of its Arrow type, which for nanoseconds ends in the years 1677 and 2262
     */
    public ArrowResult build()
    {
        checkState(!built, "the column is built already");
        built = true;
        return column.build();
    }

    private static ArrowColumnBuilder columnBuilder(Type type)
    {
        return switch (type) {
            case BooleanType _ -> new Booleans();
            case TinyintType _ -> new FixedWidth("c", new Numbers(Byte.BYTES));
            case SmallintType _ -> new FixedWidth("s", new Numbers(Short.BYTES));
            case IntegerType _ -> new FixedWidth("i", new Numbers(Integer.BYTES));
            case BigintType _ -> new FixedWidth("l", new Numbers(Long.BYTES));
            case RealType _ -> new FixedWidth("f", new Numbers(Float.BYTES));
            case DoubleType _ -> new FixedWidth("g", new Numbers(Double.BYTES));
            case DecimalType decimal -> new FixedWidth("d:%s,%s".formatted(decimal.getPrecision(), decimal.getScale()), new Decimals());
            case VarcharType _ -> new Texts("u", Optional.empty());
            case CharType charType -> new Texts("u", Optional.of(charType));
            case VarbinaryType _ -> new Texts("z", Optional.empty());
            case DateType _ -> new FixedWidth("tdD", new Numbers(Integer.BYTES));
            case TimeType time -> {
                int digits = unitDigits(type, Math.max(6, time.getPrecision()));
                yield new FixedWidth("tt" + unit(digits), new Times(digits));
            }
            case TimestampType timestamp -> {
                int digits = unitDigits(type, timestamp.getPrecision());
                yield new FixedWidth("ts" + unit(digits) + ":", timestamp.getPrecision() == 6 ? new Numbers(Long.BYTES) : new Timestamps(digits));
            }
            case TimestampWithTimeZoneType timestamp -> {
                int digits = unitDigits(type, timestamp.getPrecision());
                yield new FixedWidth("ts" + unit(digits) + ":UTC", new TimestampsWithTimeZone(digits));
            }
            case ArrayType array -> new Lists(columnBuilder(array.getElementType()));
            case MapType map -> new Maps(new Structs(ImmutableList.of("key", "value"), ImmutableList.of(columnBuilder(map.getKeyType()), columnBuilder(map.getValueType()))));
            case RowType row -> {
                ImmutableList.Builder<String> names = ImmutableList.builder();
                ImmutableList.Builder<ArrowColumnBuilder> fields = ImmutableList.builder();
                for (int i = 0; i < row.getFields().size(); i++) {
                    names.add(row.getFields().get(i).getName().orElse("field" + i));
                    fields.add(columnBuilder(row.getFields().get(i).getType()));
                }
                yield new Structs(names.build(), fields.build());
            }
            default -> throw new IllegalArgumentException("type %s has no Arrow format; accepted are boolean, tinyint, smallint, integer, bigint, real, double, decimal, varchar, char, varbinary, date, time, timestamp, timestamp with time zone, and array, map and row of these".formatted(type.getDisplayName()));
        };
    }

    private static int unitDigits(Type type, int precision)
    {
        if (precision > MOST_DIGITS) {
            throw new IllegalArgumentException("type %s has more digits than Arrow's times and timestamps; accepted are at most %s".formatted(type.getDisplayName(), MOST_DIGITS));
        }
        return Math.ceilDiv(precision, 3) * 3;
    }

    private static char unit(int digits)
    {
        return "smun".charAt(digits / 3);
    }
}
