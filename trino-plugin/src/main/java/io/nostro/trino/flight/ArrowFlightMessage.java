package io.nostro.trino.flight;

import com.google.common.io.ByteStreams;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

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
