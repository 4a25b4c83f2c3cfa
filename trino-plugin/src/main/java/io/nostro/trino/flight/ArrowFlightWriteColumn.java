package io.nostro.trino.flight;

import io.trino.spi.type.Type;

import java.util.Optional;

import static java.util.Objects.requireNonNull;

/**
 * A column of rows that are sent to a source.
 *
 * @param name as the source spells it
 */
public record ArrowFlightWriteColumn(String name, Type type, boolean nullable, Optional<String> comment)
{
    public ArrowFlightWriteColumn
    {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        requireNonNull(comment, "comment is null");
    }

    public ArrowFlightWriteColumn(String name, Type type, boolean nullable)
    {
        this(name, type, nullable, Optional.empty());
    }
}
