package io.nostro.functions;

import io.nostro.functions.rates.AccrualFunctions;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;

import java.time.LocalDate;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

final class TestFunctionErrors
{
    @Test
    void testAccountNumbersAreNotQuoted()
    {
        assertThat(quotation("DE89370400440532013000")).isEqualTo("DE*****3000");
        assertThat(quotation("DE89 3704 0044 0532 0130 00")).isEqualTo("DE*****30 00");
        assertThat(quotation("GB29NWBK60161331926819 and 4111-1111-1111-1111")).isEqualTo("GB29NWBK*****6819 and *****-1111");
        assertThat(quotation("123456789")).isEqualTo("*****6789");
    }

    @Test
    void testOtherTextsAreQuotedAsTheyAre()
    {
        for (String text : new String[] {"", "Act/365L", "2025-01-31", "12345678", "1,234.50", "30E/360 ISDA", "Łukasz"}) {
            assertThat(quotation(text)).isEqualTo(text);
        }
    }

    @Test
    void testLongTextsAreShortened()
    {
        assertThat(quotation("x".repeat(1_000_000))).isEqualTo("x".repeat(200) + "…");
        assertThat(quotation("😀".repeat(1_000))).hasSizeLessThan(202).endsWith("😀…");
    }

    @Test
    void testAnAccountInPlaceOfAConvention()
    {
        TrinoException error = catchThrowableOfType(
                TrinoException.class,
                () -> AccrualFunctions.dayCountFraction(LocalDate.of(2025, 1, 1).toEpochDay(), LocalDate.of(2025, 2, 1).toEpochDay(), utf8Slice("DE89370400440532013000")));
        assertThat(error.getErrorCode()).isEqualTo(INVALID_FUNCTION_ARGUMENT.toErrorCode());
        assertThat(error.getMessage()).contains("day count").doesNotContain("370400440532013");
    }

    private static String quotation(String text)
    {
        return invalidArgument("%s", text).getMessage();
    }
}
