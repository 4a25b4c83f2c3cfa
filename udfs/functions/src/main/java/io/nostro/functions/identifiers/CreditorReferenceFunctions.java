package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
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
 * Functions of structured creditor references, ISO 11649: RF, two check digits by ISO/IEC 7064 MOD 97-10, and a reference
 * of up to 21 letters and digits. Taken in the electronic format and in the print format, which puts one space after
 * every fourth character; letters are upper case in both.
 */
@Source("ISO 11649:2009, Structured creditor reference to remittance information")
@Argument(name = "reference", meaning = "the structured creditor reference, from RF on; upper case, with a space after every fourth character or none")
public final class CreditorReferenceFunctions
{
    private static final int PREFIX_LENGTH = 4;
    private static final int LONGEST_REFERENCE = 21;
    private static final int GROUP = 4;
    /**
     * R and F as the check digits' calculation takes them.
     */
    private static final int PREFIX_DIGITS = 2715;
    private static final int MODULUS = 97;

    private CreditorReferenceFunctions() {}

    @ScalarFunction("rf_reference_is_valid")
    @Description("Whether a text is a structured creditor reference (ISO 11649) in the electronic or the print format: its form and its check digits")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "rf_reference_is_valid('RF18539007547034')", result = "true")
    @Example(sql = "rf_reference_is_valid('RF18 5390 0754 7034')", result = "true")
    @Example(sql = "rf_reference_is_valid('RF17539007547034')", result = "false")
    public static boolean rfReferenceIsValid(@SqlType("varchar(x)") Slice reference)
    {
        return isValid(reference.byteArray(), reference.byteArrayOffset(), reference.length());
    }

    @ScalarFunction("rf_reference_create")
    @Description("The structured creditor reference (ISO 11649) of an invoice's or customer's reference, in the electronic format; letters become upper case")
    @Argument(name = "reference", meaning = "the creditor's own reference: 1 to 21 letters and digits, without spaces, in any case")
    @Errors(invalidArgument = "the reference is empty, longer than 21 characters, or has one that is not a letter or a digit")
    @LiteralParameters("x")
    @SqlType("varchar(25)")
    @Example(sql = "rf_reference_create('539007547034')", result = "\"RF18539007547034\"")
    @Example(sql = "rf_reference_create('2348231a')", result = "\"RF322348231A\"")
    @Example(sql = "TRY(rf_reference_create('INV-2025-1'))", result = "null")
    public static Slice rfReferenceCreate(@SqlType("varchar(x)") Slice reference)
    {
        int length = reference.length();
        if (length == 0 || length > LONGEST_REFERENCE) {
            throw invalidArgument("rf_reference_create: the reference has %s bytes; accepted are 1 to %s letters and digits", length, LONGEST_REFERENCE);
        }
        byte[] created = new byte[PREFIX_LENGTH + length];
        for (int i = 0; i < length; i++) {
            byte character = reference.getByte(i);
            created[PREFIX_LENGTH + i] = character >= 'a' && character <= 'z' ? (byte) (character - 'a' + 'A') : character;
        }
        int remainder = Iso7064.remainderBy97(created, PREFIX_LENGTH, length);
        if (remainder < 0) {
            throw invalidArgument("rf_reference_create: the reference has a character that is not a letter or a digit; accepted are 1 to %s letters and digits", LONGEST_REFERENCE);
        }
        int checkDigits = Iso7064.checkDigits97((remainder * 10_000 + PREFIX_DIGITS) % MODULUS);
        created[0] = 'R';
        created[1] = 'F';
        created[2] = (byte) ('0' + checkDigits / 10);
        created[3] = (byte) ('0' + checkDigits % 10);
        return Slices.wrappedBuffer(created);
    }

    static boolean isValid(byte[] text, int offset, int length)
    {
        if (length > PREFIX_LENGTH && text[offset + GROUP] == ' ') {
            int longest = PREFIX_LENGTH + LONGEST_REFERENCE;
            if (length > longest + (longest - 1) / GROUP || text[offset + length - 1] == ' ') {
                return false;
            }
            byte[] electronic = new byte[length - length / (GROUP + 1)];
            int position = 0;
            for (int i = 0; i < length; i++) {
                if (i % (GROUP + 1) == GROUP) {
                    if (text[offset + i] != ' ') {
                        return false;
                    }
                }
                else {
                    electronic[position] = text[offset + i];
                    position++;
                }
            }
            return isElectronicFormat(electronic, 0, electronic.length);
        }
        return isElectronicFormat(text, offset, length);
    }

    private static boolean isElectronicFormat(byte[] text, int offset, int length)
    {
        if (length <= PREFIX_LENGTH || length > PREFIX_LENGTH + LONGEST_REFERENCE || text[offset] != 'R' || text[offset + 1] != 'F') {
            return false;
        }
        int checkDigits = Iso7064.twoDigits(text[offset + 2], text[offset + 3]);
        int remainder = Iso7064.remainderBy97(text, offset + PREFIX_LENGTH, length - PREFIX_LENGTH);
        return remainder >= 0 && checkDigits == Iso7064.checkDigits97((remainder * 10_000 + PREFIX_DIGITS) % MODULUS);
    }
}
