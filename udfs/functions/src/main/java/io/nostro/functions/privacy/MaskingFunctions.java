package io.nostro.functions.privacy;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.Example;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;

/**
 * Functions that hide the middle of an account's number. What is not such a number is hidden whole, so a wrong value in a
 * column shows nothing; spaces and hyphens stay where they are.
 */
public final class MaskingFunctions
{
    private static final int SHORTEST_IBAN = 15;
    private static final int LONGEST_IBAN = 34;
    private static final int SHORTEST_PAN = 13;
    private static final int LONGEST_PAN = 19;
    private static final byte MASK = '*';

    private MaskingFunctions() {}

    @ScalarFunction("mask_iban")
    @Description("An IBAN of which only the first four and the last four characters are shown")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_iban('DE89370400440532013000')", result = "\"DE89**************3000\"")
    @Example(sql = "mask_iban('DE89 3704 0044 0532 0130 00')", result = "\"DE89 **** **** **** **30 00\"")
    @Example(sql = "mask_iban('12345')", result = "\"*****\"")
    public static Slice maskIban(@SqlType("varchar(x)") Slice iban)
    {
        return mask(iban, SHORTEST_IBAN, LONGEST_IBAN, 4, 4, false);
    }

    @ScalarFunction("mask_pan")
    @Description("A payment card's number of which only the first six and the last four digits are shown, as PCI DSS allows at most")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_pan('4111111111111111')", result = "\"411111******1111\"")
    @Example(sql = "mask_pan('3782-822463-10005')", result = "\"3782-82****-*0005\"")
    @Example(sql = "mask_pan('411111')", result = "\"******\"")
    public static Slice maskPan(@SqlType("varchar(x)") Slice pan)
    {
        return mask(pan, SHORTEST_PAN, LONGEST_PAN, 6, 4, true);
    }

    private static Slice mask(Slice text, int shortest, int longest, int shownFirst, int shownLast, boolean onlyDigits)
    {
        byte[] characters = text.byteArray();
        int start = text.byteArrayOffset();
        int end = start + text.length();
        int counted = 0;
        int codePoints = 0;
        boolean wellFormed = true;
        for (int i = start; i < end; i++) {
            byte character = characters[i];
            if (isContinuation(character)) {
                continue;
            }
            codePoints++;
            if (isDigit(character) || (!onlyDigits && isLetter(character))) {
                counted++;
            }
            else if (!isSeparator(character)) {
                wellFormed = false;
            }
        }
        boolean shown = wellFormed && counted >= shortest && counted <= longest;

        byte[] masked = new byte[codePoints];
        int position = 0;
        int index = 0;
        for (int i = start; i < end; i++) {
            byte character = characters[i];
            if (isContinuation(character)) {
                continue;
            }
            if (isSeparator(character)) {
                masked[position] = character;
            }
            else {
                masked[position] = shown && (index < shownFirst || index >= counted - shownLast) ? character : MASK;
                index++;
            }
            position++;
        }
        return Slices.wrappedBuffer(masked);
    }

    private static boolean isContinuation(byte character)
    {
        return (character & 0xC0) == 0x80;
    }

    private static boolean isSeparator(byte character)
    {
        return character == ' ' || character == '-';
    }

    private static boolean isDigit(byte character)
    {
        return character >= '0' && character <= '9';
    }

    private static boolean isLetter(byte character)
    {
        return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
    }
}
