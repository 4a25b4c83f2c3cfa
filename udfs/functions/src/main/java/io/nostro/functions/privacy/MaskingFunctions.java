package io.nostro.functions.privacy;

import io.airlift.slice.DynamicSliceOutput;
import io.airlift.slice.Slice;
import io.airlift.slice.SliceOutput;
import io.airlift.slice.SliceUtf8;
import io.airlift.slice.Slices;
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
 * Functions that hide a part of a text. Where the text has a form, as an account's number or a mail address, what is not of
 * that form is hidden whole, so a wrong value in a column shows nothing. In an account's number, spaces and hyphens stay
 * where they are.
 */
@Argument(name = "text", meaning = "the text, of which characters are counted as Unicode code points")
@Argument(name = "first", meaning = "characters at the beginning, zero and above")
@Argument(name = "last", meaning = "characters at the end, zero and above")
@Argument(name = "mask", meaning = "the one character that stands for each that is hidden; X when left out")
public final class MaskingFunctions
{
    private static final int SHORTEST_IBAN = 15;
    private static final int LONGEST_IBAN = 34;
    private static final int SHORTEST_PAN = 13;
    private static final int LONGEST_PAN = 19;
    private static final byte MASK = '*';
    private static final Slice STANDARD_MASK = Slices.utf8Slice("X");

    private MaskingFunctions() {}

