package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableMap;
import io.trino.spi.type.RowType;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestArrowType
{
    private static final Map<String, String> TYPES = ImmutableMap.<String, String>builder()
            .put("n", "boolean")
            .put("b", "boolean")
            .put("c", "tinyint")
            .put("C", "smallint")
            .put("s", "smallint")
            .put("S", "integer")
            .put("i", "integer")
            .put("I", "bigint")
            .put("l", "bigint")
            .put("L", "decimal(20,0)")
            .put("e", "real")
            .put("f", "real")
            .put("g", "double")
            .put("u", "varchar")
            .put("U", "varchar")
            .put("vu", "varchar")
            .put("z", "varbinary")
            .put("Z", "varbinary")
            .put("vz", "varbinary")
            .put("w:16", "varbinary")
            .put("d:10,2", "decimal(10,2)")
            .put("d:38,38", "decimal(38,38)")
            .put("d:9,0,32", "decimal(9,0)")
            .put("d:18,2,64", "decimal(18,2)")
            .put("d:38,2,128", "decimal(38,2)")
            .put("d:38,2,256", "decimal(38,2)")
            .put("tdD", "date")
            .put("tdm", "date")
            .put("tts", "time(0)")
            .put("ttm", "time(3)")
            .put("ttu", "time(6)")
            .put("ttn", "time(9)")
            .put("tss:", "timestamp(0)")
            .put("tsm:", "timestamp(3)")
            .put("tsu:", "timestamp(6)")
            .put("tsn:", "timestamp(9)")
            .put("tss:UTC", "timestamp(0) with time zone")
            .put("tsm:Europe/Zurich", "timestamp(3) with time zone")
            .put("tsu:+01:00", "timestamp(6) with time zone")
            .put("tsn:Etc/GMT+5", "timestamp(9) with time zone")
            .put("+l(u)", "array(varchar)")
            .put("+L(+l(d:10,2,64))", "array(array(decimal(10,2)))")
            .put("+w:3(g)", "array(double)")
            .put("+s(\"a\":d:10,2,\"b\":u)", "row(a decimal(10,2), b varchar)")
            .put("+s(\"\":i)", "row(integer)")
            .put("+m(\"key\":u,\"value\":+l(i))", "map(varchar, array(integer))")
            .put("dict(i,u)", "varchar")
            .put("dict(C,d:5,2)", "decimal(5,2)")
            .put("+l(dict(L,+s(\"x\":tsu:UTC)))", "array(row(x timestamp(6) with time zone))")
            .buildOrThrow();

    private static final Map<String, String> ERRORS = ImmutableMap.<String, String>builder()
            .put("", "character 0: '' is no supported type; accepted are n, b, c")
            .put("x", "character 0: 'x' is no supported type")
            .put("tiM", "'tiM' is no supported type")
            .put("tDs", "'tDs' is no supported type")
            .put("ii", "'ii' is no supported type")
            .put("i)", "character 1: nothing is accepted after the type")
            .put("+vl(i)", "character 0: list views are not supported; cast the column to a list")
            .put("+r(i,u)", "run-end encoded columns are not supported")
            .put("+ud:0,1", "is no supported type")
            .put("+l(i", "character 4: ')' is accepted here")
            .put("+l()", "character 3: '' is no supported type")
            .put("+s()", "character 3: '\"' is accepted here")
            .put("+s(a:i)", "character 3: '\"' is accepted here")
            .put("+s(\"a\":i", "character 8: ')' is accepted here")
            .put("+s(\"a", "character 3: a name without the quote that ends it")
            .put("+s(\"\\", "no escape of JSON")
            .put("+s(\"\\u00g0\":i)", "four hexadecimal digits are accepted after \\u")
            .put("+s(\"\\x\":i)", "no escape of JSON")
            .put("+m(\"key\":u)", "a map of 1 fields; accepted are two, the key and the value")
            .put("+w:(i)", "an integer of 32 bits is accepted here")
            .put("+w:-1(i)", "a size of -1; accepted is 0 or more")
            .put("w:99999999999", "an integer of 32 bits is accepted here")
            .put("d:10", "',' is accepted here")
            .put("d:39,2", "decimal(39, 2) of 128 bits; accepted is a precision from 1 to 38 and a scale from 0 to the precision")
            .put("d:10,-2", "decimal(10, -2)")
            .put("d:10,11", "decimal(10, 11)")
            .put("d:0,0", "decimal(0, 0)")
            .put("d:10,2,32", "decimal(10, 2) of 32 bits; accepted is a precision from 1 to 9")
            .put("d:76,2,256", "decimal(76, 2) of 256 bits; accepted is a precision from 1 to 38")
            .put("d:10,2,100", "decimals of 100 bits; accepted are 32, 64, 128 and 256")
            .put("ttx", "a unit is accepted here: s, m, u or n")
            .put("tsu", "':' is accepted here")
            .put("tsu:Mars/Olympus", "time zone 'Mars/Olympus' is not known; accepted are names such as Europe/Zurich and offsets such as +01:00")
            .put("dict(u,u)", "the indices of a dictionary are integers")
            .put("dict(i)", "',' is accepted here")
            .buildOrThrow();

    @Test
    void testTypes()
    {
        TYPES.forEach(TestArrowType::assertType);
    }

    private static void assertType(String format, String type)
    {
        assertThat(ArrowType.parse(format).trinoType().getDisplayName()).isEqualTo(type);
        assertThat(ArrowType.parse(format)).hasToString(format).isEqualTo(ArrowType.parse(format)).hasSameHashCodeAs(ArrowType.parse(format));
        assertThat(ArrowType.parse(format)).isNotEqualTo(ArrowType.parse("dict(s,b)"));
    }

    @Test
    void testNames()
    {
        String name = "a \"quoted\" \\ na\tme, (é):\u0001";
        ArrowType type = ArrowType.parse("+s(" + ArrowFormatParser.quote(name) + ":i,\"\\u00e9\\/\\n\":u)");
        assertThat(((RowType) type.trinoType()).getFields().stream().map(field -> field.getName().orElseThrow())).containsExactly(name, "é/\n");
    }

    @Test
    void testErrors()
    {
        ERRORS.forEach(TestArrowType::assertError);
    }

    private static void assertError(String format, String message)
    {
        assertThatThrownBy(() -> ArrowType.parse(format))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Arrow format '" + format + "', character ")
                .hasMessageContaining(message);
    }

    @Test
    void testDeepAndLongFormats()
    {
        assertThat(ArrowType.parse("+l(".repeat(64) + "i" + ")".repeat(64)).trinoType().getBaseName()).isEqualTo("array");
        assertThatThrownBy(() -> ArrowType.parse("+l(".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 64 levels of nesting are accepted")
                .hasMessageMatching("(?s).{0,400}");
        assertThatThrownBy(() -> ArrowType.parse("x".repeat(1_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{0,1000}");
    }

    @Test
    void testGarbage()
    {
        Random random = new Random(6);
        String alphabet = "+lsmwdvuUzZ:(),\"\\0129-ibtSnUTCkey";
        int parsed = 0;
        for (int i = 0; i < 200_000; i++) {
            StringBuilder format = new StringBuilder(random.nextBoolean() ? "" : "+s(\"a\":d:10,2,\"b\":+l(dict(i,tsu:UTC)))");
            for (int edit = random.nextInt(8); edit >= 0; edit--) {
                int at = random.nextInt(format.length() + 1);
                if (random.nextBoolean() && at < format.length()) {
                    format.deleteCharAt(at);
                }
                else {
                    format.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
                }
            }
            try {
                assertThat(ArrowType.parse(format.toString())).hasToString(format.toString());
                parsed++;
            }
            catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("Arrow format '");
            }
        }
        assertThat(parsed).isPositive();
    }
}
