package io.nostro.toolkit.binding;

import io.trino.spi.TrinoException;
import io.trino.spi.block.ArrayBlock;
import io.trino.spi.block.Block;
import io.trino.spi.block.ColumnarArray;
import io.trino.spi.block.ColumnarMap;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.DuplicateMapKeyException;
import io.trino.spi.block.MapBlock;
import io.trino.spi.block.MapBlockBuilder;
import io.trino.spi.block.RowBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.CharType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import java.util.List;
import java.util.stream.IntStream;

import static com.google.common.base.Preconditions.checkArgument;
import static io.nostro.toolkit.binding.ValueCoercion.IDENTITY;
import static io.nostro.toolkit.binding.ValueCoercion.nulls;
import static io.trino.spi.StandardErrorCode.INVALID_CAST_ARGUMENT;

/**
 * Converts blocks as Trino 476 does where it coerces a value to another type implicitly. Where that depends on the
 * session's time zone, which is from a date, time or timestamp to a type with time zone, the zone is UTC.
 */
public final class BlockCoercion
{
    private BlockCoercion() {}

    /**
     * The values as those of another type: the same block when they are stored alike, and otherwise a new one, which is a
     * dictionary or one repeated value when the block is.
     *
     * @throws IllegalArgumentException when Trino does not coerce the type to the other one implicitly
     * @throws TrinoException INVALID_CAST_ARGUMENT when a value is out of the other type's range
     */
    public static Block coerce(Block block, Type from, Type to)
    {
        checkArgument(TypeCompatibility.canCoerce(from, to), "the type %s is not coerced to %s implicitly", from, to);
        return coerce(block, coercion(from, to));
    }

    private static Block coerce(Block block, ValueCoercion coercion)
    {
        if (coercion == IDENTITY) {
            return block;
        }
        return switch (block) {
            case ValueBlock values -> coercion.coerce(values);
            case RunLengthEncodedBlock repeated -> RunLengthEncodedBlock.create(coercion.coerce(repeated.getValue()), repeated.getPositionCount());
            case DictionaryBlock dictionary -> {
                // a value that no position has must not fail
                DictionaryBlock compact = dictionary.compact();
                yield compact.createProjection(coercion.coerce(compact.getDictionary()));
            }
        };
    }

    private static ValueCoercion coercion(Type from, Type to)
    {
        if (from.equals(to)) {
            return IDENTITY;
        }
        return switch (from) {
            case ArrayType array -> ofArrays(coercion(array.getElementType(), ((ArrayType) to).getElementType()));
            case MapType map -> ofMaps(
                    coercion(map.getKeyType(), ((MapType) to).getKeyType()),
                    coercion(map.getValueType(), ((MapType) to).getValueType()),
                    (MapType) to);
            case RowType row -> ofRows(IntStream.range(0, row.getTypeParameters().size())
                    .mapToObj(field -> coercion(row.getTypeParameters().get(field), to.getTypeParameters().get(field)))
                    .toList());
            case CharType _, VarcharType _ -> CharacterCoercion.between(from, to);
            default -> DateTimeCoercion.accepts(from) ? DateTimeCoercion.between(from, to) : NumberCoercion.between(from, to);
        };
    }

    private static ValueCoercion ofArrays(ValueCoercion elementCoercion)
    {
        if (elementCoercion == IDENTITY) {
            return IDENTITY;
        }
        return block -> {
            ColumnarArray arrays = ColumnarArray.toColumnarArray(block);
            int[] offsets = new int[block.getPositionCount() + 1];
            for (int position = 0; position < block.getPositionCount(); position++) {
                offsets[position + 1] = offsets[position] + arrays.getLength(position);
            }
            return ArrayBlock.fromElementBlock(block.getPositionCount(), nulls(block), offsets, coerce(arrays.getElementsBlock(), elementCoercion));
        };
    }

    private static ValueCoercion ofRows(List<ValueCoercion> fieldCoercions)
    {
        if (fieldCoercions.stream().allMatch(coercion -> coercion == IDENTITY)) {
            return IDENTITY;
        }
        return block -> {
            List<Block> fields = ((RowBlock) block).getFieldBlocks();
            return RowBlock.fromNotNullSuppressedFieldBlocks(
                    block.getPositionCount(),
                    nulls(block),
                    IntStream.range(0, fields.size())
                            .mapToObj(field -> coerce(fields.get(field), fieldCoercions.get(field)))
                            .toArray(Block[]::new));
        };
    }

    private static ValueCoercion ofMaps(ValueCoercion keyCoercion, ValueCoercion valueCoercion, MapType to)
    {
        if (keyCoercion == IDENTITY && valueCoercion == IDENTITY) {
            return IDENTITY;
        }
        return block -> {
            ColumnarMap maps = ColumnarMap.toColumnarMap(block);
            int[] offsets = new int[block.getPositionCount() + 1];
            for (int position = 0; position < block.getPositionCount(); position++) {
                offsets[position + 1] = offsets[position] + maps.getEntryCount(position);
            }
            MapBlock coerced = to.createBlockFromKeyValue(nulls(block), offsets, coerce(maps.getKeysBlock(), keyCoercion), coerce(maps.getValuesBlock(), valueCoercion));
            return keyCoercion == IDENTITY ? coerced : withDistinctKeys(coerced, to);
        };
    }

    /**
     * The same maps, when none has a key twice: different keys can become the same one, as bigints do that become doubles.
     */
    private static MapBlock withDistinctKeys(MapBlock maps, MapType type)
    {
        MapBlockBuilder builder = type.createBlockBuilder(null, maps.getPositionCount()).strictNotDistinctFrom();
        try {
            builder.appendRange(maps, 0, maps.getPositionCount());
            return builder.buildValueBlock();
        }
        catch (DuplicateMapKeyException e) {
            throw new TrinoException(INVALID_CAST_ARGUMENT, "duplicate keys", e);
        }
    }
}
