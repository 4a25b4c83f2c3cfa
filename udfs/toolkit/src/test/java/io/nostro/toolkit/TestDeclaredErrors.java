package io.nostro.toolkit;

import io.nostro.functions.NostroFunctions;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Functions throw no other errors than they are said to. The module of the functions, whose tests run before these, calls each
 * one with arguments of all kinds and leaves what was thrown.
 */
final class TestDeclaredErrors
{
    private static final Path THROWN = Path.of("..", "functions", "target", "fuzzing", "error-codes.tsv");

    @Test
    void testNoOtherErrorIsThrown()
            throws IOException
    {
        assertThat(THROWN).as("left by TestEveryFunctionIsTotal of udfs/functions: run that first").isRegularFile();
        Map<String, Set<String>> thrown = Files.readAllLines(THROWN).stream()
                .map(line -> line.split("\t", 2))
                .collect(toImmutableMap(fields -> fields[0], fields -> fields[1].isEmpty() ? Set.of() : Set.of(fields[1].split(" "))));
        List<FunctionCatalogue.Function> functions = CatalogueReader.read(
                        "476",
                        NostroFunctions.FUNCTIONS,
                        Map.of("nostro_vault", NostroFunctions.VAULT_FUNCTIONS))
                .functions();
        assertThat(functions).extracting(FunctionCatalogue.Function::name).containsExactlyInAnyOrderElementsOf(thrown.keySet());
        assertThat(functions).allSatisfy(function -> assertThat(function.errors())
                .as(function.name())
                .extracting(FunctionCatalogue.ErrorCondition::code)
                .containsAll(thrown.get(function.name())));
    }
}
