package io.nostro.functions.messages;

import io.trino.spi.block.Block;
import io.trino.spi.block.SqlRow;
import io.trino.spi.type.RowType;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads what the functions of messages give.
 */
final class MessageTesting
{
    private MessageTesting() {}

    /**
     * The rows of an array: their fields as the engine shows them.
     */
    static List<List<Object>> rows(RowType type, Block array)
    {
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < array.getPositionCount(); i++) {
            rows.add(row(type, type.getObject(array, i)));
        }
        return rows;
    }

    static List<Object> row(RowType type, SqlRow row)
    {
        List<Object> fields = new ArrayList<>();
        for (int i = 0; i < row.getFieldCount(); i++) {
            fields.add(type.getFields().get(i).getType().getObjectValue(null, row.getRawFieldBlock(i), row.getRawIndex()));
        }
        return fields;
    }
}
