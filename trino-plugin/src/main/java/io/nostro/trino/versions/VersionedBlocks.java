package io.nostro.trino.versions;

import io.airlift.slice.Slice;
import io.trino.spi.block.ArrayBlock;
import io.trino.spi.block.Block;
import io.trino.spi.block.ByteArrayBlock;
import io.trino.spi.block.Fixed12Block;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.block.IntArrayBlock;
import io.trino.spi.block.LongArrayBlock;
import io.trino.spi.block.RowBlock;
import io.trino.spi.block.ShortArrayBlock;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.MapType;

import java.lang.reflect.ParameterizedType;
import java.util.Optional;

/**
 * Makes blocks of whole arrays. Up to Trino 482 a block is told of its NULLs by an array of booleans, from 483 on by a bitmap
 * of the values that are not NULL. To the JVM both are an {@code Optional}, so that the wrong one shows only at the first NULL.
 */
public final class VersionedBlocks
{
    private static final boolean VALIDITY_BITMAPS = takesValidityBitmaps();

    private VersionedBlocks() {}

    private static boolean takesValidityBitmaps()
    {
        try {
            ParameterizedType mask = (ParameterizedType) LongArrayBlock.class.getConstructor(int.class, Optional.class, long[].class).getGenericParameterTypes()[1];
            return mask.getActualTypeArguments()[0].equals(long[].class);
        }
        catch (NoSuchMethodException e) {
            throw new LinkageError("Blocks of this version of Trino are unknown", e);
        }
    }

    public static Block bytes(int count, Optional<boolean[]> nulls, byte[] values)
    {
        return new ByteArrayBlock(count, mask(nulls), values);
    }

    public static Block shorts(int count, Optional<boolean[]> nulls, short[] values)
    {
        return new ShortArrayBlock(count, mask(nulls), values);
    }

    public static Block ints(int count, Optional<boolean[]> nulls, int[] values)
    {
        return new IntArrayBlock(count, mask(nulls), values);
    }

    public static Block longs(int count, Optional<boolean[]> nulls, long[] values)
    {
        return new LongArrayBlock(count, mask(nulls), values);
    }

    public static Block fixed12(int count, Optional<boolean[]> nulls, int[] values)
    {
        return new Fixed12Block(count, mask(nulls), values);
    }

    public static Block int128s(int count, Optional<boolean[]> nulls, long[] values)
    {
        return new Int128ArrayBlock(count, mask(nulls), values);
    }

    public static VariableWidthBlock variableWidth(int count, Slice slice, int[] offsets, Optional<boolean[]> nulls)
    {
        return new VariableWidthBlock(count, slice, offsets, mask(nulls));
    }

    public static Block array(int count, Optional<boolean[]> nulls, int[] offsets, Block elements)
    {
        return ArrayBlock.fromElementBlock(count, mask(nulls), offsets, elements);
    }

    public static Block map(MapType type, Optional<boolean[]> nulls, int[] offsets, Block keys, Block values)
    {
        return type.createBlockFromKeyValue(mask(nulls), offsets, keys, values);
    }

    public static Block row(int count, Optional<boolean[]> nulls, Block[] fields)
    {
        return RowBlock.fromNotNullSuppressedFieldBlocks(count, mask(nulls), fields);
    }

    @SuppressWarnings("unchecked") // what is in it is not looked at before the block's constructor, which knows its own type
    private static Optional<boolean[]> mask(Optional<boolean[]> nulls)
    {
        if (!VALIDITY_BITMAPS) {
            return nulls;
        }
        return (Optional<boolean[]>) (Optional<?>) nulls.map(VersionedBlocks::validityBitmap);
    }

    static long[] validityBitmap(boolean[] nulls)
    {
        long[] words = new long[(nulls.length + Long.SIZE - 1) / Long.SIZE];
        for (int i = 0; i < nulls.length; i++) {
            // shifts are modulo 64
            words[i / Long.SIZE] |= (nulls[i] ? 0L : 1L) << i;
        }
        return words;
    }
}
