package io.nostro.trino.flight;

import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.type.Type;

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
 */
public record ArrowFlightColumnHandle(String name, Type type, boolean nullable, boolean predicate, Optional<String> comment)
        implements ColumnHandle
{
    private static final int INSTANCE_SIZE = instanceSize(ArrowFlightColumnHandle.class);

    public ArrowFlightColumnHandle
    {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        requireNonNull(comment, "comment is null");
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
