package io.nostro.toolkit.binding;

import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.VariableWidthBlock;
import io.trino.spi.type.CharType;
import io.trino.spi.type.Chars;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;

import static io.nostro.toolkit.binding.ValueCoercion.IDENTITY;

/**
 * The implicit coercions of texts. Those to a longer type of the same kind change nothing, as a char is stored without its
 * padding; a varchar becomes a char without its last spaces.
 */
final class CharacterCoercion
{
    private CharacterCoercion() {}

    static ValueCoercion between(Type from, Type to)
    {
        return from instanceof VarcharType && to instanceof CharType character ? toChar(character) : IDENTITY;
    }

    private static ValueCoercion toChar(CharType to)
    {
        return block -> {
            VariableWidthBlock texts = (VariableWidthBlock) block;
            BlockBuilder builder = to.createBlockBuilder(null, texts.getPositionCount());
            for (int position = 0; position < texts.getPositionCount(); position++) {
                if (texts.isNull(position)) {
                    builder.appendNull();
                }
                else {
                    to.writeSlice(builder, Chars.truncateToLengthAndTrimSpaces(texts.getSlice(position), to));
                }
            }
            return builder.buildValueBlock();
        };
    }
}
