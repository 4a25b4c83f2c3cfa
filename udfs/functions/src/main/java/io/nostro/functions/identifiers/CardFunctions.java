package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * Functions of payment cards' numbers, the primary account numbers of ISO/IEC 7812-1: 12 to 19 digits of which the last is
 * the Luhn check digit. Taken as digits, or in groups with one space or hyphen between them.
 */
@Source("ISO/IEC 7812-1:2017")
@Argument(name = "pan", meaning = "the card's number: 12 to 19 digits, in groups with one space or hyphen between them or not")
public final class CardFunctions
{
    static final int SHORTEST = 12;
    static final int LONGEST = 19;
    static final int PREFIX_LENGTH = 6;

    private CardFunctions() {}

    @ScalarFunction("card_is_valid")
    @Description("Whether a text is a payment card's number (ISO/IEC 7812): 12 to 19 digits, in groups or not, and their Luhn check digit; whether it was issued is not known from it")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "card_is_valid('4111111111111111')", result = "true")
    @Example(sql = "card_is_valid('3782-822463-10005')", result = "true")
    @Example(sql = "card_is_valid('4111111111111112')", result = "false")
    public static boolean cardIsValid(@SqlType("varchar(x)") Slice pan)
    {
        return isValid(pan.byteArray(), pan.byteArrayOffset(), pan.length());
    }

    @ScalarFunction("card_scheme")
    @Description("The scheme of a payment card by the ranges of its number: american_express, diners_club, discover, jcb, maestro, mastercard, mir, troy, uatp, unionpay or visa; NULL when it is in none, an error when it is not a card's number")
    @Source("ISO/IEC 7812-1:2017; the schemes' ranges, of American Express, Diners Club, Discover, Mastercard and Visa as commons-validator has them")
    @Errors(invalidArgument = "the text is not 12 to 19 digits, in groups or not, of which the last is the Luhn check digit")
    @LiteralParameters("x")
    @SqlNullable
    @SqlType("varchar(16)")
    @Example(sql = "card_scheme('4111 1111 1111 1111')", result = "\"visa\"")
    @Example(sql = "card_scheme('378282246310005')", result = "\"american_express\"")
    @Example(sql = "card_scheme('9111111111111110')", result = "null")
    @Example(sql = "TRY(card_scheme('4111111111111112'))", result = "null")
    public static Slice cardScheme(@SqlType("varchar(x)") Slice pan)
    {
        byte[] text = pan.byteArray();
        int offset = pan.byteArrayOffset();
        int length = pan.length();
        if (!isValid(text, offset, length)) {
            throw invalidArgument("card_scheme: not a payment card's number; accepted are %s to %s digits, in groups or not, of which the last is the Luhn check digit", SHORTEST, LONGEST);
        }
        int prefix = 0;
        int digits = 0;
        for (int i = offset; i < offset + length; i++) {
            if (text[i] >= '0') {
                if (digits < PREFIX_LENGTH) {
                    prefix = prefix * 10 + text[i] - '0';
                }
                digits++;
            }
        }
        return CardSchemes.name(prefix, digits);
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        int sum = 0;
        int digits = 0;
        boolean separated = true;
        for (int i = offset + length - 1; i >= offset; i--) {
            byte character = text[i];
            if (character >= '0' && character <= '9') {
                int digit = character - '0';
                if (digits % 2 == 1) {
                    digit *= 2;
                    sum += digit > 9 ? digit - 9 : digit;
                }
                else {
                    sum += digit;
                }
                digits++;
                separated = false;
                if (digits > LONGEST) {
                    return false;
                }
            }
            else if ((character == ' ' || character == '-') && !separated) {
                separated = true;
            }
            else {
                return false;
            }
        }
        return !separated && digits >= SHORTEST && sum % 10 == 0;
    }
}
