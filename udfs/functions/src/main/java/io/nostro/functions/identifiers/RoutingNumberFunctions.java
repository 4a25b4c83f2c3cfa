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
 * Functions of national bank codes for clearing: the routing transit numbers of the American Bankers Association and the
 * sort codes of the United Kingdom and Ireland.
 */
public final class RoutingNumberFunctions
{
    private static final int ABA_LENGTH = 9;
    // 3, 7, 1, 3, 7, 1, 3, 7
    private static final long ABA_EVEN_WEIGHTS = 0x0003_0001_0007_0003L;
    private static final long ABA_ODD_WEIGHTS = 0x0007_0003_0001_0007L;
    private static final int SORT_CODE_LENGTH = 6;
    private static final int PRINTED_SORT_CODE_LENGTH = 8;

    private RoutingNumberFunctions() {}

    @ScalarFunction("aba_is_valid")
    @Description("Whether a text is an ABA routing transit number: nine digits, of which the first two are in use (00-12, 21-32, 61-72, 80), and their check digit")
    @Source("American Bankers Association, routing transit numbers")
    @Argument(name = "number", meaning = "the routing number: nine digits")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "aba_is_valid('021000021')", result = "true")
    @Example(sql = "aba_is_valid('021000022')", result = "false")
    @Example(sql = "aba_is_valid('021-000-021')", result = "false")
    public static boolean abaIsValid(@SqlType("varchar(x)") Slice number)
    {
        return isAba(number.byteArray(), number.byteArrayOffset(), number.length());
    }

    @ScalarFunction("sort_code_is_valid")
    @Description("Whether a text has the form of a sort code of the United Kingdom or Ireland: six digits, or three pairs with hyphens or spaces between them")
    @Source("Pay.UK's sort codes, and Ireland's national sort codes")
    @Argument(name = "sort_code", meaning = "the sort code: 601613, 60-16-13 or 60 16 13")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "sort_code_is_valid('601613')", result = "true")
    @Example(sql = "sort_code_is_valid('60-16-13')", result = "true")
    @Example(sql = "sort_code_is_valid('60-1613')", result = "false")
    public static boolean sortCodeIsValid(@SqlType("varchar(x)") Slice sortCode)
    {
        return isSortCode(sortCode.byteArray(), sortCode.byteArrayOffset(), sortCode.length());
    }

    static boolean isAba(byte[] text, int offset, int length)
    {
        if (length != ABA_LENGTH) {
            return false;
        }
        long digits = EightCharacters.read(text, offset);
        int last = text[offset + ABA_LENGTH - 1] - '0';
        if (!EightCharacters.areDigits(digits) || last < 0 || last > 9) {
            return false;
        }
        int sum = EightCharacters.weightedSum(digits, ABA_EVEN_WEIGHTS, ABA_ODD_WEIGHTS) + last;
        int prefix = (text[offset] - '0') * 10 + text[offset + 1] - '0';
        // zeros alone pass the check and are nobody's
        return sum % 10 == 0
                && sum != 0
                && (prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix == 80);
    }

    static boolean isSortCode(byte[] text, int offset, int length)
    {
        if (length == SORT_CODE_LENGTH) {
            return areDigits(text, offset, SORT_CODE_LENGTH);
        }
        return length == PRINTED_SORT_CODE_LENGTH
                && (text[offset + 2] == '-' || text[offset + 2] == ' ')
                && text[offset + 5] == text[offset + 2]
                && areDigits(text, offset, 2)
                && areDigits(text, offset + 3, 2)
                && areDigits(text, offset + 6, 2);
    }

    private static boolean areDigits(byte[] text, int offset, int length)
    {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                return false;
            }
        }
        return true;
    }
}
