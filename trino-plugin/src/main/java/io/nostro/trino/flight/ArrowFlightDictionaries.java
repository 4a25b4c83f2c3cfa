package io.nostro.trino.flight;

import io.nostro.trino.flight.ArrowFlightDecoder.Length;
import io.nostro.trino.flight.ArrowFlightRecordBatch.Data;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import io.nostro.trino.flight.ArrowFlightRecordBatch.Node;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.Type;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.RecordBatch;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import static java.util.Objects.requireNonNull;

/**
 * The dictionaries of one stream. A dictionary-encoded column becomes a dictionary block, so that values which repeat
 * are held and computed on once.
 */
final class ArrowFlightDictionaries
{
    private final Map<Long, Dictionary> dictionaries = new HashMap<>();

    /**
     * {@return decoder of a column's indexes into its dictionary}
     */
    ArrowFlightDecoder indexDecoder(DictionaryEncoding encoding, Type type, ArrowFlightDecoder valueDecoder)
            throws UnsupportedTypeException
    {
        Dictionary dictionary = dictionaries.computeIfAbsent(encoding.id(), _ -> new Dictionary(type, valueDecoder));
        if (!dictionary.type.equals(type)) {
            throw new UnsupportedTypeException("dictionary %s is used for both %s and %s".formatted(encoding.id(), dictionary.type.getDisplayName(), type.getDisplayName()));
        }
        Int indexType = encoding.indexType();
        int bitWidth = indexType == null ? Integer.SIZE : indexType.bitWidth();
        boolean signed = indexType == null || indexType.isSigned();
        if (bitWidth != Byte.SIZE && bitWidth != Short.SIZE && bitWidth != Integer.SIZE && bitWidth != Long.SIZE) {
            throw new UnsupportedTypeException("dictionary indexes of %s bits".formatted(bitWidth));
        }
        return (batch, length, parentNulls) -> {
            Node node = length.next(batch);
            Optional<boolean[]> nulls = ArrowFlightDecoders.readNulls(batch, node, parentNulls);
            return dictionary.select(readIndexes(batch.nextBuffer(), node.length(), bitWidth, signed), nulls);
        };
    }

    void read(ArrowFlightMessage message, DictionaryBatch batch)
    {
        Dictionary dictionary = dictionaries.get(batch.id());
        if (dictionary == null) {
            throw new MalformedDataException("a dictionary that no column uses");
        }
        RecordBatch data = batch.data();
        if (data == null) {
            throw new MalformedDataException("a dictionary without values");
        }
        ArrowFlightRecordBatch recordBatch = new ArrowFlightRecordBatch(message, data);
        Block values = dictionary.decoder.decode(recordBatch, new Length(recordBatch.rowCount()), Optional.empty());
        recordBatch.checkAllRead();
        dictionary.set(values, batch.isDelta());
    }

    long retainedBytes()
    {
        long bytes = 0;
        for (Dictionary dictionary : dictionaries.values()) {
            if (dictionary.valuesAndNull != null) {
                bytes += dictionary.valuesAndNull.getRetainedSizeInBytes();
            }
        }
        return bytes;
    }

    private static int[] readIndexes(Data data, int count, int bitWidth, boolean signed)
    {
        switch (bitWidth) {
            case Byte.SIZE -> {
                byte[] bytes = data.readBytes(count);
                int[] indexes = new int[count];
                for (int i = 0; i < count; i++) {
                    indexes[i] = signed ? bytes[i] : Byte.toUnsignedInt(bytes[i]);
                }
                return indexes;
            }
            case Short.SIZE -> {
                short[] shorts = data.readShorts(count);
                int[] indexes = new int[count];
                for (int i = 0; i < count; i++) {
                    indexes[i] = signed ? shorts[i] : Short.toUnsignedInt(shorts[i]);
                }
                return indexes;
            }
            case Integer.SIZE -> {
                return data.readInts(count);
            }
            default -> {
                long[] longs = data.readLongs(count);
                int[] indexes = new int[count];
                for (int i = 0; i < count; i++) {
                    // what does not fit becomes an index that no dictionary has
                    indexes[i] = longs[i] == (int) longs[i] ? (int) longs[i] : -1;
                }
                return indexes;
            }
        }
    }

    private static final class Dictionary
    {
        private final Type type;
        private final ArrowFlightDecoder decoder;
        // the last entry is NULL, for rows whose index is
        private ValueBlock valuesAndNull;

        private Dictionary(Type type, ArrowFlightDecoder decoder)
        {
            this.type = requireNonNull(type, "type is null");
            this.decoder = requireNonNull(decoder, "decoder is null");
        }

        private void set(Block values, boolean delta)
        {
            if (delta && valuesAndNull != null) {
                int known = valuesAndNull.getPositionCount() - 1;
                BlockBuilder builder = type.createBlockBuilder(null, known + values.getPositionCount());
                builder.appendRange(valuesAndNull, 0, known);
                append(values, builder);
                valuesAndNull = builder.appendNull().buildValueBlock();
                return;
            }
            Block appended = values.copyWithAppendedNull();
            if (appended instanceof ValueBlock valueBlock) {
                valuesAndNull = valueBlock;
                return;
            }
            BlockBuilder builder = type.createBlockBuilder(null, appended.getPositionCount());
            append(appended, builder);
            valuesAndNull = builder.buildValueBlock();
        }

        private static void append(Block values, BlockBuilder builder)
        {
            ValueBlock underlying = values.getUnderlyingValueBlock();
            for (int i = 0; i < values.getPositionCount(); i++) {
                builder.append(underlying, values.getUnderlyingValuePosition(i));
            }
        }

        private Block select(int[] indexes, Optional<boolean[]> nulls)
        {
            int count = indexes.length;
            if (valuesAndNull == null) {
                // a column that is all NULL may come without its dictionary
                for (int i = 0; i < count; i++) {
                    if (nulls.isEmpty() || !nulls.get()[i]) {
                        throw new MalformedDataException("dictionary indexes before their dictionary");
                    }
                }
                return RunLengthEncodedBlock.create(type, null, count);
            }
            int nullIndex = valuesAndNull.getPositionCount() - 1;
            if (nulls.isPresent()) {
                boolean[] isNull = nulls.get();
                for (int i = 0; i < count; i++) {
                    indexes[i] = isNull[i] ? nullIndex : checkIndex(indexes[i], nullIndex);
                }
            }
            else {
                for (int i = 0; i < count; i++) {
                    checkIndex(indexes[i], nullIndex);
                }
            }
            return DictionaryBlock.create(count, valuesAndNull, indexes);
        }

        private static int checkIndex(int index, int limit)
        {
            if (index < 0 || index >= limit) {
                throw new MalformedDataException("index %s in a dictionary of %s values".formatted(index, limit));
            }
            return index;
        }
    }
}
