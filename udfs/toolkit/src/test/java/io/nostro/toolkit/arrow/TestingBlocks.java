package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import io.trino.spi.block.Block;
import io.trino.spi.block.SqlMap;
import io.trino.spi.block.SqlRow;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.SqlDate;
import io.trino.spi.type.SqlDecimal;
import io.trino.spi.type.SqlTime;
import io.trino.spi.type.SqlTimestamp;
import io.trino.spi.type.SqlTimestampWithTimeZone;
import io.trino.spi.type.SqlVarbinary;
import io.trino.spi.type.Type;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

import static io.trino.testing.TestingConnectorSession.SESSION;

/**
 * Values of blocks, as Trino's types read them.
 */
final class TestingBlocks
{
    private TestingBlocks() {}

    /**
     * A value in a form that has an equal: integers and days are Long, binaries hexadecimal, times picoseconds, timestamps
     * seconds (followed by the zone), and lists, entries of maps and rows are lists.
     */
    static Object value(Type type, Block block, int position)
    {
        if (block.isNull(position)) {
            return null;
        }
        return switch (type) {
            case ArrayType array -> {
                Block elements = array.getObject(block, position);
                yield values(array.getElementType(), elements);
            }
            case MapType map -> {
                SqlMap entries = map.getObject(block, position);
                List<Object> values = new ArrayList<>();
                for (int i = 0; i < entries.getSize(); i++) {
                    List<Object> entry = new ArrayList<>();
                    entry.add(value(map.getKeyType(), entries.getRawKeyBlock(), entries.getRawOffset() + i));
                    entry.add(value(map.getValueType(), entries.getRawValueBlock(), entries.getRawOffset() + i));
                    values.add(entry);
                }
                yield values;
            }
            case RowType row -> {
                SqlRow fields = row.getObject(block, position);
                List<Object> values = new ArrayList<>();
                for (int i = 0; i < fields.getFieldCount(); i++) {
                    values.add(value(row.getFields().get(i).getType(), fields.getRawFieldBlock(i), fields.getRawIndex()));
                }
                yield values;
            }
            default -> switch (type.getObjectValue(SESSION, block, position)) {
                case Byte number -> (long) number;
                case Short number -> (long) number;
                case Integer number -> (long) number;
                case SqlDecimal decimal -> decimal.toBigDecimal();
                case SqlVarbinary binary -> BaseEncoding.base16().encode(binary.getBytes());
                case SqlDate date -> (long) date.getDays();
                case SqlTime time -> time.getPicos();
                case SqlTimestamp timestamp -> BigDecimal.valueOf(timestamp.getEpochMicros(), 6).add(BigDecimal.valueOf(timestamp.getPicosOfMicros(), 12)).setScale(12);
                case SqlTimestampWithTimeZone timestamp -> ImmutableList.of(
                        BigDecimal.valueOf(timestamp.getEpochMillis(), 3).add(BigDecimal.valueOf(timestamp.getPicosOfMilli(), 12)).setScale(12),
                        timestamp.getTimeZoneKey().getId());
                case Object object -> object;
            };
        };
    }

    static List<Object> values(Type type, Block block)
    {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < block.getPositionCount(); i++) {
            values.add(value(type, block, i));
        }
        return values;
    }
}
