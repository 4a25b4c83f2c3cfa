package io.nostro.functions.positions;

import io.nostro.functions.aggregation.ExactSums;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;
import io.trino.spi.function.GroupedAccumulatorState;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;

/**
 * Makes the states of {@link TradedVolumeState}: the sums of all groups are in arrays, for a row costs little more than what
 * it costs to reach its group's.
 */
public final class TradedVolumeStateFactory
        implements AccumulatorStateFactory<TradedVolumeState>
{
    @Override
    public TradedVolumeState createSingleState()
    {
        return new SingleState(new TradedVolume());
    }

    @Override
    public TradedVolumeState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            implements TradedVolumeState
    {
        private static final int INSTANCE_SIZE = instanceSize(SingleState.class);

        private TradedVolume volume;

        private SingleState(TradedVolume volume)
        {
            this.volume = volume;
        }

        @Override
        public void add(long priceHigh, long priceLow, long quantityHigh, long quantityLow)
        {
            volume.add(priceHigh, priceLow, quantityHigh, quantityLow);
        }

        @Override
        public void addAll(TradedVolume other)
        {
            volume.addAll(other);
        }

        @Override
        public void replace(TradedVolume other)
        {
            volume = other;
        }

        @Override
        public TradedVolume volume()
        {
            return volume.isEmpty() ? null : volume;
        }

        @Override
        public long getEstimatedSize()
        {
            return INSTANCE_SIZE + volume.retainedSizeInBytes();
        }

        @Override
        public AccumulatorState copy()
        {
            return new SingleState(volume.copy());
        }
    }

    private static final class GroupedState
            implements TradedVolumeState, GroupedAccumulatorState
    {
        private static final int INSTANCE_SIZE = instanceSize(GroupedState.class);
        private static final int SMALLEST_CAPACITY = 64;

        private final ExactSums notionals = new ExactSums(SMALLEST_CAPACITY);
        private final ExactSums quantities = new ExactSums(SMALLEST_CAPACITY);
        private long[] rows = new long[SMALLEST_CAPACITY];
        private int groupId;

        @Override
        public void setGroupId(int groupId)
        {
            this.groupId = groupId;
        }

        @Override
        public void ensureCapacity(int size)
        {
            if (size > rows.length) {
                int capacity = (int) Math.min(Integer.MAX_VALUE / 2 - 8, Math.max(size, rows.length * 2L));
                rows = Arrays.copyOf(rows, capacity);
                notionals.ensureCapacity(capacity);
                quantities.ensureCapacity(capacity);
            }
        }

        @Override
        public void add(long priceHigh, long priceLow, long quantityHigh, long quantityLow)
        {
            rows[groupId]++;
            notionals.addProduct(groupId, priceHigh, priceLow, quantityHigh, quantityLow);
            quantities.add(groupId, quantityHigh, quantityLow);
        }

        @Override
        public void addAll(TradedVolume other)
        {
            rows[groupId] += other.rows();
            notionals.add(groupId, other.notional());
            quantities.add(groupId, other.quantity());
        }

        @Override
        public void replace(TradedVolume other)
        {
            rows[groupId] = 0;
            notionals.clear(groupId);
            quantities.clear(groupId);
            addAll(other);
        }

        @Override
        public TradedVolume volume()
        {
            return rows[groupId] == 0 ? null : new TradedVolume(notionals.total(groupId), quantities.total(groupId), rows[groupId]);
        }

        @Override
        public long getEstimatedSize()
        {
            return INSTANCE_SIZE + sizeOf(rows) + notionals.retainedSizeInBytes() + quantities.retainedSizeInBytes();
        }
    }
}