    @ScalarFunction("mask_iban")
    @Description("An IBAN of which only the first four and the last four characters are shown")
    @Source("No standard; the length of an IBAN is by ISO 13616-1:2020")
    @Argument(name = "iban", meaning = "the account number, with or without spaces and hyphens; what has not the form of one is hidden whole")
    @Errors
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
    @Source("PCI DSS v4.0, requirement 3.4.1")
    @Argument(name = "pan", meaning = "the card's number, with or without spaces and hyphens; what has not the form of one is hidden whole")
    @Errors
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_pan('4111111111111111')", result = "\"411111******1111\"")
    @Example(sql = "mask_pan('3782-822463-10005')", result = "\"3782-82****-*0005\"")
    @Example(sql = "mask_pan('411111')", result = "\"******\"")
    public static Slice maskPan(@SqlType("varchar(x)") Slice pan)
    {
        return mask(pan, SHORTEST_PAN, LONGEST_PAN, 6, 4, true);
    }

    @ScalarFunction("mask_email")
    @Description("A mail address of which only the first character and the domain are shown; what is no mail address is hidden whole")
    @Source("No standard; an address is a local part, @ and a domain")
    @Argument(name = "email", meaning = "the mail address")
    @Errors
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_email('anna.miller@example.com')", result = "\"a**********@example.com\"")
    @Example(sql = "mask_email('a@example.com')", result = "\"*@example.com\"")
    @Example(sql = "mask_email('no address')", result = "\"**********\"")
    public static Slice maskEmail(@SqlType("varchar(x)") Slice email)
    {
        int domain = domainStart(email);
        int nameLength = domain < 0 ? 0 : SliceUtf8.countCodePoints(email, 0, domain - 1);
        SliceOutput masked = new DynamicSliceOutput(email.length());
        int index = 0;
        for (int i = 0; i < email.length(); i++) {
            byte character = email.getByte(i);
            if (!isContinuation(character)) {
                index++;
            }
            boolean shown = nameLength > 0 && ((index == 1 && nameLength > 1) || index > nameLength);
            if (shown) {
                masked.appendByte(character);
            }
            else if (!isContinuation(character)) {
                masked.appendByte(MASK);
            }
        }
        return masked.slice();
    }

    @ScalarFunction("mask_inner")
    @Description("A text of which only so many characters at its beginning and end are shown, and an X for each of the others; a text that is no longer than both together is shown whole, as by MySQL's function of this name")
    @Source("MySQL Reference Manual, function mask_inner()")
    @Errors(invalidArgument = "first or last is negative, or the mask is not one character")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_inner('abcdef', 1, 2)", result = "\"aXXXef\"")
    @Example(sql = "mask_inner('abcdef', 0, 5)", result = "\"Xbcdef\"")
    @Example(sql = "mask_inner('abcdef', 4, 5)", result = "\"abcdef\"")
    public static Slice maskInner(
            @SqlType("varchar(x)") Slice text,
            @SqlType(StandardTypes.BIGINT) long first,
            @SqlType(StandardTypes.BIGINT) long last)
    {
        return maskInner(text, first, last, STANDARD_MASK);
    }

    @ScalarFunction("mask_inner")
    @Description("A text of which only so many characters at its beginning and end are shown, and the mask, one character, for each of the others; a text that is no longer than both together is shown whole, as by MySQL's function of this name")
    @LiteralParameters({"x", "y"})
    @SqlType("varchar(x)")
    @Example(sql = "mask_inner('abcdef', 1, 2, '*')", result = "\"a***ef\"")
    @Example(sql = "TRY(mask_inner('abcdef', 1, -2, '*'))", result = "null")
    public static Slice maskInner(
            @SqlType("varchar(x)") Slice text,
            @SqlType(StandardTypes.BIGINT) long first,
            @SqlType(StandardTypes.BIGINT) long last,
            @SqlType("varchar(y)") Slice mask)
    {
        checkArguments("mask_inner", first, last, mask);
        int length = SliceUtf8.countCodePoints(text);
        return mask(text, mask, first, length - last, true);
    }

    @ScalarFunction("mask_outer")
    @Description("A text with an X for each of so many characters at its beginning and end, and the others shown; a text that is no longer than both together is hidden whole, as by MySQL's function of this name")
    @Source("MySQL Reference Manual, function mask_outer()")
    @Errors(invalidArgument = "first or last is negative, or the mask is not one character")
    @LiteralParameters("x")
    @SqlType("varchar(x)")
    @Example(sql = "mask_outer('abcdef', 1, 2)", result = "\"XbcdXX\"")
    @Example(sql = "mask_outer('abcdef', 0, 5)", result = "\"aXXXXX\"")
    @Example(sql = "mask_outer('abcdef', 4, 5)", result = "\"XXXXXX\"")
    public static Slice maskOuter(
            @SqlType("varchar(x)") Slice text,
            @SqlType(StandardTypes.BIGINT) long first,
            @SqlType(StandardTypes.BIGINT) long last)
    {
        return maskOuter(text, first, last, STANDARD_MASK);
    }

    @ScalarFunction("mask_outer")
    @Description("A text with the mask, one character, for each of so many characters at its beginning and end, and the others shown; a text that is no longer than both together is hidden whole, as by MySQL's function of this name")
    @LiteralParameters({"x", "y"})
    @SqlType("varchar(x)")
    @Example(sql = "mask_outer('abcdef', 1, 2, '*')", result = "\"*bcd**\"")
    @Example(sql = "TRY(mask_outer('abcdef', 1, 2, '**'))", result = "null")
    public static Slice maskOuter(
            @SqlType("varchar(x)") Slice text,
            @SqlType(StandardTypes.BIGINT) long first,
            @SqlType(StandardTypes.BIGINT) long last,
            @SqlType("varchar(y)") Slice mask)
    {
        checkArguments("mask_outer", first, last, mask);
        int length = SliceUtf8.countCodePoints(text);
        return mask(text, mask, first, length - last, false);
    }

    /**
     * The text with the characters from one to before another masked, or all but these.
     */
    private static Slice mask(Slice text, Slice mask, long from, long to, boolean within)
    {
        SliceOutput masked = new DynamicSliceOutput(text.length());
        int index = -1;
        for (int i = 0; i < text.length(); i++) {
            byte character = text.getByte(i);
            boolean begins = !isContinuation(character);
            if (begins) {
                index++;
            }
            boolean hidden = (index >= from && index < to) == within;
            if (!hidden) {
                masked.appendByte(character);
            }
            else if (begins) {
                masked.appendBytes(mask);
            }
        }
        return masked.slice();
    }

    private static void checkArguments(String function, long first, long last, Slice mask)
    {
        if (first < 0 || last < 0) {
            throw invalidArgument("%s: a number of characters is %s; accepted are numbers of zero and above", function, Math.min(first, last));
        }
        if (SliceUtf8.countCodePoints(mask) != 1) {
            throw invalidArgument("%s: the mask has %s characters; accepted is one", function, SliceUtf8.countCodePoints(mask));
        }
    }

    /**
     * Where the domain of a mail address begins; negative when the text is none.
     */
    private static int domainStart(Slice email)
    {
        int at = email.indexOfByte('@');
        if (at < 1 || at == email.length() - 1 || isContinuation(email.getByte(0))) {
            return -1;
        }
        for (int i = 0; i < at; i++) {
            if (email.getByte(i) >= 0 && email.getByte(i) <= ' ') {
                return -1;
            }
        }
        for (int i = at + 1; i < email.length(); i++) {
            byte character = email.getByte(i);
            if (!isDigit(character) && !isLetter(character) && character != '-' && character != '.') {
                return -1;
            }
        }
        return at + 1;
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
