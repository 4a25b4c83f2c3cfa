package io.nostro.trino.flight;

import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Hands out the nodes and buffers of one record batch in the order in which a schema's fields need them. Every length
 * and place comes from the source and is checked here before it is used.
 */
final class ArrowFlightRecordBatch
{
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    // bounds what a short message can make the decoder allocate, for types whose columns may have no buffers
    private static final int MAX_ROWS = 1 << 24;

    private final ArrowFlightMessage message;
    private final RecordBatch batch;
    private final ArrowFlightBodyCompression compression;
    private final Buffer bufferAccessor = new Buffer();
    private final FieldNode nodeAccessor = new FieldNode();

    private int node;
    private int buffer;
    private int variadicCount;

    /**
     * Starts at the first field.
     *
     * @throws MalformedDataException when the batch's compression is not supported
     */
    ArrowFlightRecordBatch(ArrowFlightMessage message, RecordBatch batch)
    {
        this.message = message;
        this.batch = batch;
        compression = ArrowFlightBodyCompression.of(batch.compression());
    }

    /**
     * {@return number of rows, of a batch that has no columns}
     */
    static int rowCountWithoutColumns(RecordBatch batch)
    {
        long length = batch.length();
        if (length < 0 || length > Integer.MAX_VALUE) {
            throw new MalformedDataException("a batch of %s rows".formatted(length));
        }
        return (int) length;
    }

    int rowCount()
    {
        return checkRows(batch.length());
    }

    /**
     * Moves on to the next field.
     */
    Node nextNode()
    {
        if (node >= batch.nodesLength()) {
            throw new MalformedDataException("a batch with fewer fields than its schema");
        }
        batch.nodes(nodeAccessor, node++);
        int length = checkRows(nodeAccessor.length());
        long nullCount = nodeAccessor.nullCount();
        if (nullCount < 0 || nullCount > length) {
            throw new MalformedDataException("%s NULLs in %s values".formatted(nullCount, length));
        }
        return new Node(length, (int) nullCount);
    }

    Node nextNode(int expectedLength)
    {
        Node next = nextNode();
        if (next.length() != expectedLength) {
            throw new MalformedDataException("%s values where %s were expected".formatted(next.length(), expectedLength));
        }
        return next;
    }

    Data nextBuffer()
    {
        if (buffer >= batch.buffersLength()) {
            throw new MalformedDataException("a batch with fewer buffers than its schema needs");
        }
        batch.buffers(bufferAccessor, buffer++);
        long offset = bufferAccessor.offset();
        long length = bufferAccessor.length();
        if (offset < 0 || length < 0 || offset > message.bodyLength() || length > message.bodyLength() - offset) {
            throw new MalformedDataException("a buffer at %s of %s bytes in a body of %s bytes".formatted(offset, length, message.bodyLength()));
        }
        return compression.decompress(new Data(message.bytes(), message.bodyOffset() + (int) offset, (int) length));
    }

    Data[] nextVariadicBuffers()
    {
        if (variadicCount >= batch.variadicBufferCountsLength()) {
            throw new MalformedDataException("a batch with fewer counts of variadic buffers than its schema needs");
        }
        long count = batch.variadicBufferCounts(variadicCount++);
        if (count < 0 || count > batch.buffersLength() - buffer) {
            throw new MalformedDataException("%s variadic buffers".formatted(count));
        }
        Data[] buffers = new Data[(int) count];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = nextBuffer();
        }
        return buffers;
    }

    void checkAllRead()
    {
        if (node != batch.nodesLength() || buffer != batch.buffersLength()) {
            throw new MalformedDataException("a batch of %s fields and %s buffers where its schema has %s and %s".formatted(batch.nodesLength(), batch.buffersLength(), node, buffer));
        }
    }

    private static int checkRows(long length)
    {
        if (length < 0 || length > MAX_ROWS) {
            throw new MalformedDataException("a batch of %s rows; accepted are 0 to %s".formatted(length, MAX_ROWS));
        }
        return (int) length;
    }

    record Node(int length, int nullCount) {}

    /**
     * Bytes of one buffer.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Data(byte[] bytes, int offset, int length)
    {
        void checkLength(long required)
        {
            if (length < required) {
                throw new MalformedDataException("a buffer of %s bytes where %s are needed".formatted(length, required));
            }
        }

        byte[] readBytes(int count)
        {
            checkLength(count);
            byte[] values = new byte[count];
            System.arraycopy(bytes, offset, values, 0, count);
            return values;
        }

        short[] readShorts(int count)
        {
            checkLength((long) count * Short.BYTES);
            short[] values = new short[count];
            MemorySegment.copy(MemorySegment.ofArray(bytes), SHORT, offset, values, 0, count);
            return values;
        }

        int[] readInts(int count)
        {
            checkLength((long) count * Integer.BYTES);
            int[] values = new int[count];
            MemorySegment.copy(MemorySegment.ofArray(bytes), INT, offset, values, 0, count);
            return values;
        }

        long[] readLongs(int count)
        {
            checkLength((long) count * Long.BYTES);
            long[] values = new long[count];
            MemorySegment.copy(MemorySegment.ofArray(bytes), LONG, offset, values, 0, count);
            return values;
        }

        int[] readLongsAsInts(int count)
        {
            long[] longs = readLongs(count);
            int[] values = new int[count];
            for (int i = 0; i < count; i++) {
                long value = longs[i];
                if (value != (int) value) {
                    throw new MalformedDataException("an offset of %s".formatted(value));
                }
                values[i] = (int) value;
            }
            return values;
        }
    }

    /**
     * The source sent what no Arrow implementation would.
     */
    static final class MalformedDataException
            extends RuntimeException
    {
        private static final long serialVersionUID = 1;

        MalformedDataException(String message)
        {
            super(message);
        }
    }
}
