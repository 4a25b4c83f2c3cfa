package io.nostro.trino.flight;

import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.type.RowType;
import io.trino.spi.type.Type;

import java.util.List;
import java.util.Optional;

import static io.airlift.slice.SizeOf.estimatedSizeOf;
import static io.airlift.slice.SizeOf.instanceSize;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;

/**
 * A column of a table.
 *
 * @param name as the source spells it
 * @param predicate whether the source evaluates predicates on this column
 * @param hidden whether it is read only when it is named
 */
public record ArrowFlightColumnHandle(String name, Type type, boolean nullable, boolean predicate, Optional<String> comment, boolean hidden)
        implements ColumnHandle
{
    private static final String ROW_ID = "$row_id";
    private static final int INSTANCE_SIZE = instanceSize(ArrowFlightColumnHandle.class);

    public ArrowFlightColumnHandle
    {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        requireNonNull(comment, "comment is null");
    }

    /**
     * What tells a row from all others of its table.
     *
     * @param columns that do so together
     */
    static ArrowFlightColumnHandle rowId(List<ArrowFlightColumnHandle> columns)
    {
        Type type = RowType.from(columns.stream().map(column -> RowType.field(column.name(), column.type())).toList());
        return new ArrowFlightColumnHandle(ROW_ID, type, false, false, Optional.empty(), true);
    }

    boolean isRowId()
    {
        return name.equals(ROW_ID);
    }

    public String trinoName()
    {
        return name.toLowerCase(ENGLISH);
    }

    public ColumnMetadata toColumnMetadata()
    {
        return ColumnMetadata.builder()
                .setName(trinoName())
                .setType(type)
                .setNullable(nullable)
                .setComment(comment)
                .setHidden(hidden)
                .build();
    }

    public long retainedSizeInBytes()
    {
        return INSTANCE_SIZE + estimatedSizeOf(name);
    }

    /**
     * {@return what EXPLAIN shows}
     */
    @Override
    public String toString()
    {
        return name + ":" + type.getDisplayName();
    }
}
