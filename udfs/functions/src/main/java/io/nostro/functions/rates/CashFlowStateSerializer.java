package io.nostro.functions.rates;

import io.airlift.slice.Slice;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AccumulatorStateSerializer;
import io.trino.spi.type.Type;

import static io.trino.spi.type.VarbinaryType.VARBINARY;

/**
 * Carries partial states between the tasks of a query.
 */
public final class CashFlowStateSerializer
        implements AccumulatorStateSerializer<CashFlowState>
{
    @Override
    public Type getSerializedType()
    {
        return VARBINARY;
    }

    @Override
    public void serialize(CashFlowState state, BlockBuilder out)
    {
        CashFlows value = state.getValue();
        if (value == null) {
            out.appendNull();
        }
        else {
            VARBINARY.writeSlice(out, value.serialize());
        }
    }

    @Override
    public void deserialize(Block block, int position, CashFlowState state)
    {
        Slice serialized = VARBINARY.getSlice(block, position);
        state.setValue(CashFlows.deserialize(serialized));
    }
}
