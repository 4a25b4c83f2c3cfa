package io.nostro.toolkit.arrow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static com.google.common.base.Preconditions.checkArgument;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.util.Objects.requireNonNull;

/**
 * Bytes outside of Java's memory, which are copied into arrays of Java's. Nothing outside of the buffer is read.
 */
final class ArrowBuffer
{
    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private final String name;
    private final MemorySegment segment;
    private final boolean absent;

    /**
     * @param name for errors
     * @param address where the bytes begin, or 0 for a buffer that is absent
     * @param size in bytes
     * @throws IllegalArgumentException when the size is negative, or the absent buffer's is not 0
     */
    @SuppressWarnings("restricted") // the caller's word for where its memory is cannot be checked, and is all there is
    ArrowBuffer(String name, long address, long size)
    {
        this.name = requireNonNull(name, "name is null");
        checkArgument(size >= 0, "%s: a size of %s bytes; accepted is 0 or more", name, size);
        checkArgument(address != 0 || size == 0, "%s: %s bytes at address 0, which is for a buffer that is absent", name, size);
        this.absent = address == 0;
        this.segment = MemorySegment.ofAddress(address).reinterpret(size);
    }

    String name()
    {
        return name;
    }

    boolean isAbsent()
    {
        return absent;
    }

    long size()
    {
        return segment.byteSize();
    }

    /**
     * Copies values, as all methods here do.
     *
     * @param first the value to begin with, counted in values from the buffer's begin
     */
    byte[] bytes(long first, int count)
    {
        byte[] values = new byte[checkRange(first, count, Byte.BYTES)];
        MemorySegment.copy(segment, JAVA_BYTE, first, values, 0, count);
        return values;
    }

    void copyTo(long first, byte[] target, int targetIndex, int count)
    {
        checkRange(first, count, Byte.BYTES);
        MemorySegment.copy(segment, JAVA_BYTE, first, target, targetIndex, count);
    }

    short[] shorts(long first, int count)
    {
        short[] values = new short[checkRange(first, count, Short.BYTES)];
        MemorySegment.copy(segment, SHORT, first * Short.BYTES, values, 0, count);
        return values;
    }

    int[] ints(long first, int count)
    {
        int[] values = new int[checkRange(first, count, Integer.BYTES)];
        MemorySegment.copy(segment, INT, first * Integer.BYTES, values, 0, count);
        return values;
    }

    long[] longs(long first, int count)
    {
        long[] values = new long[checkRange(first, count, Long.BYTES)];
        MemorySegment.copy(segment, LONG, first * Long.BYTES, values, 0, count);
        return values;
    }

    /**
     * The bits of a bitmap, each 0 or 1 in a byte of its own.
     */
    byte[] bits(long first, int count)
    {
        int shift = (int) (first & 7);
        byte[] packed = bytes(first >> 3, bytesOfBits(shift, count));
        byte[] bits = new byte[count];
        for (int i = 0; i < count; i++) {
            int bit = shift + i;
            bits[i] = (byte) ((packed[bit >> 3] >> (bit & 7)) & 1);
        }
        return bits;
    }

    /**
     * Which bits of a bitmap are not set, or null when all are.
     */
    boolean[] unsetBits(long first, int count)
    {
        int shift = (int) (first & 7);
        byte[] packed = bytes(first >> 3, bytesOfBits(shift, count));
        if (areAllSet(packed, shift, count)) {
            return null;
        }
        boolean[] unset = new boolean[count];
        for (int i = 0; i < count; i++) {
            int bit = shift + i;
            unset[i] = (packed[bit >> 3] & (1 << (bit & 7))) == 0;
        }
        return unset;
    }

    private static boolean areAllSet(byte[] packed, int shift, int count)
    {
        // the bits around those asked for do not count
        int last = packed.length - 1;
        int before = (1 << shift) - 1;
        int after = 0xFF << (((shift + count - 1) & 7) + 1);
        packed[0] |= (byte) before;
        packed[last] |= (byte) after;
        int all = 0xFF;
        for (byte bits : packed) {
            all &= bits;
        }
        return all == 0xFF;
    }

    private static int bytesOfBits(int shift, int count)
    {
        return (int) (((long) shift + count + 7) >> 3);
    }

    private int checkRange(long first, int count, int width)
    {
        if (first < 0 || count < 0 || first > size() / width || count > size() / width - first) {
            throw new IllegalArgumentException("%s: %s values of %s bytes from the %s. on are not within its %s bytes".formatted(name, count, width, first, size()));
        }
        return count;
    }
}
