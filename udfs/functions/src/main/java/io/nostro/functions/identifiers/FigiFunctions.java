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
 * Functions of Financial Instrument Global Identifiers (the Object Management Group's standard, ANSI X9.145): two
 * consonants, which are not BS, BM, GG, GB, GH, KY or VG so that no FIGI is taken for an ISIN, the letter G, eight
 * consonants or digits, and a check digit by the modulus 10 double-add-double method over the characters' values.
 */
@Source("ANSI X9.145, Financial Instrument Global Identifier (FIGI), also a specification of the Object Management Group")
@Argument(name = "figi", meaning = "the FIGI: twelve characters, upper case, without spaces")
public final class FigiFunctions
{
    private static final int LENGTH = 12;
    private static final int BODY_LENGTH = 11;

    private FigiFunctions() {}

    @ScalarFunction("figi_is_valid")
    @Description("Whether a text is a FIGI: its form, without vowels, and its check digit")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "figi_is_valid('BBG000BLNQ16')", result = "true")
    @Example(sql = "figi_is_valid('BBG000B9XRY4')", result = "true")
    @Example(sql = "figi_is_valid('BBG000BLNQ14')", result = "false")
    public static boolean figiIsValid(@SqlType("varchar(x)") Slice figi)
    {
        return isValid(figi.byteArray(), figi.byteArrayOffset(), figi.length());
    }

    @ScalarFunction("figi_check_digit")
    @Description("The check digit of a FIGI's first eleven characters")
    @Argument(name = "figi", meaning = "the first eleven characters of the FIGI, upper case")
    @Errors(invalidArgument = "the text is not two upper case consonants that are no ISIN's prefix, G, and eight digits or consonants")
    @LiteralParameters("x")
    @SqlType("varchar(1)")
    @Example(sql = "figi_check_digit('BBG000BLNQ1')", result = "\"6\"")
    @Example(sql = "TRY(figi_check_digit('GBG000BLNQ1'))", result = "null")
    public static Slice figiCheckDigit(@SqlType("varchar(x)") Slice figi)
    {
        if (figi.length() != BODY_LENGTH || !hasForm(figi.byteArray(), figi.byteArrayOffset())) {
            throw invalidArgument("figi_check_digit: %s; accepted are the first eleven characters of a FIGI: two upper case consonants that are no ISIN's prefix, G, and eight digits or consonants", IdentifierProblem.ofBody(figi, BODY_LENGTH));
        }
        return CheckDigitText.oneDigit(DoubleAddDouble.checkDigitOfValues(figi.byteArray(), figi.byteArrayOffset(), BODY_LENGTH));
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        return length == LENGTH
                && hasForm(text, offset)
                && DoubleAddDouble.checkDigitOfValues(text, offset, BODY_LENGTH) == text[offset + BODY_LENGTH] - '0';
    }

    private static boolean hasForm(byte[] text, int offset)
    {
        byte first = text[offset];
        byte second = text[offset + 1];
        if (!Consonants.contains(first) || !Consonants.contains(second) || isReserved(first, second) || text[offset + 2] != 'G') {
            return false;
        }
        for (int i = 3; i < BODY_LENGTH; i++) {
            byte character = text[offset + i];
            if ((character < '0' || character > '9') && !Consonants.contains(character)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isReserved(byte first, byte second)
    {
        return switch (first) {
            case 'B' -> second == 'S' || second == 'M';
            case 'G' -> second == 'G' || second == 'B' || second == 'H';
            case 'K' -> second == 'Y';
            case 'V' -> second == 'G';
            default -> false;
        };
    }
}
