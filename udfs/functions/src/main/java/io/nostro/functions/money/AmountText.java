package io.nostro.functions.money;

import io.trino.spi.TrinoException;

import java.math.BigDecimal;
import java.util.Optional;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.AmountNotation.LAST_GROUP_SIZE;
import static io.nostro.functions.money.AmountNotation.isSpace;

/**
 * Reads an amount: a number in the notation of a locale, with at most one sign and one code of a currency around it. Groups of
 * digits are checked, so that {@code 1.23} is no amount in German, where it could only be meant in another language.
 */
final class AmountText
{
    private static final int LONGEST = 200;
    private static final int CODE_LENGTH = 3;
    private static final char MINUS = '\u2212';

    private final String function;
    private final String text;
    private final AmountNotation notation;
    private int start;
    private int end;
    private boolean signed;
    private boolean negative;
    private Optional<String> currency = Optional.empty();

    private AmountText(String function, String text, AmountNotation notation)
    {
        this.function = function;
        this.text = text;
        this.notation = notation;
        this.end = text.length();
    }

    /**
     * An amount, and the code of the currency that its text holds.
     */
    record Amount(BigDecimal value, Optional<String> currency) {}

    static Amount parse(String function, String text, AmountNotation notation)
    {
        if (text.length() > LONGEST) {
            throw invalidArgument("%s: a text of %s characters; accepted are up to %s", function, text.length(), LONGEST);
        }
        AmountText amount = new AmountText(function, text, notation);
        BigDecimal value = amount.read();
        return new Amount(value, amount.currency);
    }

    private BigDecimal read()
    {
        trim();
        if (end - start >= 2 && text.charAt(start) == '(' && text.charAt(end - 1) == ')') {
            start++;
            end--;
            signed = true;
            negative = true;
        }
        while (readSign() || readCurrency()) {
            trim();
        }
        BigDecimal number = number();
        return negative ? number.negate() : number;
    }

    private void trim()
    {
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (start < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
    }

    private boolean readSign()
    {
        if (signed || start == end) {
            return false;
        }
        char first = text.charAt(start);
        char last = text.charAt(end - 1);
        if (isSign(first)) {
            start++;
            negative = first != '+';
        }
        else if (isSign(last)) {
            end--;
            negative = last != '+';
        }
        else {
            return false;
        }
        signed = true;
        return true;
    }

    private static boolean isSign(char character)
    {
        return character == '-' || character == '+' || character == MINUS;
    }

    private boolean readCurrency()
    {
        if (currency.isPresent() || end - start < CODE_LENGTH) {
            return false;
        }
        if (isCode(start)) {
            currency = Optional.of(text.substring(start, start + CODE_LENGTH));
            start += CODE_LENGTH;
            return true;
        }
        if (isCode(end - CODE_LENGTH)) {
            currency = Optional.of(text.substring(end - CODE_LENGTH, end));
            end -= CODE_LENGTH;
            return true;
        }
        return false;
    }

    private boolean isCode(int position)
    {
        for (int i = position; i < position + CODE_LENGTH; i++) {
            if (text.charAt(i) < 'A' || text.charAt(i) > 'Z') {
                return false;
            }
        }
        return true;
    }

    private BigDecimal number()
    {
        StringBuilder digits = new StringBuilder(end - start);
        int position = start;
        int groups = 0;
        int digitsOfGroup = 0;
        for (; position < end; position++) {
            char character = text.charAt(position);
            if (isDigit(character)) {
                digits.append(character);
                digitsOfGroup++;
            }
            else if (notation.isGroupSeparator(character)) {
                boolean full = groups == 0 ? digitsOfGroup >= 1 && digitsOfGroup <= notation.groupSize() : digitsOfGroup == notation.groupSize();
                if (!full || digits.charAt(0) == '0') {
                    throw unreadable(position);
                }
                groups++;
                digitsOfGroup = 0;
            }
            else {
                break;
            }
        }
        if (groups > 0 && digitsOfGroup != LAST_GROUP_SIZE) {
            throw unreadable(position);
        }
        int decimals = 0;
        if (position < end && text.charAt(position) == notation.decimalSeparator()) {
            position++;
            for (; position < end && isDigit(text.charAt(position)); position++) {
                digits.append(text.charAt(position));
                decimals++;
            }
            if (decimals == 0) {
                throw unreadable(position);
            }
        }
        if (position < end || digits.isEmpty()) {
            throw unreadable(position);
        }
        return new BigDecimal(digits.toString()).movePointLeft(decimals);
    }

    private static boolean isDigit(char character)
    {
        return character >= '0' && character <= '9';
    }

    private TrinoException unreadable(int position)
    {
        return invalidArgument(
                "%s: not an amount, from character %s on; accepted is a number such as %s with groups of full length or none, a sign before or after it or parentheses for minus, and a currency's code before or after it",
                function,
                position + 1,
                AmountTextFunctions.format(new BigDecimal("1234567.89"), notation));
    }
}
