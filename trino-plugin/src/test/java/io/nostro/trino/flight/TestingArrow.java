package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.IntervalMonthDayNanoVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeMilliVector;
import org.apache.arrow.vector.TimeNanoVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Writes Java values as Arrow messages, with Arrow's own library.
 */
final class TestingArrow
{
    private TestingArrow() {}

    /**
     * Writes a schema and one batch of rows.
     */
    static List<Flight.FlightData> encode(BufferAllocator allocator, Schema schema, List<List<Object>> rows)
    {
        try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator)) {
            fill(root, rows);
            return encode(root, new DictionaryProvider.MapDictionaryProvider());
        }
    }

    static void fill(VectorSchemaRoot root, List<List<Object>> rows)
    {
        root.allocateNew();
        for (int column = 0; column < root.getFieldVectors().size(); column++) {
            FieldVector vector = root.getVector(column);
            for (int row = 0; row < rows.size(); row++) {
                set(vector, row, rows.get(row).get(column));
            }
        }
        root.setRowCount(rows.size());
    }

    static List<Flight.FlightData> encode(VectorSchemaRoot root, DictionaryProvider dictionaries)
    {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (ArrowStreamWriter writer = new ArrowStreamWriter(root, dictionaries, output)) {
            writer.start();
            writer.writeBatch();
            writer.end();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return split(output.toByteArray());
    }

    /**
     * Splits an IPC stream into the messages that Flight sends.
     */
    static List<Flight.FlightData> split(byte[] stream)
    {
        ImmutableList.Builder<Flight.FlightData> messages = ImmutableList.builder();
        ByteBuffer buffer = ByteBuffer.wrap(stream).order(LITTLE_ENDIAN);
        while (buffer.remaining() >= 8 && buffer.getInt() == -1) {
            int length = buffer.getInt();
            if (length == 0) {
                break;
            }
            byte[] header = new byte[length];
            buffer.get(header);
            int bodyLength = (int) Message.getRootAsMessage(ByteBuffer.wrap(header).order(LITTLE_ENDIAN)).bodyLength();
            byte[] body = new byte[bodyLength];
            buffer.get(body);
            messages.add(Flight.FlightData.newBuilder()
                    .setDataHeader(ByteString.copyFrom(header))
                    .setDataBody(ByteString.copyFrom(body))
                    .build());
        }
        return messages.build();
    }

    /**
     * Sets one value.
     *
     * @param value null, or as the vector's type has it: a Number, BigDecimal, Boolean, String, byte[], List, or a Map
     *         for maps, and a List of its fields for structs; dates and times are numbers of their unit
     */
    static void set(FieldVector vector, int index, Object value)
    {
        if (value == null) {
            vector.setInitialCapacity(index + 1);
            while (vector.getValueCapacity() <= index && !(vector instanceof NullVector)) {
                vector.reAlloc();
            }
            vector.setNull(index);
            return;
        }
        switch (vector) {
            case BitVector bits -> bits.setSafe(index, (boolean) value ? 1 : 0);
            case TinyIntVector ints -> ints.setSafe(index, ((Number) value).byteValue());
            case SmallIntVector ints -> ints.setSafe(index, ((Number) value).shortValue());
            case IntVector ints -> ints.setSafe(index, ((Number) value).intValue());
            case BigIntVector ints -> ints.setSafe(index, ((Number) value).longValue());
            case UInt1Vector ints -> ints.setSafe(index, ((Number) value).byteValue());
            case UInt2Vector ints -> ints.setSafe(index, (char) ((Number) value).intValue());
            case UInt4Vector ints -> ints.setSafe(index, ((Number) value).intValue());
            case UInt8Vector ints -> ints.setSafe(index, ((Number) value).longValue());
            case Float2Vector floats -> floats.setSafeWithPossibleTruncate(index, ((Number) value).floatValue());
            case Float4Vector floats -> floats.setSafe(index, ((Number) value).floatValue());
            case Float8Vector floats -> floats.setSafe(index, ((Number) value).doubleValue());
            case DecimalVector decimals -> decimals.setSafe(index, (BigDecimal) value);
            case Decimal256Vector decimals -> decimals.setSafe(index, (BigDecimal) value);
            case VarCharVector texts -> texts.setSafe(index, ((String) value).getBytes(UTF_8));
            case LargeVarCharVector texts -> texts.setSafe(index, ((String) value).getBytes(UTF_8));
            case ViewVarCharVector texts -> texts.setSafe(index, ((String) value).getBytes(UTF_8));
            case VarBinaryVector binaries -> binaries.setSafe(index, (byte[]) value);
            case LargeVarBinaryVector binaries -> binaries.setSafe(index, (byte[]) value);
            case ViewVarBinaryVector binaries -> binaries.setSafe(index, (byte[]) value);
            case FixedSizeBinaryVector binaries -> binaries.setSafe(index, (byte[]) value);
            case DateDayVector dates -> dates.setSafe(index, ((Number) value).intValue());
            case DateMilliVector dates -> dates.setSafe(index, ((Number) value).longValue());
            case TimeSecVector times -> times.setSafe(index, ((Number) value).intValue());
            case TimeMilliVector times -> times.setSafe(index, ((Number) value).intValue());
            case TimeMicroVector times -> times.setSafe(index, ((Number) value).longValue());
            case TimeNanoVector times -> times.setSafe(index, ((Number) value).longValue());
            case TimeStampVector timestamps -> timestamps.setSafe(index, ((Number) value).longValue());
            case IntervalMonthDayNanoVector intervals -> intervals.setSafe(index, 1, 2, ((Number) value).longValue());
            case MapVector maps -> {
                Map<?, ?> entries = (Map<?, ?>) value;
                int start = maps.startNewValue(index);
                StructVector struct = (StructVector) maps.getDataVector();
                int position = start;
                for (Map.Entry<?, ?> entry : entries.entrySet()) {
                    setStruct(struct, position, ImmutableList.of(entry.getKey(), Optional.ofNullable(entry.getValue())));
                    position++;
                }
                maps.endValue(index, entries.size());
            }
            case ListVector lists -> {
                int start = lists.startNewValue(index);
                setElements(lists.getDataVector(), start, (List<?>) value);
                lists.endValue(index, ((List<?>) value).size());
            }
            case LargeListVector lists -> {
                long start = lists.startNewValue(index);
                setElements(lists.getDataVector(), (int) start, (List<?>) value);
                lists.endValue(index, ((List<?>) value).size());
            }
            case FixedSizeListVector lists -> {
                int start = lists.startNewValue(index);
                setElements(lists.getDataVector(), start, (List<?>) value);
            }
            case StructVector structs -> setStruct(structs, index, (List<?>) value);
            default -> throw new IllegalArgumentException("No values for " + vector.getField());
        }
    }

    private static void setElements(FieldVector elements, int start, List<?> values)
    {
        for (int i = 0; i < values.size(); i++) {
            set(elements, start + i, values.get(i));
        }
    }

    private static void setStruct(StructVector struct, int index, List<?> values)
    {
        while (struct.getValueCapacity() <= index) {
            struct.reAlloc();
        }
        struct.setIndexDefined(index);
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i) instanceof Optional<?> optional ? optional.orElse(null) : values.get(i);
            set(struct.getChildrenFromFields().get(i), index, value);
        }
    }
}
