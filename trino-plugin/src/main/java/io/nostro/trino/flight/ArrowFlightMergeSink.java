package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import io.airlift.slice.Slice;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlock;
import io.trino.spi.connector.ConnectorMergeSink;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static io.airlift.concurrent.MoreFutures.getFutureValue;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.TinyintType.TINYINT;
import static java.util.Objects.requireNonNull;

/**
 * Sends changes of rows to the source, where they wait for the commit: the table's columns, what to do with the row, which
 * of the statement's updates it is, and the columns of the row's id.
 */
public final class ArrowFlightMergeSink
        implements ConnectorMergeSink
{
    private static final String OPERATION = "nostro.operation";
    private static final String CASE = "nostro.case";
    private static final String ROW_ID_PREFIX = "nostro.row_id.";

    private final ArrowFlightRowStream stream;
    private final int columns;

    /**
     * @param columns how many the table has
     */
    ArrowFlightMergeSink(ArrowFlightRowStream stream, int columns)
    {
        this.stream = requireNonNull(stream, "stream is null");
        this.columns = columns;
    }

    static List<ArrowFlightWriteColumn> columns(List<ArrowFlightColumnHandle> columns, List<ArrowFlightColumnHandle> rowId)
    {
        ImmutableList.Builder<ArrowFlightWriteColumn> all = ImmutableList.builder();
        columns.forEach(column -> all.add(new ArrowFlightWriteColumn(column.name(), column.type(), true)));
        all.add(new ArrowFlightWriteColumn(OPERATION, TINYINT, false));
        all.add(new ArrowFlightWriteColumn(CASE, INTEGER, false));
        rowId.forEach(column -> all.add(new ArrowFlightWriteColumn(ROW_ID_PREFIX + column.name(), column.type(), true)));
        return all.build();
    }

    /**
     * From Trino 483 on.
     */
    public long getCompletedBytes()
    {
        return stream.completedBytes();
    }

    @Override
    public void storeMergedRows(Page page)
    {
        ImmutableList.Builder<Block> blocks = ImmutableList.builder();
        for (int i = 0; i < columns + 2; i++) {
            blocks.add(page.getBlock(i));
        }
        blocks.addAll(RowBlock.getRowFieldsFromBlock(page.getBlock(columns + 2)));
        getFutureValue(stream.append(new Page(page.getPositionCount(), blocks.build().toArray(new Block[0]))));
    }

    @Override
    public CompletableFuture<Collection<Slice>> finish()
    {
        return stream.finish();
    }

    @Override
    public void abort()
    {
        stream.abort();
    }
}
