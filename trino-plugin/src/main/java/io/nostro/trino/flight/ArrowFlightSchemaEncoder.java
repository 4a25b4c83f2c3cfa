package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.BaseEncoding;
import com.google.flatbuffers.FlatBufferBuilder;
import io.trino.spi.TrinoException;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.BigintType;
import io.trino.spi.type.BooleanType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.DateType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.DoubleType;
import io.trino.spi.type.IntegerType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RealType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SmallintType;
import io.trino.spi.type.TimeType;
import io.trino.spi.type.TimestampType;
import io.trino.spi.type.TimestampWithTimeZoneType;
import io.trino.spi.type.TinyintType;
import io.trino.spi.type.Type;
import io.trino.spi.type.UuidType;
import io.trino.spi.type.VarbinaryType;
import io.trino.spi.type.VarcharType;
import org.apache.arrow.flatbuf.Binary;
import org.apache.arrow.flatbuf.Bool;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Struct_;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Utf8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static io.nostro.trino.flight.ArrowFlightProtocol.COMMENT_METADATA;
import static io.nostro.trino.flight.ArrowFlightProtocol.TYPE_METADATA;
import static io.nostro.trino.flight.ArrowFlightTypes.EXTENSION_NAME;
import static io.nostro.trino.flight.ArrowFlightTypes.JSON_EXTENSION;
import static io.nostro.trino.flight.ArrowFlightTypes.UUID_EXTENSION;
import static io.trino.spi.StandardErrorCode.NOT_SUPPORTED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * Arrow schemas of Trino's types, for rows that are sent to a source.
 */
final class ArrowFlightSchemaEncoder
{
    static final int MAX_PRECISION = 9;

    private static final int CONTINUATION = -1;
    private static final int ALIGNMENT = 8;
    private static final int UUID_BYTES = 16;
    private static final String UTC = "UTC";

    private final FlatBufferBuilder builder = new FlatBufferBuilder();

    private ArrowFlightSchemaEncoder() {}

    /**
     * Writes a schema's message as Flight carries it.
     *
     * @throws TrinoException when there is no Arrow type for a column's type
     */
    static byte[] message(List<ArrowFlightWriteColumn> columns)
    {
        return new ArrowFlightSchemaEncoder().write(columns);
    }

