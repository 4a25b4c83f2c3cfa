package io.nostro.functions.positions;

import io.airlift.slice.Slice;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorStateSerializer;
import io.trino.spi.type.Type;

import static io.trino.spi.type.VarbinaryType.VARBINARY;

/**
 * Carries partial states between the tasks of a query.
 */
public final class TradedVolumeStateSerializer
        implements AccumulatorStateSerializer<TradedVolumeState>
{
    @Override
    public Type getSerializedType()
    {
        return VARBINARY;
    }

    @Override
    public void serialize(TradedVolumeState state, BlockBuilder out)
    {
        TradedVolume value = state.volume();
        if (value == null) {
            out.appendNull();
        }
        else {
            VARBINARY.writeSlice(out, value.serialize());
        }
    }

    @Override
    public void deserialize(Block block, int position, TradedVolumeState state)
    {
        Slice serialized = VARBINARY.getSlice(block, position);
        state.replace(TradedVolume.deserialize(serialized));
    }
}
