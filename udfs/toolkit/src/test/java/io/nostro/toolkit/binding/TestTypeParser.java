package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.nostro.functions.NostroFunctions;
import io.nostro.toolkit.CatalogueReader;
import io.nostro.toolkit.FunctionCatalogue;
import io.trino.spi.type.TypeSignature;
import io.trino.sql.analyzer.TypeSignatureTranslator;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestTypeParser
{
    private static final Set<String> VARIABLES = ImmutableSet.of("p", "s", "v", "w", "x", "y", "z", "cs", "fs", "ls", "ms", "ns", "ps", "qp", "qs", "rp", "rs", "ts", "ws");

    @Test
    void testTypesOfTheCatalogue()
    {
        FunctionCatalogue catalogue = CatalogueReader.read("476", NostroFunctions.FUNCTIONS, Map.of("nostro_vault", NostroFunctions.VAULT_FUNCTIONS));
        for (FunctionCatalogue.Function function : catalogue.functions()) {
            for (FunctionCatalogue.Signature signature : function.signatures()) {
                signature.arguments().forEach(TestTypeParser::assertParsesAsTrino);
                assertParsesAsTrino(signature.binding().returnType());
            }
        }
    }

    @Test
    void testFormsOfTypes()
    {
        for (String text : List.of(
                "varchar",
                "VARCHAR",
                "varchar(x)",
                "varchar(0)",
                "\"varchar\"",
                "\"Varchar\"(3)",
                "char",
                "char(x)",
                "decimal",
                "decimal(p)",
                "decimal(p,s)",
                " decimal ( 38 ,\n\ts ) ",
                "Decimal(P, S)",
                "int",
                "integer",
                "double",
                "double precision",
                "DOUBLE PRECISION",
                "time",
                "time(p)",
                "time(3) without time zone",
                "time(12) with time zone",
                "timestamp",
                "timestamp(p)",
                "timestamp(3) with time zone",
                "timestamp WITH TIME ZONE",
                "timestamp without time zone",
                "interval year to month",
                "interval day to second",
                "array(decimal(p,s))",
                "array(array(varchar))",
                "array<bigint>",
                "array<map<bigint, varchar(x)>>",
                "map(bigint, double)",
                "map(varchar(x), array(timestamp(p) with time zone))",
                "bigint array",
                "varchar(3) array array",
                "double precision array",
                "timestamp(3) with time zone array",
                "row(bigint)",
                "row(a bigint, \"b c\" varchar(x))",
                "row(A bigint, \"A\"\" B\" varchar)",
                "row(x decimal(p,s), row(y date))",
                "row(double precision, double double precision)",
                "row(timestamp with time zone, time without time zone, time time)",
                "row(time timestamp(3) with time zone)",
                "row(interval year to month, interval interval day to second)",
                "row(bigint array, a bigint array)",
                "row(array array(bigint), array array<bigint>, array(bigint))",
                "row(row row(row bigint))",
                "row(date date, zone varchar)",
                "HyperLogLog",
                "qdigest(bigint)",
                "foo_1(3, bar)",
                "unknown",
                "row")) {
            assertParsesAsTrino(text);
        }
    }

    @Test
    void testGeneratedTypes()
    {
        RandomTypes types = new RandomTypes(new Random(1));
        for (int i = 0; i < 20_000; i++) {
            assertParsesAsTrino(types.next(4).getTypeSignature().toString());
        }
    }

    @Test
    void testErrorsSayWhereAndWhatIsAccepted()
    {
        assertFails("", "type '': the text ends at position 1; accepted is a type");
        assertFails("decimal(3", "type 'decimal(3': the text ends at position 10; accepted is ',' or ')'");
        assertFails("decimal()", "type 'decimal()': found ')' at position 9; accepted is a number or a variable");
        assertFails("decimal(3;", "type 'decimal(3;': found ';' at position 10; accepted is a word, a name in double quotes, a number or one of ()<>[],+-*/");
        assertFails("varchar(-1)", "type 'varchar(-1)': found '-' at position 9; accepted is a number or a variable");
        assertFails("varchar(99999999999999999999)", "type 'varchar(99999999999999999999)': found '99999999999999999999' at position 9; accepted is a number up to 9223372036854775807");
        assertFails("bigint bigint", "type 'bigint bigint': found 'bigint' at position 8; accepted is the end of the text");
        assertFails("row()", "type 'row()': found ')' at position 5; accepted is a type");
        assertFails("row(a bigint", "type 'row(a bigint': the text ends at position 13; accepted is ',' or ')'");
        assertFails("row(\"a bigint", "type 'row(\"a bigint': the text ends in a quoted name at position 14; accepted is '\"'");
        assertFails("row(\"\" bigint)", "type 'row(\"\" bigint)': found an empty name at position 5; accepted is a name of at least one character");
        assertFails("timestamp(3) with time", "type 'timestamp(3) with time': the text ends at position 23; accepted is 'zone'");
        assertFails("interval year to second", "type 'interval year to second': found 'second' at position 18; accepted is 'month'");
        assertFails("bigint array[3]", "type 'bigint array[3]': found '[' at position 13; accepted is the end of the text");
        assertFails("array<bigint", "type 'array<bigint': the text ends at position 13; accepted is '>'");
        assertFails("větší", "type 'větší': found 'ě' at position 2; accepted is a word, a name in double quotes, a number or one of ()<>[],+-*/");
    }

    @Test
    void testTextsThatTrinoRefusesAreRefused()
    {
        Random random = new Random(2);
        RandomTypes types = new RandomTypes(random);
        List<String> insertions = ImmutableList.of("(", ")", ",", "1", "\"", "a", " ", "<", ">", "array", "with", "time", "row(", "[");
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(types.next().getTypeSignature().toString());
            int position = random.nextInt(text.length());
            if (random.nextBoolean()) {
                text.deleteCharAt(position);
            }
            else {
                text.insert(position, insertions.get(random.nextInt(insertions.size())));
            }
            TypeSignature parsed;
            try {
                parsed = TypeParser.parse(text.toString());
            }
            catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("type '").hasMessageContaining("position").hasMessageContaining("accepted is");
                refused++;
                continue;
            }
            if (!parsed.isCalculated()) {
                assertThat(parsed).as(text.toString()).isEqualTo(TypeSignatureTranslator.parseTypeSignature(text.toString(), Set.of()));
            }
        }
        assertThat(refused).isBetween(5_000, 19_000);
    }

    @Test
    void testNestingIsLimited()
    {
        assertThat(TypeParser.parse("array(".repeat(90) + "bigint" + ")".repeat(90)).getBase()).isEqualTo("array");
        assertThatThrownBy(() -> TypeParser.parse("array(".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("type: more than 100 types are nested at position 601");
    }

    private static void assertParsesAsTrino(String text)
    {
        assertThat(TypeParser.parse(text)).as(text).isEqualTo(TypeSignatureTranslator.parseTypeSignature(text, VARIABLES));
    }

    private static void assertFails(String text, String message)
    {
        assertThatThrownBy(() -> TypeParser.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
