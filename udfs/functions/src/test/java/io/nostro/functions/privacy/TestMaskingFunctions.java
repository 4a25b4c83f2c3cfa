package io.nostro.functions.privacy;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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
