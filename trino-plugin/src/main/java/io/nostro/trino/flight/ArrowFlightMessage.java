package io.nostro.trino.flight;

import com.google.common.io.ByteStreams;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.apache.arrow.flight.impl.Flight;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

import static java.lang.Math.addExact;

/**
 * A {@code FlightData} message as it came, in one array, so that columns are read from it without a copy between.
 * The protocol buffers encoding is read here because its library would copy the body.
 *
 * @param headerOffset where the Arrow message's metadata, a flatbuffer, starts
 * @param bodyOffset where the Arrow message's body starts
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ArrowFlightMessage(byte[] bytes, int headerOffset, int headerLength, int bodyOffset, int bodyLength)
{
    private static final int DATA_HEADER_FIELD = 2;
    private static final int DATA_BODY_FIELD = 1000;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    static final Marshaller<ArrowFlightMessage> MARSHALLER = new Marshaller<>()
    {
        @Override
        public InputStream stream(ArrowFlightMessage message)
        {
            return new ByteArrayInputStream(message.bytes());
        }

        @Override
        public ArrowFlightMessage parse(InputStream stream)
        {
            try {
                return ArrowFlightMessage.parse(readFully(stream));
            }
            catch (IOException e) {
                throw new StatusRuntimeException(Status.DATA_LOSS.withDescription("Malformed FlightData message: " + e.getMessage()));
            }
        }
    };

    private static byte[] readFully(InputStream stream)
            throws IOException
    {
        if (stream instanceof KnownLength) {
            // gRPC knows how many bytes there are: no buffer has to grow
            byte[] bytes = new byte[stream.available()];
            ByteStreams.readFully(stream, bytes);
            return bytes;
        }
        return stream.readAllBytes();
    }

    /**
     * A message to be sent, whose body is still to be filled in.
     */
    static ArrowFlightMessage allocate(byte[] header, int bodyLength)
    {
        int prefix = lengthDelimitedPrefix(DATA_HEADER_FIELD, header.length);
        int bodyPrefix = lengthDelimitedPrefix(DATA_BODY_FIELD, bodyLength);
        int headerOffset = prefix;
        int bodyOffset = headerOffset + header.length + bodyPrefix;
        byte[] bytes = new byte[addExact(bodyOffset, bodyLength)];
        writeLengthDelimitedPrefix(bytes, 0, DATA_HEADER_FIELD, header.length);
        System.arraycopy(header, 0, bytes, headerOffset, header.length);
        writeLengthDelimitedPrefix(bytes, headerOffset + header.length, DATA_BODY_FIELD, bodyLength);
        return new ArrowFlightMessage(bytes, headerOffset, header.length, bodyOffset, bodyLength);
    }

    /**
     * A message to be sent that is no Arrow data.
     */
    static ArrowFlightMessage of(Flight.FlightData data)
    {
        return new ArrowFlightMessage(data.toByteArray(), 0, 0, 0, 0);
    }

    private static int lengthDelimitedPrefix(int field, int length)
    {
        return varintLength(tag(field)) + varintLength(length);
    }

    private static void writeLengthDelimitedPrefix(byte[] bytes, int offset, int field, int length)
    {
        writeVarint(bytes, writeVarint(bytes, offset, tag(field)), length);
    }

    private static int tag(int field)
    {
        return field << 3 | LENGTH_DELIMITED;
    }

    private static int varintLength(int value)
    {
        int length = 1;
        for (int left = value >>> 7; left != 0; left >>>= 7) {
            length++;
        }
        return length;
    }

    private static int writeVarint(byte[] bytes, int offset, int value)
    {
        int position = offset;
        int left = value;
        while (left > 0x7F) {
            bytes[position] = (byte) (left | 0x80);
            position++;
            left >>>= 7;
        }
        bytes[position] = (byte) left;
        return position + 1;
    }

    static ArrowFlightMessage parse(byte[] bytes)
            throws IOException
    {
        Parser parser = new Parser(bytes);
        int headerOffset = 0;
        int headerLength = 0;
        int bodyOffset = 0;
        int bodyLength = 0;
        while (parser.position < bytes.length) {
            long tag = parser.readVarint();
            long field = tag >>> 3;
            switch ((int) (tag & 7)) {
                case VARINT -> parser.readVarint();
                case FIXED64 -> parser.skip(Long.BYTES);
                case FIXED32 -> parser.skip(Integer.BYTES);
                case LENGTH_DELIMITED -> {
                    long length = parser.readVarint();
                    int offset = parser.position;
                    parser.skip(length);
                    if (field == DATA_HEADER_FIELD) {
                        headerOffset = offset;
                        headerLength = (int) length;
                    }
                    else if (field == DATA_BODY_FIELD) {
                        bodyOffset = offset;
                        bodyLength = (int) length;
                    }
                }
                default -> throw new IOException("unknown wire type at offset " + parser.position);
            }
        }
        return new ArrowFlightMessage(bytes, headerOffset, headerLength, bodyOffset, bodyLength);
    }

    private static final class Parser
    {
        private final byte[] bytes;
        private int position;

        private Parser(byte[] bytes)
        {
            this.bytes = bytes;
        }

        private long readVarint()
                throws IOException
        {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                if (position >= bytes.length) {
                    throw new IOException("truncated number at offset " + position);
                }
                byte next = bytes[position++];
                value |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IOException("number too long at offset " + position);
        }

        private void skip(long length)
                throws IOException
        {
            if (length < 0 || length > bytes.length - position) {
                throw new IOException("field of %s bytes at offset %s exceeds the message's %s bytes".formatted(length, position, bytes.length));
            }
            position += (int) length;
        }
    }
}
