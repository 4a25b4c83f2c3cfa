package io.nostro.functions.privacy;

import io.airlift.slice.Slice;
import io.airlift.slice.SliceUtf8;
import io.airlift.slice.Slices;
import io.nostro.functions.FunctionFuzzing;
import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Random;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestMaskingFunctions
{
    private final FunctionTesting functions;

    TestMaskingFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        functions.assertNullForEachNullArgument("mask_iban", "'DE89370400440532013000'");
        functions.assertNullForEachNullArgument("mask_pan", "'4111111111111111'");
        functions.assertNullForEachNullArgument("mask_email", "'anna@example.com'");
        functions.assertNullForEachNullArgument("mask_inner", "'abcdef'", "1", "2");
        functions.assertNullForEachNullArgument("mask_inner", "'abcdef'", "1", "2", "'*'");
        functions.assertNullForEachNullArgument("mask_outer", "'abcdef'", "1", "2");
        functions.assertNullForEachNullArgument("mask_outer", "'abcdef'", "1", "2", "'*'");
    }

    @Test
    void testMaskIban()
    {
        functions.assertValue("mask_iban('NO9386011117947')", "NO93*******7947");
        functions.assertValue("mask_iban('NO93 8601 1117 947')", "NO93 **** ***7 947");
        functions.assertValue("mask_iban('no9386011117947')", "no93*******7947");
        functions.assertValue("mask_iban('NO938601111794')", "**************");
        functions.assertValue("mask_iban(rpad('NO93', 35, '1'))", "*".repeat(35));
        functions.assertValue("mask_iban('')", "");
        functions.assertValue("mask_iban('Miller, Anna, born 1970')", "******* ***** **** ****");
        functions.assertValue("mask_iban(U&'DE89 M\\00FCller 12345678901')", "**** ****** ***********");
    }

    @Test
    void testMaskEmail()
    {
        functions.assertValue("mask_email('anna.miller+bank@mail.example.co.uk')", "a***************@mail.example.co.uk");
        functions.assertValue("mask_email(U&'\\00E4nna@example.com')", "\u00e4***@example.com");
        functions.assertValue("mask_email(U&'\\+01F600x@example.com')", "\ud83d\ude00*@example.com");
        functions.assertValue("mask_email('@example.com')", "*".repeat(12));
        functions.assertValue("mask_email('anna@')", "*****");
        functions.assertValue("mask_email('anna@b@example.com')", "*".repeat(18));
        functions.assertValue("mask_email('anna miller@example.com')", "*".repeat(23));
        functions.assertValue("mask_email('anna@example.com, bob@example.com')", "*".repeat(33));
        functions.assertValue("mask_email(U&'m\\00FCller')", "******");
        functions.assertValue("mask_email('')", "");
    }

    /**
     * The examples in the reference manual of MySQL 9, "Data Masking Component Function Descriptions".
     */
    @Test
    void testMaskInnerAndOuterAsInMySql()
    {
        functions.assertValue("mask_inner('abcdef', 1, 2)", "aXXXef");
        functions.assertValue("mask_inner('abcdef', 0, 5)", "Xbcdef");
        functions.assertValue("mask_inner('abcdef', 1, 2, '*')", "a***ef");
        functions.assertValue("mask_inner('abcdef', 0, 5, '#')", "#bcdef");
        functions.assertValue("mask_inner('This is a string', 5, 1)", "This XXXXXXXXXXg");
        functions.assertValue("mask_inner('This is a string', 1, 5)", "TXXXXXXXXXXtring");
        functions.assertValue("mask_outer('abcdef', 1, 2)", "XbcdXX");
        functions.assertValue("mask_outer('abcdef', 0, 5)", "aXXXXX");
        functions.assertValue("mask_outer('abcdef', 1, 2, '*')", "*bcd**");
        functions.assertValue("mask_outer('abcdef', 0, 5, '#')", "a#####");
    }

    @Test
    void testMaskInnerAndOuter()
    {
        functions.assertValue("mask_inner('abcdef', 0, 0)", "XXXXXX");
        functions.assertValue("mask_outer('abcdef', 0, 0)", "abcdef");
        functions.assertValue("mask_inner('abcdef', 3, 3)", "abcdef");
        functions.assertValue("mask_inner('abcdef', 9223372036854775807, 9223372036854775807)", "abcdef");
        functions.assertValue("mask_outer('abcdef', 9223372036854775807, 9223372036854775807)", "XXXXXX");
        functions.assertValue("mask_inner('', 1, 1)", "");
        functions.assertValue("mask_inner(U&'m\\00FC\\00DFig', 1, 1, U&'\\2022')", "m\u2022\u2022\u2022g");
        functions.assertValue("mask_outer(U&'\\+01F600\\00FC\\00DFig', 1, 1, U&'\\+01F648')", "\ud83d\ude48\u00fc\u00dfi\ud83d\ude48");
        functions.assertError("mask_inner('abcdef', -1, 2)", INVALID_FUNCTION_ARGUMENT, "mask_inner: a number of characters is -1; accepted are numbers of zero and above");
        functions.assertError("mask_outer('abcdef', 1, 2, '')", INVALID_FUNCTION_ARGUMENT, "mask_outer: the mask has 0 characters; accepted is one");
        functions.assertError("mask_outer('abcdef', 1, 2, '**')", INVALID_FUNCTION_ARGUMENT, "mask_outer: the mask has 2 characters; accepted is one");
        assertThat(functions.type("mask_inner(CAST('abcdef' AS varchar(9)), 1, 2)")).isEqualTo("varchar(9)");
    }

    @Test
    void testTotality()
    {
        FunctionFuzzing.assertTotal(MaskingFunctions.class, 20_000, "DE89370400440532013000", "4111111111111111", "anna.miller@example.com");
        Random random = new Random(9);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            Slice text = Slices.wrappedBuffer(bytes);
            long first = random.nextInt(4) == 0 ? random.nextLong(Long.MAX_VALUE) : random.nextInt(8);
            long last = random.nextInt(4) == 0 ? random.nextLong(Long.MAX_VALUE) : random.nextInt(8);
            int characters = SliceUtf8.countCodePoints(text);
            assertThat(SliceUtf8.countCodePoints(MaskingFunctions.maskInner(text, first, last))).isEqualTo(characters);
            assertThat(SliceUtf8.countCodePoints(MaskingFunctions.maskOuter(text, first, last))).isEqualTo(characters);
        }
    }

    @Test
    void testMaskPan()
    {
        functions.assertValue("mask_pan('4111 1111 1111 1111')", "4111 11** **** 1111");
        functions.assertValue("mask_pan('4222222222222')", "422222***2222");
        functions.assertValue("mask_pan('6304000000000000000')", "630400*********0000");
        functions.assertValue("mask_pan('411111111111')", "************");
        functions.assertValue("mask_pan('41111111111111111111')", "*".repeat(20));
        functions.assertValue("mask_pan('4111111111111111=2512')", "*".repeat(21));
    }
}
