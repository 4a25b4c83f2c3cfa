package io.nostro.trino.versions;

import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSplit;
import io.trino.spi.predicate.TupleDomain;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The splits of a table scan, planned once its dynamic filters are known or their wait is over.
 */
public interface PlannedSplits
{
    /**
     * {@return how long to wait for the dynamic filters before the first batch}
     */
    long dynamicFilterWaitMillis();

    /**
     * {@return splits, as many as {@code maxSize}}
     *
     * @param dynamicFilter what is known of it by now
     */
    CompletableFuture<List<ConnectorSplit>> nextSplits(int maxSize, TupleDomain<ColumnHandle> dynamicFilter);

    boolean isFinished();
}
