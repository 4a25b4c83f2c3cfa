package io.nostro.toolkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.NostroFunctions;
import io.nostro.functions.Source;
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
                "Rounds an amount to the minor units of its currency, by a rounding mode",
                new FunctionCatalogue.Binding("io.nostro.functions.money.RoundMoneyWithModeFunction", "decimal(rp,s)", Map.of("rp", "min(38, p + 1)"))));
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
    void testDeclarationsAreFoundWhereTheyAreNearest()
    {
        FunctionCatalogue.Function function = CatalogueReader.read("476", Set.of(Complete.class), Map.of()).functions().getFirst();
        assertThat(function.source()).isEqualTo("The source of the class");
        assertThat(function.arguments()).containsExactly(
                new FunctionCatalogue.Argument("value", "what the method says of it"),
                new FunctionCatalogue.Argument("other", "what the class says of it"));
        assertThat(function.errors()).containsExactly(
                new FunctionCatalogue.ErrorCondition("INVALID_FUNCTION_ARGUMENT", "the value is invalid"),
                new FunctionCatalogue.ErrorCondition("NUMERIC_VALUE_OUT_OF_RANGE", "the value is too large"),
                new FunctionCatalogue.ErrorCondition("DIVISION_BY_ZERO", "the value is zero"));
    }

    @Test
    void testDeclarationsOfPackagesAndOtherOverloads()
    {
        FunctionCatalogue.Function rounding = function("round_money");
        assertThat(rounding.arguments()).extracting(FunctionCatalogue.Argument::name).containsExactly("amount", "currency", "mode");
        assertThat(rounding.arguments().getFirst().meaning()).isEqualTo("the amount, in units of its currency");
        assertThat(rounding.source()).startsWith("ISO 4217:2015");
        assertThat(function("iban_is_valid").errors()).isEmpty();
        assertThat(function("transliterate").errors()).isEmpty();
    }

    @Test
    void testDeclarationsThatSayNothingAreRefused()
    {
        assertRefused(WithoutSource.class, "incomplete has no source; accepted is a @Source on its method, its class or its package");
        assertRefused(WithoutMeaning.class, "incomplete does not say what its argument value means; accepted is an @Argument on its method, its class or its package");
        assertRefused(WithoutErrors.class, "incomplete does not say when it fails; accepted is an @Errors on its method, its class or its package, which is empty when it never does");
        assertRefused(WithoutDescription.class, "incomplete has no description");
        assertRefused(WithEmptyMeaning.class, "incomplete gives its argument value an empty meaning");
    }

    @Test
    void testDeclarationsOfNothingAndOfTwoThingsAreRefused()
    {
        assertThatThrownBy(() -> CatalogueReader.read("476", Set.of(WithUnknownArgument.class), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("says what the argument amount means, which no function has there");
        assertThatThrownBy(() -> CatalogueReader.read("476", Set.of(WithTwoSources.class), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("The overloads of incomplete declare different source");
        assertThatThrownBy(() -> CatalogueReader.read("476", Set.of(WithTwoMeanings.class), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("incomplete gives its argument value more than one meaning: ");
    }

    @Test
    void testTextsAreNoSentences()
    {
        for (FunctionCatalogue.Function function : CatalogueReader.read("476", NostroFunctions.FUNCTIONS, VAULT).functions()) {
            assertThat(function.source()).doesNotEndWith(".");
            assertThat(function.arguments()).allSatisfy(argument -> assertThat(argument.meaning()).doesNotEndWith("."));
            assertThat(function.errors()).allSatisfy(error -> assertThat(error.when()).doesNotEndWith("."));
        }
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

    private static void assertRefused(Class<?> clazz, String message)
    {
        assertThatThrownBy(() -> CatalogueReader.read("476", Set.of(clazz), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
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

    /**
     * What every function here has, and the class and the method say different things of.
     */
    @Source("The source of the class")
    @Argument(name = "value", meaning = "what the class says of it")
    @Argument(name = "other", meaning = "what the class says of it")
    @Errors
    public static final class Complete
    {
        private Complete() {}

        @ScalarFunction("complete")
        @Description("One")
        @Argument(name = "value", meaning = "what the method says of it")
        @Errors(invalidArgument = "the value is invalid", outOfRange = "the value is too large", divisionByZero = "the value is zero")
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "complete(1, 2)", result = "1")
        @Example(sql = "complete(2, 1)", result = "2")
        public static long complete(@SqlType(StandardTypes.BIGINT) long value, @SqlType(StandardTypes.BIGINT) long other)
        {
            return value;
        }
    }

    /**
     * A declaration that does not say what it follows.
     */
    public static final class WithoutSource
    {
        private WithoutSource() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Argument(name = "value", meaning = "a number")
        @Errors
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * A declaration that does not say what its argument is.
     */
    public static final class WithoutMeaning
    {
        private WithoutMeaning() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("A book")
        @Errors
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * A declaration that does not say when it fails.
     */
    public static final class WithoutErrors
    {
        private WithoutErrors() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("A book")
        @Argument(name = "value", meaning = "a number")
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * A declaration that does not say what it does.
     */
    public static final class WithoutDescription
    {
        private WithoutDescription() {}

        @ScalarFunction("incomplete")
        @Source("A book")
        @Argument(name = "value", meaning = "a number")
        @Errors
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * A declaration that says nothing in so many words.
     */
    public static final class WithEmptyMeaning
    {
        private WithEmptyMeaning() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("A book")
        @Argument(name = "value", meaning = "")
        @Errors
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * A declaration that speaks of an argument that is not there.
     */
    @Argument(name = "amount", meaning = "a number")
    public static final class WithUnknownArgument
    {
        private WithUnknownArgument() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("A book")
        @Argument(name = "value", meaning = "a number")
        @Errors
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }
    }

    /**
     * Overloads that follow different things.
     */
    @Argument(name = "value", meaning = "a number")
    @Errors
    public static final class WithTwoSources
    {
        private WithTwoSources() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("A book")
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }

        @ScalarFunction("incomplete")
        @Description("One")
        @Source("Another book")
        @SqlType(StandardTypes.DOUBLE)
        @Example(sql = "incomplete(1e0)", result = "1.0")
        @Example(sql = "incomplete(2e0)", result = "2.0")
        public static double incomplete(@SqlType(StandardTypes.DOUBLE) double value)
        {
            return value;
        }
    }

    /**
     * Overloads whose argument means different things.
     */
    @Source("A book")
    @Errors
    public static final class WithTwoMeanings
    {
        private WithTwoMeanings() {}

        @ScalarFunction("incomplete")
        @Description("One")
        @Argument(name = "value", meaning = "a number")
        @SqlType(StandardTypes.BIGINT)
        @Example(sql = "incomplete(1)", result = "1")
        @Example(sql = "incomplete(2)", result = "2")
        public static long incomplete(@SqlType(StandardTypes.BIGINT) long value)
        {
            return value;
        }

        @ScalarFunction("incomplete")
        @Description("One")
        @Argument(name = "value", meaning = "another number")
        @SqlType(StandardTypes.DOUBLE)
        @Example(sql = "incomplete(1e0)", result = "1.0")
        @Example(sql = "incomplete(2e0)", result = "2.0")
        public static double incomplete(@SqlType(StandardTypes.DOUBLE) double value)
        {
            return value;
        }
    }
}
