package io.nostro.toolkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nostro.functions.Example;
import io.nostro.functions.NostroFunctions;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestCatalogueReader
{
    private static final Map<String, Set<Class<?>>> VAULT = Map.of("nostro_vault", NostroFunctions.VAULT_FUNCTIONS);

    @Test
    void testSignatureIsAsTheServerSeesIt()
    {
        FunctionCatalogue.Function function = function("round_money");
        assertThat(function.kind()).isEqualTo("scalar");
        assertThat(function.family()).isEqualTo("money");
        assertThat(function.deterministic()).isTrue();
        assertThat(function.signatures()).hasSize(2);
        assertThat(function.signatures().getLast()).isEqualTo(new FunctionCatalogue.Signature(
                List.of("decimal(p,s)", "varchar(x)", "varchar(y)"),
                List.of("amount", "currency", "mode"),
                "decimal(min(38, p + 1),s)",
                "Rounds an amount to the minor units of its currency, by a rounding mode"));
    }

    @Test
    void testAggregate()
    {
        FunctionCatalogue.Function function = function("xirr");
        assertThat(function.kind()).isEqualTo("aggregate");
        assertThat(function.signatures()).singleElement()
                .satisfies(signature -> {
                    assertThat(signature.arguments()).containsExactly("double", "date");
                    assertThat(signature.argumentNames()).containsExactly("amount", "date");
                    assertThat(signature.returnType()).isEqualTo("double");
                });
    }

    @Test
    void testFunctionOfAConnector()
    {
        FunctionCatalogue.Function function = function("fpe_decrypt");
        assertThat(function.connector()).isEqualTo("nostro_vault");
        assertThat(function.deterministic()).isFalse();
        assertThat(function.signatures()).hasSize(2);
        assertThat(function.signatures().getLast().argumentNames()).containsExactly("text", "key", "alphabet", "tweak", "version");
        assertThat(function.signatures().getLast().arguments()).containsExactly("varchar", "varchar", "varchar", "varchar", "bigint");
        assertThat(function("xirr").connector()).isNull();
    }

    @Test
    void testNamesFollowTheConvention()
    {
        FunctionCatalogue catalogue = CatalogueReader.read("476", NostroFunctions.FUNCTIONS, VAULT);
        assertThat(catalogue.functions()).hasSizeGreaterThanOrEqualTo(21);
        for (FunctionCatalogue.Function function : catalogue.functions()) {
            assertThat(function.name()).matches("[a-z][a-z0-9]*(_[a-z0-9]+)*");
            assertThat(function.description()).doesNotEndWith(".");
            assertThat(function.signatures()).allSatisfy(signature -> assertThat(signature.argumentNames()).hasSameSizeAs(signature.arguments()));
        }
    }

    @Test
    void testIncompleteDeclarationsAreRefused()
    {
        assertThatThrownBy(() -> CatalogueReader.read("476", Set.of(WithoutExamples.class), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("without_examples has 1 examples; at least two are wanted, of which one is an edge case");
    }

    @Test
    void testFileHoldsTheCatalogue(@TempDir Path directory)
            throws IOException
    {
        Path file = directory.resolve("missing").resolve("nostro-functions.json");
        CatalogueWriter.main(new String[] {"476", file.toString()});
        assertThat(new ObjectMapper().readValue(Files.readString(file), FunctionCatalogue.class))
                .isEqualTo(CatalogueReader.read("476", NostroFunctions.FUNCTIONS, VAULT));
    }

    private static FunctionCatalogue.Function function(String name)
    {
        return CatalogueReader.read("476", NostroFunctions.FUNCTIONS, VAULT).functions().stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /**
     * A declaration that lacks an example of an edge case.
     */
    public static final class WithoutExamples
    {
        private WithoutExamples() {}

        @ScalarFunction("without_examples")
        @Description("One")
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "without_examples(1)", result = "1")
        public static long withoutExamples(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }
}
