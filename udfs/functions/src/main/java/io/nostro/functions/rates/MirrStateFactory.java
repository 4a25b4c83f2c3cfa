package io.nostro.functions.rates;

import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;
import io.trino.spi.function.GroupedAccumulatorState;

import java.util.Arrays;

import static io.airlift.slice.SizeOf.instanceSize;
import static io.airlift.slice.SizeOf.sizeOf;

/**
 * Makes the states of {@link MirrState}.
 */
public final class MirrStateFactory
        implements AccumulatorStateFactory<MirrState>
{
    @Override
    public MirrState createSingleState()
    {
        return new SingleState();
    }

    @Override
    public MirrState createGroupedState()
    {
        return new GroupedState();
    }

    private static final class SingleState
            implements MirrState
    {
        private static final int INSTANCE_SIZE = instanceSize(SingleState.class);

        private long count;
        private double financeRate;
        private double reinvestRate;
        private long firstPeriod;
        private long lastPeriod;
        private double paid;
        private double received;
        private long paidExponent;
        private long receivedExponent;

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
        public double getFinanceRate()
        {
            return financeRate;
        }

        @Override
        public void setFinanceRate(double financeRate)
        {
            this.financeRate = financeRate;
        }

        @Override
        public double getReinvestRate()
        {
            return reinvestRate;
        }

        @Override
        public void setReinvestRate(double reinvestRate)
        {
            this.reinvestRate = reinvestRate;
        }

        @Override
        public long getFirstPeriod()
        {
            return firstPeriod;
        }

        @Override
        public void setFirstPeriod(long firstPeriod)
        {
            this.firstPeriod = firstPeriod;
        }

        @Override
        public long getLastPeriod()
        {
            return lastPeriod;
        }

        @Override
        public void setLastPeriod(long lastPeriod)
        {
            this.lastPeriod = lastPeriod;
        }

        @Override
        public double getPaid()
        {
            return paid;
        }

        @Override
        public void setPaid(double paid)
        {
            this.paid = paid;
        }

        @Override
        public double getReceived()
        {
            return received;
        }

        @Override
        public void setReceived(double received)
        {
            this.received = received;
        }

        @Override
        public long getPaidExponent()
        {
            return paidExponent;
        }

        @Override
        public void setPaidExponent(long paidExponent)
        {
            this.paidExponent = paidExponent;
        }

        @Override
        public long getReceivedExponent()
        {
            return receivedExponent;
        }

        @Override
        public void setReceivedExponent(long receivedExponent)
        {
            this.receivedExponent = receivedExponent;
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
            copy.financeRate = financeRate;
            copy.reinvestRate = reinvestRate;
            copy.firstPeriod = firstPeriod;
            copy.lastPeriod = lastPeriod;
            copy.paid = paid;
            copy.received = received;
            copy.paidExponent = paidExponent;
            copy.receivedExponent = receivedExponent;
            return copy;
        }
    }

    private static final class GroupedState
            implements MirrState, GroupedAccumulatorState
    {
        private static final int INSTANCE_SIZE = instanceSize(GroupedState.class);
        private static final int SMALLEST_CAPACITY = 64;

        private int groupId;
        private long[] counts = new long[SMALLEST_CAPACITY];
        private double[] financeRates = new double[SMALLEST_CAPACITY];
        private double[] reinvestRates = new double[SMALLEST_CAPACITY];
        private long[] firstPeriods = new long[SMALLEST_CAPACITY];
        private long[] lastPeriods = new long[SMALLEST_CAPACITY];
        private double[] payments = new double[SMALLEST_CAPACITY];
        private double[] receipts = new double[SMALLEST_CAPACITY];

        // empty until the first exponent of any group that is not zero
        private long[] paidExponents = {};
        private long[] receivedExponents = {};

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
                financeRates = Arrays.copyOf(financeRates, capacity);
                reinvestRates = Arrays.copyOf(reinvestRates, capacity);
                firstPeriods = Arrays.copyOf(firstPeriods, capacity);
                lastPeriods = Arrays.copyOf(lastPeriods, capacity);
                payments = Arrays.copyOf(payments, capacity);
                receipts = Arrays.copyOf(receipts, capacity);
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
        public double getFinanceRate()
        {
            return financeRates[groupId];
        }

        @Override
        public void setFinanceRate(double financeRate)
        {
            financeRates[groupId] = financeRate;
        }

        @Override
        public double getReinvestRate()
        {
            return reinvestRates[groupId];
        }

        @Override
        public void setReinvestRate(double reinvestRate)
        {
            reinvestRates[groupId] = reinvestRate;
        }

        @Override
        public long getFirstPeriod()
        {
            return firstPeriods[groupId];
        }

        @Override
        public void setFirstPeriod(long firstPeriod)
        {
            firstPeriods[groupId] = firstPeriod;
        }

        @Override
        public long getLastPeriod()
        {
            return lastPeriods[groupId];
        }

        @Override
        public void setLastPeriod(long lastPeriod)
        {
            lastPeriods[groupId] = lastPeriod;
        }

        @Override
        public double getPaid()
        {
            return payments[groupId];
        }

        @Override
        public void setPaid(double paid)
        {
            payments[groupId] = paid;
        }

        @Override
        public double getReceived()
        {
            return receipts[groupId];
        }

        @Override
        public void setReceived(double received)
        {
            receipts[groupId] = received;
        }

        @Override
        public long getPaidExponent()
        {
            return groupId < paidExponents.length ? paidExponents[groupId] : 0;
        }

        @Override
        public void setPaidExponent(long paidExponent)
        {
            if (paidExponent != 0 && groupId >= paidExponents.length) {
                paidExponents = Arrays.copyOf(paidExponents, counts.length);
            }
            if (groupId < paidExponents.length) {
                paidExponents[groupId] = paidExponent;
            }
        }

        @Override
        public long getReceivedExponent()
        {
            return groupId < receivedExponents.length ? receivedExponents[groupId] : 0;
        }

        @Override
        public void setReceivedExponent(long receivedExponent)
        {
            if (receivedExponent != 0 && groupId >= receivedExponents.length) {
                receivedExponents = Arrays.copyOf(receivedExponents, counts.length);
            }
            if (groupId < receivedExponents.length) {
                receivedExponents[groupId] = receivedExponent;
            }
        }

        @Override
        public long getEstimatedSize()
        {
            return INSTANCE_SIZE + sizeOf(counts) + sizeOf(financeRates) + sizeOf(reinvestRates) + sizeOf(firstPeriods) + sizeOf(lastPeriods) + sizeOf(payments) + sizeOf(receipts) + sizeOf(paidExponents) + sizeOf(receivedExponents);
        }
    }
}
