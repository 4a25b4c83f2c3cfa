package io.nostro.functions;

import io.airlift.slice.Slice;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

/**
 * What a name stands for, found by the name's bytes. A query passes the same few names (a day count convention,
 * a calendar) with every row: the lookup remembers them in a fixed number of places, so no String is made per row.
 */
public final class TextLookup<V>
{
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);
    private static final long GOLDEN_RATIO = 0x9E37_79B9_7F4A_7C15L;
    private static final int PLACES_BITS = 8;
    private static final int LONGEST_REMEMBERED = 128;

    private final Function<String, V> resolver;
    private final AtomicReferenceArray<Entry<V>> entries = new AtomicReferenceArray<>(1 << PLACES_BITS);

    /**
     * @param resolver gives the value of a name, or throws the error that the caller of the function is to see
     */
    public TextLookup(Function<String, V> resolver)
    {
        this.resolver = requireNonNull(resolver, "resolver is null");
    }

    public V get(Slice name)
    {
        return get(name.byteArray(), name.byteArrayOffset(), name.length());
    }

    public V get(byte[] text, int offset, int length)
    {
        long first = firstWord(text, offset, length);
        long last = length <= Long.BYTES ? 0 : (long) WORD.get(text, offset + length - Long.BYTES);
        int place = place(first, last, length);
        Entry<V> entry = entries.getAcquire(place);
        if (entry != null && entry.first == first && entry.last == last && entry.isRest(text, offset, length)) {
            return entry.value;
        }

        V value = resolver.apply(new String(text, offset, length, UTF_8));
        if (length <= LONGEST_REMEMBERED) {
            entries.setRelease(place, new Entry<>(Arrays.copyOfRange(text, offset, offset + length), first, last, value));
        }
        return value;
    }

    private static long firstWord(byte[] text, int offset, int length)
    {
        if (offset + Long.BYTES <= text.length) {
            long word = (long) WORD.get(text, offset);
            return length >= Long.BYTES ? word : word & ~(-1L << (length * Byte.SIZE));
        }
        long word = 0;
        for (int i = length - 1; i >= 0; i--) {
            word = (word << Byte.SIZE) | (text[offset + i] & 0xFF);
        }
        return word;
    }

    private static int place(long first, long last, int length)
    {
        return (int) (((((first + length) * GOLDEN_RATIO) ^ last) * GOLDEN_RATIO) >>> (Long.SIZE - PLACES_BITS));
    }

    private static final class Entry<V>
    {
        private final byte[] name;
        // the name's first eight bytes, the first one lowest, with zeros behind a shorter name
        private final long first;
        // its last eight bytes, or zero when it has no more than eight
        private final long last;
        private final V value;

        private Entry(byte[] name, long first, long last, V value)
        {
            this.name = name;
            this.first = first;
            this.last = last;
            this.value = value;
        }

        /**
         * Whether a text with these words is the name.
         */
        private boolean isRest(byte[] text, int offset, int length)
        {
            return name.length == length
                    && (length <= 2 * Long.BYTES || Arrays.equals(name, Long.BYTES, length - Long.BYTES, text, offset + Long.BYTES, offset + length - Long.BYTES));
        }
    }
}
