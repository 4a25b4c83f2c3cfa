package io.nostro.trino.flight;

import io.nostro.trino.flight.ArrowFlightProtocol.ChangeRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.Predicate;

import java.util.Optional;

import static java.util.Objects.requireNonNull;

/**
 * A change of a schema or table as it is put together: each kind needs some of the parts.
 */
final class ArrowFlightChange
{
    private final String type;
    private String schema;
    private String table;
    private String column;
    private String newSchema;
    private String newTable;
    private String newColumn;
    private String columns;
    private String comment;
    private Boolean cascade;
    private Boolean replace;
    private Predicate predicate;

    private ArrowFlightChange(String type)
    {
        this.type = requireNonNull(type, "type is null");
    }

    static ArrowFlightChange of(String type)
    {
        return new ArrowFlightChange(type);
    }

    ArrowFlightChange schema(String schema)
    {
        this.schema = schema;
        return this;
    }

    ArrowFlightChange table(String table)
    {
        this.table = table;
        return this;
    }

    ArrowFlightChange column(String column)
    {
        this.column = column;
        return this;
    }

    ArrowFlightChange newSchema(String newSchema)
    {
        this.newSchema = newSchema;
        return this;
    }

    ArrowFlightChange newTable(String newTable)
    {
        this.newTable = newTable;
        return this;
    }

    ArrowFlightChange newColumn(String newColumn)
    {
        this.newColumn = newColumn;
        return this;
    }

    /**
     * @param columns an encapsulated Arrow schema in base64
     */
    ArrowFlightChange columns(String columns)
    {
        this.columns = columns;
        return this;
    }

    ArrowFlightChange comment(Optional<String> comment)
    {
        this.comment = comment.orElse(null);
        return this;
    }

    ArrowFlightChange cascade(boolean cascade)
    {
        this.cascade = cascade;
        return this;
    }

    ArrowFlightChange replace(boolean replace)
    {
        this.replace = replace;
        return this;
    }

    /**
     * @param predicate null for all rows
     */
    ArrowFlightChange predicate(Predicate predicate)
    {
        this.predicate = predicate;
        return this;
    }

    ChangeRequest toRequest(String operation)
    {
        return new ChangeRequest(ArrowFlightProtocol.VERSION, operation, type, schema, table, column, newSchema, newTable, newColumn, columns, comment, cascade, replace, predicate);
    }
}
