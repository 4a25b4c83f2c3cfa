package io.nostro.functions;

import io.airlift.slice.Slice;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

/**
 * What a name stands for, found by the name's bytes. A query passes the same few names (a day count convention,
 * a calendar) with every row: the lookup remembers them in a fixed number of places, so no String is made per row.
 */
public final class TextLookup<V>
{
    private static final int PLACES = 256;
    private static final int LONGEST_REMEMBERED = 128;

    private final Function<String, V> resolver;
    private final AtomicReferenceArray<Entry<V>> entries = new AtomicReferenceArray<>(PLACES);

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
        int place = place(text, offset, length);
        Entry<V> entry = entries.getAcquire(place);
        if (entry != null && Arrays.equals(entry.name, 0, entry.name.length, text, offset, offset + length)) {
            return entry.value;
        }

        V value = resolver.apply(new String(text, offset, length, UTF_8));
        if (length <= LONGEST_REMEMBERED) {
            entries.setRelease(place, new Entry<>(Arrays.copyOfRange(text, offset, offset + length), value));
        }
        return value;
    }

    private static int place(byte[] text, int offset, int length)
    {
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + text[i];
        }
        return (hash ^ (hash >>> 16)) & (PLACES - 1);
    }

    private static final class Entry<V>
    {
        private final byte[] name;
        private final V value;

        private Entry(byte[] name, V value)
        {
            this.name = name;
            this.value = value;
        }
    }
}
