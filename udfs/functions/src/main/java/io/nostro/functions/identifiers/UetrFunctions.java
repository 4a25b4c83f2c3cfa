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
        for (int i = 0; i < LENGTH; i++) {
            byte character = text[offset + i];
            boolean accepted = switch (i) {
                case 8, 13, 18, 23 -> character == '-';
                case 14 -> character == '4';
                case 19 -> character == '8' || character == '9' || character == 'a' || character == 'b';
                default -> (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
            };
            if (!accepted) {
                return false;
            }
        }
        return true;
    }
}
