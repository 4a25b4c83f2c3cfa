package io.nostro.trino.flight;

import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.Schema;

import java.nio.ByteBuffer;
import java.util.Optional;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Arrow's schema messages.
 */
final class ArrowFlightSchemas
{
    private static final int CONTINUATION = -1;
    private static final int MIN_FLATBUFFER_LENGTH = 8;
    static final int MAX_COLUMNS = 100_000;

    private ArrowFlightSchemas() {}

    /**
     * Reads a schema in the encapsulated format of Arrow's IPC streams: continuation marker, length, metadata.
     *
     * @throws IllegalArgumentException when the bytes are not a schema
     */
    static Schema readEncapsulated(byte[] bytes)
    {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
        if (buffer.remaining() < 2 * Integer.BYTES) {
            throw new IllegalArgumentException("%s bytes are too few".formatted(bytes.length));
        }
        int length = buffer.getInt();
        // streams older than Arrow 0.15 have no marker
        if (length == CONTINUATION) {
            length = buffer.getInt();
        }
        if (length < 0 || length > buffer.remaining()) {
            throw new IllegalArgumentException("a length of %s where %s bytes are left".formatted(length, buffer.remaining()));
        }
        try {
            Message message = message(bytes, buffer.position(), length);
            if (message.headerType() != MessageHeader.Schema) {
                throw new IllegalArgumentException("not a schema message");
            }
            return schema(message);
        }
        catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("malformed metadata", e);
        }
    }

    /**
     * Finds the message in its bytes.
     *
     * @throws IllegalArgumentException when the bytes are too few for an Arrow message
     */
    static Message message(byte[] bytes, int offset, int length)
    {
        if (length < MIN_FLATBUFFER_LENGTH) {
            throw new IllegalArgumentException("an Arrow message of %s bytes".formatted(length));
        }
        return Message.getRootAsMessage(ByteBuffer.wrap(bytes, offset, length).slice().order(LITTLE_ENDIAN));
    }

    /**
     * Takes the schema out of its message.
     *
     * @throws IllegalArgumentException when the message has no schema that can be read
     */
    static Schema schema(Message message)
    {
        Schema schema;
        try {
            schema = (Schema) message.header(new Schema());
            if (schema == null || schema.fieldsLength() < 0 || schema.fieldsLength() > MAX_COLUMNS) {
                throw new IllegalArgumentException("schema has no fields");
            }
            for (int i = 0; i < schema.fieldsLength(); i++) {
                if (schema.fields(i).name() == null) {
                    throw new IllegalArgumentException("field %s has no name".formatted(i));
                }
            }
        }
        catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("malformed metadata", e);
        }
        if (schema.endianness() != Endianness.Little) {
            throw new IllegalArgumentException("big-endian data is not supported");
        }
        return schema;
    }

    static Optional<String> metadata(Field field, String key)
    {
        for (int i = 0; i < field.customMetadataLength(); i++) {
            KeyValue entry = field.customMetadata(i);
            if (key.equals(entry.key())) {
                return Optional.ofNullable(entry.value());
            }
        }
        return Optional.empty();
    }
}
