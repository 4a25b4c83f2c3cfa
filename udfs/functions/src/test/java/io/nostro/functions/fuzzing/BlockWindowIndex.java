package io.nostro.functions.fuzzing;

import io.airlift.slice.Slice;
import io.trino.operator.window.InternalWindowIndex;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;

import java.util.List;

import static java.util.Objects.requireNonNull;

/**
 * The rows of a page as a window's partition.
 */
record BlockWindowIndex(List<Type> types, Page page)
        implements InternalWindowIndex
{
    BlockWindowIndex
    {
        types = List.copyOf(types);
        requireNonNull(page, "page is null");
    }

    @Override
    public int size()
    {
        return page.getPositionCount();
    }

    @Override
    public boolean isNull(int channel, int position)
    {
        return page.getBlock(channel).isNull(position);
    }

    @Override
    public boolean getBoolean(int channel, int position)
    {
        return types.get(channel).getBoolean(page.getBlock(channel), position);
    }

    @Override
    public long getLong(int channel, int position)
    {
        return types.get(channel).getLong(page.getBlock(channel), position);
    }

    @Override
    public double getDouble(int channel, int position)
    {
        return types.get(channel).getDouble(page.getBlock(channel), position);
    }

    @Override
    public Slice getSlice(int channel, int position)
    {
        return types.get(channel).getSlice(page.getBlock(channel), position);
    }

    @Override
    public Block getSingleValueBlock(int channel, int position)
    {
        return page.getBlock(channel).getSingleValueBlock(position);
    }

    @Override
    public Object getObject(int channel, int position)
    {
        return types.get(channel).getObject(page.getBlock(channel), position);
    }

    @Override
    public void appendTo(int channel, int position, BlockBuilder output)
    {
        types.get(channel).appendTo(page.getBlock(channel), position, output);
    }

    @Override
    public Block getRawBlock(int channel, int position)
    {
        return page.getBlock(channel);
    }

    @Override
    public int getRawBlockPosition(int position)
    {
        return position;
    }
}
