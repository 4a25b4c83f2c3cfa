package io.nostro.functions.messages;

import io.trino.spi.block.ArrayBlockBuilder;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.messages.MessageSource.AMOUNT_PRECISION;
import static io.nostro.functions.messages.MessageSource.AMOUNT_SCALE;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * Writes a row's fields in their order; null becomes NULL.
 */
final class RowFields
{
    /**
     * The type of every amount of a message.
     */
    static final DecimalType AMOUNT = createDecimalType(AMOUNT_PRECISION, AMOUNT_SCALE);

    private final List<BlockBuilder> fields;
    private int next;

    RowFields(List<BlockBuilder> fields)
    {
        this.fields = requireNonNull(fields, "fields is null");
    }

    RowFields text(String value)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else {
            VARCHAR.writeSlice(field, utf8Slice(value));
        }
        return this;
    }

    RowFields date(LocalDate value)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else {
            DATE.writeLong(field, value.toEpochDay());
        }
        return this;
    }

    RowFields bigint(Long value)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else {
            BIGINT.writeLong(field, value);
        }
        return this;
    }

    RowFields bool(Boolean value)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else {
            BOOLEAN.writeBoolean(field, value);
        }
        return this;
    }

    RowFields amount(BigDecimal value)
    {
        return decimal(AMOUNT, value);
    }

    /**
     * @param value a number of the type's scale
     */
    RowFields decimal(DecimalType type, BigDecimal value)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else if (type.isShort()) {
            type.writeLong(field, value.unscaledValue().longValueExact());
        }
        else {
            type.writeObject(field, Int128.valueOf(value.unscaledValue()));
        }
        return this;
    }

    <T> RowFields row(T value, BiConsumer<RowFields, T> writer)
    {
        BlockBuilder field = field();
        if (value == null) {
            field.appendNull();
        }
        else {
            appendRow(field, row -> writer.accept(row, value));
        }
        return this;
    }

    <T> RowFields rows(List<T> values, BiConsumer<RowFields, T> writer)
    {
        ((ArrayBlockBuilder) field()).buildEntry(elements ->
                values.forEach(value -> appendRow(elements, row -> writer.accept(row, value))));
        return this;
    }

    RowFields texts(List<String> values)
    {
        ((ArrayBlockBuilder) field()).buildEntry(elements ->
                values.forEach(value -> VARCHAR.writeSlice(elements, utf8Slice(value))));
        return this;
    }

    static void appendRow(BlockBuilder rows, Consumer<RowFields> writer)
    {
        ((RowBlockBuilder) rows).buildEntry(fields -> writer.accept(new RowFields(fields)));
    }

    private BlockBuilder field()
    {
        BlockBuilder field = fields.get(next);
        next++;
        return field;
    }
}
