package io.nostro.trino.flight;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

import static io.airlift.slice.SizeOf.sizeOf;
import static java.lang.Math.max;
import static java.lang.Math.toIntExact;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * One buffer of an Arrow column while rows are added to it. Room is made by {@link #reserve} before values are put.
 */
final class ArrowFlightWriteBuffer
{
    private static final int INITIAL_BYTES = 1 << 12;

    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

    private byte[] bytes = new byte[0];
    private int size;

    byte[] bytes()
    {
        return bytes;
    }

    int size()
    {
        return size;
    }

    long retainedBytes()
    {
        return sizeOf(bytes);
    }

    /**
     * Adds bytes, all zero, and tells where they begin.
     */
    int reserve(long count)
    {
        int start = size;
        int end = toIntExact(start + count);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) max(end, Math.min(max(INITIAL_BYTES, bytes.length * 2L), Integer.MAX_VALUE - 8)));
        }
        size = end;
        return start;
    }

    void putByte(int offset, byte value)
    {
        bytes[offset] = value;
    }

    void putShort(int offset, short value)
    {
        SHORTS.set(bytes, offset, value);
    }

    void putInt(int offset, int value)
    {
        INTS.set(bytes, offset, value);
    }

    void putLong(int offset, long value)
    {
        LONGS.set(bytes, offset, value);
    }

    void setBit(int index)
    {
        bytes[index >> 3] |= (byte) (1 << (index & 7));
    }

    /**
     * Forgets the contents, and keeps the room.
     */
    void clear()
    {
        Arrays.fill(bytes, 0, size, (byte) 0);
        size = 0;
    }
}