    /**
     * Writes a schema in the encapsulated format of Arrow's IPC streams, in base64.
     */
    static String encapsulated(List<ArrowFlightWriteColumn> columns)
    {
        byte[] message = message(columns);
        int padded = (message.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        return BaseEncoding.base64().encode(ByteBuffer.allocate(2 * Integer.BYTES + padded).order(LITTLE_ENDIAN)
                .putInt(CONTINUATION)
                .putInt(padded)
                .put(message)
                .array());
    }

    private byte[] write(List<ArrowFlightWriteColumn> columns)
    {
        int[] fields = columns.stream()
                .mapToInt(column -> {
                    try {
                        return field(column.name(), column.type(), column.nullable(), column.comment());
                    }
                    catch (UnsupportedOperationException _) {
                        throw new TrinoException(NOT_SUPPORTED, "Unsupported column type: %s of column %s".formatted(column.type().getDisplayName(), column.name()));
                    }
                })
                .toArray();
        int fieldsVector = Schema.createFieldsVector(builder, fields);
        Schema.startSchema(builder);
        Schema.addEndianness(builder, Endianness.Little);
        Schema.addFields(builder, fieldsVector);
        int schema = Schema.endSchema(builder);
        builder.finish(Message.createMessage(builder, MetadataVersion.V5, MessageHeader.Schema, schema, 0, 0));
        return builder.sizedByteArray();
    }

    private int field(String name, Type type, boolean nullable, Optional<String> comment)
    {
        int[] children = children(type);
        ImmutableMap.Builder<String, String> metadata = ImmutableMap.builder();
        metadata.putAll(typeMetadata(type));
        comment.ifPresent(text -> metadata.put(COMMENT_METADATA, text));

        int nameOffset = builder.createString(name);
        int childrenVector = Field.createChildrenVector(builder, children);
        int metadataVector = Field.createCustomMetadataVector(builder, metadata.buildOrThrow().entrySet().stream()
                .mapToInt(this::keyValue)
                .toArray());
        ArrowType arrowType = arrowType(type);
        return Field.createField(builder, nameOffset, nullable, arrowType.kind(), arrowType.offset(), 0, childrenVector, metadataVector);
    }

    private int keyValue(Map.Entry<String, String> entry)
    {
        int key = builder.createString(entry.getKey());
        return KeyValue.createKeyValue(builder, key, builder.createString(entry.getValue()));
    }

    private int[] children(Type type)
    {
        return switch (type) {
            case ArrayType arrayType -> new int[] {field("item", arrayType.getElementType(), true, Optional.empty())};
            case MapType mapType -> {
                int key = field("key", mapType.getKeyType(), false, Optional.empty());
                int value = field("value", mapType.getValueType(), true, Optional.empty());
                int name = builder.createString("entries");
                int entryFields = Field.createChildrenVector(builder, new int[] {key, value});
                yield new int[] {Field.createField(builder, name, false, org.apache.arrow.flatbuf.Type.Struct_, struct(), 0, entryFields, 0)};
            }
            case RowType rowType -> {
                List<RowType.Field> fields = rowType.getFields();
                int[] children = new int[fields.size()];
                for (int i = 0; i < children.length; i++) {
                    children[i] = field(fields.get(i).getName().orElse("field" + i), fields.get(i).getType(), true, Optional.empty());
                }
                yield children;
            }
            default -> new int[0];
        };
    }

    /**
     * Tells what the Arrow type doesn't.
     */
    private static Map<String, String> typeMetadata(Type type)
    {
        return switch (type) {
            case VarcharType varcharType when !varcharType.isUnbounded() -> ImmutableMap.of(TYPE_METADATA, type.getDisplayName());
            case CharType _ -> ImmutableMap.of(TYPE_METADATA, type.getDisplayName());
            case TimeType timeType when !isPrecisionOfUnit(timeType.getPrecision()) -> ImmutableMap.of(TYPE_METADATA, type.getDisplayName());
            case TimestampType timestampType when !isPrecisionOfUnit(timestampType.getPrecision()) -> ImmutableMap.of(TYPE_METADATA, type.getDisplayName());
            case TimestampWithTimeZoneType timestampType when !isPrecisionOfUnit(timestampType.getPrecision()) -> ImmutableMap.of(TYPE_METADATA, type.getDisplayName());
            case UuidType _ -> ImmutableMap.of(EXTENSION_NAME, UUID_EXTENSION);
            default -> isJson(type) ? ImmutableMap.of(EXTENSION_NAME, JSON_EXTENSION) : ImmutableMap.of();
        };
    }

    static boolean isJson(Type type)
    {
        return type.getBaseName().equals("json");
    }

    private static boolean isPrecisionOfUnit(int precision)
    {
        return precision % 3 == 0;
    }

    private ArrowType arrowType(Type type)
    {
        return switch (type) {
            case BooleanType _ -> {
                Bool.startBool(builder);
                yield new ArrowType(org.apache.arrow.flatbuf.Type.Bool, Bool.endBool(builder));
            }
            case TinyintType _ -> integer(8);
            case SmallintType _ -> integer(16);
            case IntegerType _ -> integer(32);
            case BigintType _ -> integer(64);
            case RealType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.FloatingPoint, FloatingPoint.createFloatingPoint(builder, Precision.SINGLE));
            case DoubleType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.FloatingPoint, FloatingPoint.createFloatingPoint(builder, Precision.DOUBLE));
            case DecimalType decimalType -> new ArrowType(org.apache.arrow.flatbuf.Type.Decimal, Decimal.createDecimal(builder, decimalType.getPrecision(), decimalType.getScale(), 128));
            case VarcharType _, CharType _ -> utf8();
            case VarbinaryType _ -> {
                Binary.startBinary(builder);
                yield new ArrowType(org.apache.arrow.flatbuf.Type.Binary, Binary.endBinary(builder));
            }
            case UuidType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.FixedSizeBinary, FixedSizeBinary.createFixedSizeBinary(builder, UUID_BYTES));
            case DateType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.Date, Date.createDate(builder, DateUnit.DAY));
            case TimeType timeType -> {
                short unit = unit(timeType.getPrecision());
                yield new ArrowType(org.apache.arrow.flatbuf.Type.Time, Time.createTime(builder, unit, unit <= TimeUnit.MILLISECOND ? 32 : 64));
            }
            case TimestampType timestampType -> new ArrowType(org.apache.arrow.flatbuf.Type.Timestamp, Timestamp.createTimestamp(builder, unit(timestampType.getPrecision()), 0));
            case TimestampWithTimeZoneType timestampType -> {
                int zone = builder.createString(UTC);
                yield new ArrowType(org.apache.arrow.flatbuf.Type.Timestamp, Timestamp.createTimestamp(builder, unit(timestampType.getPrecision()), zone));
            }
            case ArrayType _ -> {
                org.apache.arrow.flatbuf.List.startList(builder);
                yield new ArrowType(org.apache.arrow.flatbuf.Type.List, org.apache.arrow.flatbuf.List.endList(builder));
            }
            case MapType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.Map, org.apache.arrow.flatbuf.Map.createMap(builder, false));
            case RowType _ -> new ArrowType(org.apache.arrow.flatbuf.Type.Struct_, struct());
            default -> {
                if (isJson(type)) {
                    yield utf8();
                }
                throw new UnsupportedOperationException();
            }
        };
    }

    private ArrowType integer(int bits)
    {
        return new ArrowType(org.apache.arrow.flatbuf.Type.Int, Int.createInt(builder, bits, true));
    }

    private ArrowType utf8()
    {
        Utf8.startUtf8(builder);
        return new ArrowType(org.apache.arrow.flatbuf.Type.Utf8, Utf8.endUtf8(builder));
    }

    private int struct()
    {
        Struct_.startStruct_(builder);
        return Struct_.endStruct_(builder);
    }

    /**
     * {@return the coarsest Arrow time unit that holds a precision}
     */
    static short unit(int precision)
    {
        if (precision == 0) {
            return TimeUnit.SECOND;
        }
        if (precision <= 3) {
            return TimeUnit.MILLISECOND;
        }
        if (precision <= 6) {
            return TimeUnit.MICROSECOND;
        }
        if (precision <= MAX_PRECISION) {
            return TimeUnit.NANOSECOND;
        }
        throw new UnsupportedOperationException();
    }

    private record ArrowType(byte kind, int offset) {}
}
