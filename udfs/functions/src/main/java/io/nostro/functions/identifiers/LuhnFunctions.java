package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of Luhn's check digit, the modulus 10 double-add-double method of ISO/IEC 7812-1, annex B, over digits.
 */
@Source("ISO/IEC 7812-1:2017, annex B")
@Argument(name = "number", meaning = "the digits, of which the last is the check digit")
public final class LuhnFunctions
{
    private LuhnFunctions() {}

    @ScalarFunction("luhn_is_valid")
    @Description("Whether a text is two or more digits of which the last is the Luhn check digit (ISO/IEC 7812-1) of the others")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "luhn_is_valid('79927398713')", result = "true")
    @Example(sql = "luhn_is_valid('79927398714')", result = "false")
    @Example(sql = "luhn_is_valid('')", result = "false")
    public static boolean luhnIsValid(@SqlType("varchar(x)") Slice number)
    {
        return isValid(number.byteArray(), number.byteArrayOffset(), number.length());
    }

    @ScalarFunction("luhn_check_digit")
    @Description("The Luhn check digit (ISO/IEC 7812-1) of digits")
    @Argument(name = "number", meaning = "the digits before the check digit")
    @Errors(invalidArgument = "the text is empty or has a character that is not a digit")
    @LiteralParameters("x")
    @SqlType("varchar(1)")
    @Example(sql = "luhn_check_digit('7992739871')", result = "\"3\"")
    @Example(sql = "TRY(luhn_check_digit('79927A9871'))", result = "null")
    public static Slice luhnCheckDigit(@SqlType("varchar(x)") Slice number)
    {
        if (number.length() == 0 || !areDigits(number.byteArray(), number.byteArrayOffset(), number.length())) {
            throw invalidArgument("luhn_check_digit: the text is empty or has a character that is not a digit; accepted are one or more digits");
        }
        return CheckDigitText.oneDigit(DoubleAddDouble.checkDigit(number.byteArray(), number.byteArrayOffset(), number.length()));
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length < 2) {
            return false;
        }
        long sum = 0;
        int end = offset + length;
        for (; end - Long.BYTES >= offset; end -= Long.BYTES) {
            long digits = EightCharacters.read(text, end - Long.BYTES);
            if (!EightCharacters.areDigits(digits)) {
                return false;
            }
            sum += EightCharacters.luhnSum(digits);
        }
        int left = end - offset;
        if (left > 0) {
            long digits = firstDigits(text, offset, length, left);
            if (!EightCharacters.areDigits(digits)) {
                return false;
            }
            sum += EightCharacters.luhnSum(digits);
        }
        return sum % 10 == 0;
    }

    /**
     * The first characters, fewer than eight, after zeros.
     */
    private static long firstDigits(byte[] text, int offset, int length, int count)
    {
        int zeros = Long.BYTES - count;
        if (length >= Long.BYTES) {
            return (EightCharacters.read(text, offset) << (zeros * Byte.SIZE)) | (EightCharacters.ZEROS >>> (count * Byte.SIZE));
        }
        long digits = EightCharacters.ZEROS;
        for (int i = 0; i < count; i++) {
            digits = (digits >>> Byte.SIZE) | ((long) text[offset + i] << (Long.SIZE - Byte.SIZE));
        }
        return digits;
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
