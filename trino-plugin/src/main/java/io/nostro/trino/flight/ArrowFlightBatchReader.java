package io.nostro.trino.flight;

import com.google.flatbuffers.Table;
import io.nostro.trino.flight.ArrowFlightDecoder.Length;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.type.Type;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;

import java.util.List;
import java.util.Optional;

import static java.util.Objects.requireNonNull;

/**
 * Makes pages of the Arrow messages of one stream: a schema, then dictionaries and record batches.
 */
final class ArrowFlightBatchReader
{
    private final ArrowFlightTypes types;
    private final List<ArrowFlightColumnHandle> columns;
    private final ArrowFlightDictionaries dictionaries = new ArrowFlightDictionaries();

    private ArrowFlightDecoder[] decoders;

    /**
     * Reads a stream from its start.
     *
     * @param columns that the stream must have, in this order
     */
    ArrowFlightBatchReader(ArrowFlightTypes types, List<ArrowFlightColumnHandle> columns)
    {
        this.types = requireNonNull(types, "types is null");
        this.columns = requireNonNull(columns, "columns is null");
    }

    /**
     * Reads the next message.
     *
     * @return the rows of a record batch; empty for any other message
     * @throws MalformedDataException when the message is not what Arrow and the columns ask for
     */
    Optional<Page> read(ArrowFlightMessage message)
    {
        try {
            return readMessage(message);
        }
        catch (MalformedDataException e) {
            throw e;
        }
        catch (RuntimeException e) {
            // flatbuffers are read where they lie: metadata that refers to nowhere shows in whatever uses it
            throw new MalformedDataException("metadata that contradicts itself (%s)".formatted(e.getClass().getSimpleName()));
        }
    }

    boolean hasSchema()
    {
        return decoders != null;
    }

    long retainedBytes()
    {
        return dictionaries.retainedBytes();
    }

    private Optional<Page> readMessage(ArrowFlightMessage message)
    {
        // a message may carry but a descriptor or a source's own metadata
        if (message.headerLength() == 0) {
            return Optional.empty();
        }
        Message metadata = ArrowFlightSchemas.message(message.bytes(), message.headerOffset(), message.headerLength());
        switch (metadata.headerType()) {
            case MessageHeader.Schema -> {
                if (decoders != null) {
                    throw new MalformedDataException("a second schema");
                }
                decoders = createDecoders(ArrowFlightSchemas.schema(metadata));
                return Optional.empty();
            }
            case MessageHeader.DictionaryBatch -> {
                checkSchema();
                dictionaries.read(message, header(metadata, new DictionaryBatch()));
                return Optional.empty();
            }
            case MessageHeader.RecordBatch -> {
                checkSchema();
                return Optional.of(readBatch(message, header(metadata, new RecordBatch())));
            }
            default -> throw new MalformedDataException("an Arrow message of kind %s".formatted(metadata.headerType()));
        }
    }

    private static <T extends Table> T header(Message metadata, T table)
    {
        if (metadata.header(table) == null) {
            throw new MalformedDataException("an Arrow message without its header");
        }
        return table;
    }

    private void checkSchema()
    {
        if (decoders == null) {
            throw new MalformedDataException("data before its schema");
        }
    }

    private ArrowFlightDecoder[] createDecoders(Schema schema)
    {
        if (schema.fieldsLength() != columns.size()) {
            throw new MalformedDataException("%s columns where %s were asked for".formatted(schema.fieldsLength(), columns.size()));
        }
        ArrowFlightDecoder[] result = new ArrowFlightDecoder[columns.size()];
        for (int i = 0; i < result.length; i++) {
            Field field = schema.fields(i);
            ArrowFlightColumnHandle column = columns.get(i);
            if (!column.name().equals(field.name())) {
                throw new MalformedDataException("column '%s' where '%s' was asked for".formatted(field.name(), column.name()));
            }
            try {
                Type type = types.toTrinoType(field);
                if (!type.equals(column.type())) {
                    throw new MalformedDataException("column '%s' as %s where it was described as %s".formatted(field.name(), type.getDisplayName(), column.type().getDisplayName()));
                }
                result[i] = ArrowFlightDecoders.create(field, type, dictionaries);
            }
            catch (UnsupportedTypeException e) {
                throw new MalformedDataException("column '%s' with a type that it was not described with: %s".formatted(field.name(), e.getMessage()));
            }
        }
        return result;
    }

    private Page readBatch(ArrowFlightMessage message, RecordBatch recordBatch)
    {
        if (decoders.length == 0) {
            return new Page(ArrowFlightRecordBatch.rowCountWithoutColumns(recordBatch));
        }
        ArrowFlightRecordBatch batch = new ArrowFlightRecordBatch(message, recordBatch);
        int rows = batch.rowCount();
        Length length = new Length(rows);
        Block[] blocks = new Block[decoders.length];
        for (int i = 0; i < blocks.length; i++) {
            try {
                blocks[i] = decoders[i].decode(batch, length, Optional.empty());
            }
            catch (MalformedDataException e) {
                throw new MalformedDataException("column '%s': %s".formatted(columns.get(i).name(), e.getMessage()));
            }
        }
        batch.checkAllRead();
        return new Page(rows, blocks);
    }
}
