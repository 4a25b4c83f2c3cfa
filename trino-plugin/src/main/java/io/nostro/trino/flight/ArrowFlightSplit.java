package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.SizeOf;
import io.airlift.slice.Slice;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.predicate.TupleDomain;

import java.util.List;

import static io.airlift.slice.SizeOf.estimatedSizeOf;
import static io.airlift.slice.SizeOf.instanceSize;
import static java.util.Objects.requireNonNull;

/**
 * One endpoint of a flight.
 *
 * @param ticket opaque, as the source gave it
 * @param locations servers that can redeem the ticket, the preferred one first; never empty
 * @param rows what holds of all of its rows; columns are {@link ArrowFlightColumnHandle}
 */
public record ArrowFlightSplit(Slice ticket, List<ArrowFlightLocation> locations, TupleDomain<ColumnHandle> rows)
        implements ConnectorSplit
{
    private static final int INSTANCE_SIZE = instanceSize(ArrowFlightSplit.class);
    private static final int LOCATION_SIZE = instanceSize(ArrowFlightLocation.class);

    public ArrowFlightSplit
    {
        requireNonNull(ticket, "ticket is null");
        locations = ImmutableList.copyOf(locations);
        requireNonNull(rows, "rows is null");
    }

    /**
     * {@return whether rows that satisfy the predicate may be among the split's}
     */
    boolean mayHave(TupleDomain<ColumnHandle> predicate)
    {
        return rows.overlaps(predicate);
    }

    @Override
    public long getRetainedSizeInBytes()
    {
        return INSTANCE_SIZE
                + ticket.getRetainedSize()
                + SizeOf.estimatedSizeOf(locations, location -> LOCATION_SIZE + estimatedSizeOf(location.host()))
                + rows.getRetainedSizeInBytes(column -> ((ArrowFlightColumnHandle) column).retainedSizeInBytes());
    }
}
