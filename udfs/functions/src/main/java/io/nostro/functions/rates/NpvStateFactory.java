package io.nostro.functions.rates;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;
import io.trino.spi.function.GroupedAccumulatorState;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;

/**
 * Makes the states of {@link NpvState}.
 */
public final class NpvStateFactory
        implements AccumulatorStateFactory<NpvState>
{
    @Override
    public NpvState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public NpvState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            implements NpvState
    {
        private static final int INSTANCE_SIZE = instanceSize(SingleState.class);

        private long count;
        private double rate;
        private long firstDate;
        private double sum;
        private double lost;
        private double largeSum;
        private double largeLost;

        @Override
        public long getCount()
        {
            return count;
        }

        @Override
        public void setCount(long count)
        {
            this.count = count;
        }

        @Override
        public double getRate()
        {
            return rate;
        }

        @Override
        public void setRate(double rate)
        {
            this.rate = rate;
        }

        @Override
        public long getFirstDate()
        {
            return firstDate;
        }

        @Override
        public void setFirstDate(long firstDate)
        {
            this.firstDate = firstDate;
        }

        @Override
        public double getSum()
        {
            return sum;
        }

        @Override
        public void setSum(double sum)
        {
            this.sum = sum;
        }

        @Override
        public double getLost()
        {
            return lost;
        }

        @Override
        public void setLost(double lost)
        {
            this.lost = lost;
        }

        @Override
        public double getLargeSum()
        {
            return largeSum;
        }

        @Override
        public void setLargeSum(double largeSum)
        {
            this.largeSum = largeSum;
        }

        @Override
        public double getLargeLost()
        {
            return largeLost;
        }

        @Override
        public void setLargeLost(double largeLost)
        {
            this.largeLost = largeLost;
        }

        @Override
        public long getEstimatedSize()
        {
            return INSTANCE_SIZE;
        }

        @Override
        public AccumulatorState copy()
        {
            SingleState copy = new SingleState();
            copy.count = count;
            copy.rate = rate;
            copy.firstDate = firstDate;
            copy.sum = sum;
            copy.lost = lost;
            copy.largeSum = largeSum;
            copy.largeLost = largeLost;
            return copy;
        }
    }

    private static final class GroupedState
            implements NpvState, GroupedAccumulatorState
    {
        private static final int INSTANCE_SIZE = instanceSize(GroupedState.class);
        private static final int SMALLEST_CAPACITY = 64;

        private int groupId;
        private long[] counts = new long[SMALLEST_CAPACITY];
        private double[] rates = new double[SMALLEST_CAPACITY];
        private long[] firstDates = new long[SMALLEST_CAPACITY];
        private double[] sums = new double[SMALLEST_CAPACITY];
        private double[] lostParts = new double[SMALLEST_CAPACITY];
        // empty until the first large worth of any group
        private double[] largeSums = {};
        private double[] largeLostParts = {};

        @Override
        public void setGroupId(int groupId)
        {
            this.groupId = groupId;
        }

        @Override
        public void ensureCapacity(int size)
        {
            if (size > counts.length) {
                int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(size, counts.length * 2L));
                counts = Arrays.copyOf(counts, capacity);
                rates = Arrays.copyOf(rates, capacity);
                firstDates = Arrays.copyOf(firstDates, capacity);
                sums = Arrays.copyOf(sums, capacity);
                lostParts = Arrays.copyOf(lostParts, capacity);
            }
        }

        @Override
        public long getCount()
        {
            return counts[groupId];
        }

        @Override
        public void setCount(long count)
        {
            counts[groupId] = count;
        }

        @Override
        public double getRate()
        {
            return rates[groupId];
        }

        @Override
        public void setRate(double rate)
        {
            rates[groupId] = rate;
        }

        @Override
        public long getFirstDate()
        {
            return firstDates[groupId];
        }

        @Override
        public void setFirstDate(long firstDate)
        {
            firstDates[groupId] = firstDate;
        }

        @Override
        public double getSum()
        {
            return sums[groupId];
        }

        @Override
        public void setSum(double sum)
        {
            sums[groupId] = sum;
        }

        @Override
        public double getLost()
        {
            return lostParts[groupId];
        }

        @Override
        public void setLost(double lost)
        {
            lostParts[groupId] = lost;
        }

        @Override
        public double getLargeSum()
        {
            return groupId < largeSums.length ? largeSums[groupId] : 0;
        }

        @Override
        public void setLargeSum(double largeSum)
        {
            if (largeSum != 0 && groupId >= largeSums.length) {
                largeSums = Arrays.copyOf(largeSums, counts.length);
            }
            if (groupId < largeSums.length) {
                largeSums[groupId] = largeSum;
            }
        }

        @Override
        public double getLargeLost()
        {
            return groupId < largeLostParts.length ? largeLostParts[groupId] : 0;
        }

        @Override
        public void setLargeLost(double largeLost)
        {
            if (largeLost != 0 && groupId >= largeLostParts.length) {
                largeLostParts = Arrays.copyOf(largeLostParts, counts.length);
            }
            if (groupId < largeLostParts.length) {
                largeLostParts[groupId] = largeLost;
            }
        }

        @Override
        public long getEstimatedSize()
        {
            return INSTANCE_SIZE + sizeOf(counts) + sizeOf(rates) + sizeOf(firstDates) + sizeOf(sums) + sizeOf(lostParts) + sizeOf(largeSums) + sizeOf(largeLostParts);
        }
    }
}
