package io.nostro.trino.versions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.nostro.trino.TestedPlugin;
import io.nostro.trino.vault.TestingKeyFile;
import io.trino.Session;
import io.trino.plugin.tpch.TpchPlugin;
import io.trino.spi.security.Identity;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.MaterializedResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

import static com.google.common.collect.Iterables.getOnlyElement;
import static io.trino.testing.TestingSession.testSessionBuilder;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * Every function of the packaged plugin, on a coordinator and a worker of the Trino of this class path.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestPackagedFunctions
{
    private static final Pattern FIRST_LITERAL = Pattern.compile("^\\w+\\(((?:[A-Z]+ )?'(?:[^']|'')*')");

    private List<Function> functions;
    private DistributedQueryRunner queryRunner;

    private record Function(String name, boolean aggregate, List<List<Argument>> signatures, List<Example> examples) {}

    private record Argument(String name, String type) {}

    private record Example(String sql, String result) {}

    @BeforeAll
    void startServer(@TempDir Path directory)
            throws Exception
    {
        functions = functions(Path.of(System.getProperty("nostro.plugin-directory"), "nostro-functions.json"));
        Path keyFile = TestingKeyFile.write(directory);
        queryRunner = DistributedQueryRunner.builder(testSessionBuilder().build())
                .setWorkerCount(1)
                .build();
        queryRunner.installPlugin(new TpchPlugin());
        queryRunner.createCatalog("tpch", "tpch", ImmutableMap.of("tpch.splits-per-node", "3"));
        TestedPlugin.install(queryRunner);
        String user = queryRunner.getDefaultSession().getUser();
        queryRunner.createCatalog("vault", "nostro_vault", ImmutableMap.of(
                "vault.key-file", keyFile.toString(),
                "vault.encryption-users", user,
                "vault.decryption-users", user));
    }

    @AfterAll
    void stopServer()
    {
        if (queryRunner != null) {
            queryRunner.close();
        }
    }

    @Test
    void testPluginIsNotOnTheClassPath()
    {
        assertThatThrownBy(() -> Class.forName("io.nostro.trino.NostroPlugin"))
                .isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void testExamples()
    {
        List<String> failures = new ArrayList<>();
        for (Function function : functions) {
            compare(failures, "", function.examples().stream()
                    .map(example -> new Example("json_format(CAST((%s) AS json))".formatted(example.sql()), example.result()))
                    .toList());
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void testVaultShowsWhatIsGranted()
    {
        String sql = "SHOW FUNCTIONS FROM vault.privacy";
        assertThat(queryRunner.execute(sql).getMaterializedRows())
                .extracting(row -> row.getField(0))
                .containsOnly("tokenize", "fpe_encrypt", "fpe_decrypt");
        Session nobody = Session.builder(queryRunner.getDefaultSession())
                .setIdentity(Identity.ofUser("nobody"))
                .build();
        assertThat(queryRunner.execute(nobody, sql).getMaterializedRows()).isEmpty();
    }

    /**
     * The same examples in rows of a table, in every third of which the first argument is NULL.
     */
    @Test
    void testExamplesOfRowsWithNulls()
    {
        List<String> failures = new ArrayList<>();
        int tried = 0;
        for (Function function : functions) {
            List<Example> examples = new ArrayList<>();
            for (Example example : function.examples()) {
                var literal = FIRST_LITERAL.matcher(example.sql());
                if (!literal.find() || example.result().equals("null")) {
                    continue;
                }
                String call = example.sql().substring(0, literal.start(1)) + "IF(nationkey % 3 > 0, " + literal.group(1) + ")" + example.sql().substring(literal.end(1));
                String results = "array_join(array_agg(DISTINCT json_format(CAST(%s AS json))) FILTER (WHERE nationkey %% 3 %s), ' or ', 'null')";
                examples.add(new Example(results.formatted(call, "> 0") + " || ' and ' || " + results.formatted(call, "= 0"), example.result() + " and null"));
            }
            tried += examples.size();
            compare(failures, "FROM tpch.tiny.nation", examples);
        }
        assertThat(failures).isEmpty();
        assertThat(tried).isGreaterThan(100);
    }

    /**
     * Partial states of many splits on two nodes, with NULLs, grouped and not, give what one thread gives.
     */
    @Test
    void testAggregatesOverSplits()
    {
        String rows = "(SELECT orderkey FROM tpch.tiny.orders)";
        String gathered = "UNNEST((SELECT array_agg(orderkey ORDER BY orderkey) FROM tpch.tiny.orders))";
        String query = "SELECT remainder, {call} FROM (SELECT n, n % 3 AS remainder FROM {rows} AS t (n)) GROUP BY GROUPING SETS ((remainder), ()) ORDER BY 1";
        for (String call : aggregateCalls()) {
            assertSameResults(
                    query.replace("{call}", call).replace("{rows}", rows),
                    query.replace("{call}", call).replace("{rows}", gathered));
        }
    }

    @Test
    void testAggregatesAsWindowFunctions()
    {
        for (String call : aggregateCalls()) {
            assertSameResults(
                    "SELECT result FROM (SELECT n, %s OVER (ORDER BY n ROWS BETWEEN 80 PRECEDING AND CURRENT ROW) AS result FROM UNNEST(sequence(1, 400)) AS t (n)) WHERE n IN (90, 400) ORDER BY n".formatted(call),
                    "SELECT %s FROM (SELECT last, last - d AS n FROM UNNEST(ARRAY[90, 400]) AS t (last), UNNEST(sequence(0, 80)) AS u (d)) GROUP BY last ORDER BY last".formatted(call));
        }
    }

    private List<String> aggregateCalls()
    {
        List<String> calls = functions.stream()
                .filter(Function::aggregate)
                .flatMap(function -> function.signatures().stream().map(signature -> "%s(%s)".formatted(
                        function.name(),
                        signature.stream().map(argument -> value(function, argument)).collect(joining(", ")))))
                .toList();
        assertThat(calls).hasSizeGreaterThan(10);
        return calls;
    }

    private static String value(Function function, Argument argument)
    {
        return switch (argument.name()) {
            case "rate", "finance_rate", "reinvest_rate" -> "DOUBLE '0.05'";
            case "lambda", "confidence" -> "DOUBLE '0.94'";
            case "amount" -> "IF(n % 11 > 0, CAST(IF(n % 40 < 2, -1000, 30 + n % 5) AS double))";
            case "value" -> "IF(n % 11 > 0, CAST(100 + n * 37 % 101 AS double))";
            case "pnl", "period_return" -> "IF(n % 11 > 0, CAST(n * 7919 % 1009 - 500 AS double) / 1000)";
            case "price" -> "IF(n % 11 > 0, CAST(100 + n % 13 AS decimal(12, 2)))";
            case "quantity" -> function.name().endsWith("_pnl") ? "CAST(n * 7919 % 21 - 9 AS decimal(10, 0))" : "CAST(1 + n * 7919 % 21 AS decimal(10, 0))";
            case "period" -> "n % 40";
            case "sequence" -> "n";
            case "date" -> "DATE '2025-01-01' + (n % 40) * INTERVAL '30' DAY";
            case "time" -> "TIMESTAMP '2025-01-01 00:00:00.000000' + n * INTERVAL '1' MINUTE";
            default -> throw new IllegalArgumentException("No values for %s of %s: say here what they are".formatted(argument, function.name()));
        };
    }

    private void assertSameResults(String actualQuery, String expectedQuery)
    {
        MaterializedResult actual = queryRunner.execute(actualQuery);
        MaterializedResult expected = queryRunner.execute(expectedQuery);
        assertThat(actual.getRowCount()).as(actualQuery).isEqualTo(expected.getRowCount());
        for (int row = 0; row < expected.getRowCount(); row++) {
            List<Object> fields = expected.getMaterializedRows().get(row).getFields();
            for (int i = 0; i < fields.size(); i++) {
                Object value = actual.getMaterializedRows().get(row).getField(i);
                if (value instanceof Double number && fields.get(i) instanceof Double expectedNumber) {
                    // the order of addition is not given
                    assertThat(Math.abs(number - expectedNumber)).as("%s: %s", actualQuery, value).isLessThanOrEqualTo(1e-9 * Math.abs(expectedNumber));
                }
                else {
                    assertThat(value).as(actualQuery).isEqualTo(fields.get(i));
                }
            }
        }
        assertThat(expected.getMaterializedRows()).as(expectedQuery).anySatisfy(row -> assertThat(row.getFields().getLast()).isNotNull());
    }

    /**
     * All in one query, and each by itself once that fails.
     */
    private void compare(List<String> failures, String from, List<Example> examples)
    {
        if (examples.isEmpty()) {
            return;
        }
        String sql = "SELECT %s %s".formatted(examples.stream().map(Example::sql).collect(joining(", ")), from);
        List<String> expected = examples.stream().map(Example::result).toList();
        try {
            List<String> actual = getOnlyElement(queryRunner.execute(sql).getMaterializedRows()).getFields().stream()
                    .map(value -> Objects.requireNonNullElse((String) value, "null"))
                    .toList();
            if (actual.equals(expected)) {
                return;
            }
            if (examples.size() == 1) {
                failures.add("%s: expected %s but was %s".formatted(sql, expected, actual));
            }
        }
        catch (RuntimeException e) {
            if (examples.size() == 1) {
                failures.add("%s: %s".formatted(sql, e));
            }
        }
        if (examples.size() > 1) {
            int before = failures.size();
            examples.forEach(example -> compare(failures, from, List.of(example)));
            if (failures.size() == before) {
                failures.add("%s fails, but none of it by itself".formatted(sql));
            }
        }
    }

    private static List<Function> functions(Path catalogue)
            throws IOException
    {
        List<Function> functions = new ArrayList<>();
        for (JsonNode function : new ObjectMapper().readTree(catalogue.toFile()).get("functions")) {
            List<List<Argument>> signatures = new ArrayList<>();
            for (JsonNode signature : function.get("signatures")) {
                List<Argument> arguments = new ArrayList<>();
                for (int i = 0; i < signature.get("arguments").size(); i++) {
                    arguments.add(new Argument(signature.get("argumentNames").get(i).asText(), signature.get("arguments").get(i).asText()));
                }
                signatures.add(arguments);
            }
            List<Example> examples = new ArrayList<>();
            function.get("examples").forEach(example -> examples.add(new Example(example.get("sql").asText(), example.get("result").asText())));
            functions.add(new Function(function.get("name").asText(), function.get("kind").asText().equals("aggregate"), signatures, examples));
        }
        return functions;
    }
}
