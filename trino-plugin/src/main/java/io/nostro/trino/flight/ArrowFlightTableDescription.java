package io.nostro.trino.flight;

import io.nostro.trino.flight.ArrowFlightProtocol.Capabilities;
import io.nostro.trino.flight.ArrowFlightProtocol.DescribeTableResponse;
import org.apache.arrow.flatbuf.Schema;

import static java.util.Objects.requireNonNull;

/**
 * A source's answer to {@code nostro.describe_table}.
 *
 * @param capabilities the table's, or the source's where the table has none of its own
 */
record ArrowFlightTableDescription(DescribeTableResponse response, Capabilities capabilities, Schema schema)
{
    ArrowFlightTableDescription
    {
        requireNonNull(response, "response is null");
        requireNonNull(capabilities, "capabilities is null");
        requireNonNull(schema, "schema is null");
    }
}
