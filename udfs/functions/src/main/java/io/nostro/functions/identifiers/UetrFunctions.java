package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Functions of the unique end-to-end transaction references of payments: a version 4 UUID (RFC 9562) in lower case, as
 * SWIFT's and ISO 20022's UUIDv4Identifier has it.
 */
@Source("ISO 20022, UUIDv4Identifier; RFC 9562, Universally Unique IDentifiers (UUIDs)")
@Argument(name = "uetr", meaning = "the reference: 32 lower case hexadecimal digits with hyphens as 8-4-4-4-12")
public final class UetrFunctions
{
    private static final int LENGTH = 36;
    // the second eight characters are -hhhh-4h and the third hh-vhhh-, the first one lowest
    private static final long SECOND_FIXED = 0x00FF_FF00_0000_00FFL;
    private static final long SECOND = 0x0034_2D00_0000_002DL;
    private static final long THIRD_FIXED = 0xFF00_0000_00FF_0000L;
    private static final long THIRD = 0x2D00_0000_002D_0000L;

    private UetrFunctions() {}

    @ScalarFunction("uetr_is_valid")
    @Description("Whether a text is a UETR: a version 4 UUID in lower case with hyphens")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "uetr_is_valid('97ed4827-7b6f-4491-a06f-b548d5a7512d')", result = "true")
    @Example(sql = "uetr_is_valid('97ED4827-7B6F-4491-A06F-B548D5A7512D')", result = "false")
    @Example(sql = "uetr_is_valid('97ed4827-7b6f-1491-a06f-b548d5a7512d')", result = "false")
    public static boolean uetrIsValid(@SqlType("varchar(x)") Slice uetr)
    {
        return isValid(uetr.byteArray(), uetr.byteArrayOffset(), uetr.length());
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length != LENGTH) {
            return false;
        }
        long second = EightCharacters.read(text, offset + 8);
        long third = EightCharacters.read(text, offset + 16);
        byte variant = text[offset + 19];
        return (second & SECOND_FIXED) == SECOND
                && (third & THIRD_FIXED) == THIRD
                && (variant == '8' || variant == '9' || variant == 'a' || variant == 'b')
                && EightCharacters.areLowerCaseHexadecimal(EightCharacters.read(text, offset))
                && EightCharacters.areLowerCaseHexadecimal((second & ~SECOND_FIXED) | (EightCharacters.ZEROS & SECOND_FIXED))
                && EightCharacters.areLowerCaseHexadecimal((third & ~THIRD_FIXED) | (EightCharacters.ZEROS & THIRD_FIXED))
                && EightCharacters.areLowerCaseHexadecimal(EightCharacters.read(text, offset + 24))
                && EightCharacters.areLowerCaseHexadecimal(EightCharacters.read(text, offset + LENGTH - 8));
    }
}
