package io.nostro.trino.vault;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.Example;
import io.nostro.functions.vault.VaultFunctions;
import io.nostro.trino.NostroPlugin;
import io.trino.Session;
import io.trino.plugin.memory.MemoryPlugin;
import io.trino.spi.security.Identity;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.TestingGroupProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

import static com.google.common.base.MoreObjects.firstNonNull;
import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static io.nostro.trino.vault.TestingKeyFile.NIST;
import static io.nostro.trino.vault.TestingKeyFile.secret;
import static io.trino.testing.TestingSession.testSessionBuilder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;
import static org.junit.jupiter.api.parallel.ExecutionMode.SAME_THREAD;

/**
 * The vault on a coordinator and a worker, with users of different rights: etl may encrypt, auditor decrypt, members of
 * compliance both, and guest nothing.
 */
@TestInstance(PER_CLASS)
@Execution(SAME_THREAD)
final class TestVaultConnector
{
    private static final String PAN = "4111111111111111";

    private DistributedQueryRunner queryRunner;
    private Path keyFile;

    @BeforeAll
    void startServer(@TempDir Path directory)
            throws Exception
    {
        keyFile = TestingKeyFile.write(directory);
        queryRunner = DistributedQueryRunner.builder(testSessionBuilder().build())
                .setWorkerCount(1)
                .build();
        queryRunner.installPlugin(new NostroPlugin());
        queryRunner.installPlugin(new MemoryPlugin());
        queryRunner.createCatalog("memory", "memory");
        queryRunner.createCatalog("vault", "nostro_vault", ImmutableMap.of(
                "vault.key-file", keyFile.toString(),
                "vault.encryption-users", "etl",
                "vault.encryption-groups", "compliance",
                "vault.decryption-users", "auditor",
                "vault.decryption-groups", "compliance,fraud"));
        queryRunner.createCatalog("closed", "nostro_vault", ImmutableMap.of("vault.key-file", keyFile.toString()));
        TestingGroupProvider groups = new TestingGroupProvider();
        groups.setUserGroups(ImmutableMap.of("officer", ImmutableSet.of("compliance", "staff"), "guest", ImmutableSet.of("staff")));
        queryRunner.getGroupProvider().setConfiguredGroupProvider(groups);
    }

    @AfterAll
    void stopServer()
    {
        if (queryRunner != null) {
            queryRunner.close();
        }
    }

    @Test
    void testExamples()
    {
        for (DeclaredFunction function : DeclaredFunction.of(VaultFunctions.class)) {
            for (Example example : function.method().getAnnotationsByType(Example.class)) {
                assertThat(firstNonNull(query("officer", "SELECT json_format(CAST((%s) AS json))".formatted(example.sql())), "null"))
                        .as(example.sql())
                        .isEqualTo(example.result());
            }
        }
    }

    /**
     * The samples of NIST for SP 800-38G, with keys of 128, 192 and 256 bits.
     */
    @Test
    void testSamplesOfNistInSql()
    {
        List<String> encrypted = List.of("6124200773", "2496655549", "1001623463");
        for (int version = 1; version <= 3; version++) {
            assertThat(query("etl", "SELECT vault.privacy.fpe_encrypt('0123456789', 'accounts', '0123456789', '9876543210', %s)".formatted(version)))
                    .isEqualTo(encrypted.get(version - 1));
            assertThat(query("auditor", "SELECT vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', '9876543210', %s)".formatted(encrypted.get(version - 1), version)))
                    .isEqualTo("0123456789");
        }
        assertThat(query("auditor", "SELECT vault.privacy.fpe_decrypt('1001623463', 'accounts', '0123456789', '9876543210')")).isEqualTo("0123456789");
    }

    @Test
    void testOnWorkersWithNulls()
    {
        execute("officer", "CREATE TABLE memory.default.cards AS SELECT IF(n % 3 > 0, lpad(CAST(n AS varchar), 16, '0')) AS pan FROM UNNEST(sequence(1, 9000)) AS t (n)");
        assertThat(query("officer",
                """
                SELECT count_if(pan IS NOT DISTINCT FROM vault.privacy.fpe_decrypt(encrypted, 'accounts', '0123456789', 'cards'))
                FROM (SELECT pan, vault.privacy.fpe_encrypt(pan, 'accounts', '0123456789', 'cards') AS encrypted FROM memory.default.cards)
                WHERE encrypted IS DISTINCT FROM pan OR pan IS NULL
                """))
                .isEqualTo(9_000L);
        assertThat(query("etl", "SELECT count(DISTINCT vault.privacy.tokenize(pan, 'customers')) FROM memory.default.cards")).isEqualTo(6_000L);
    }

    @Test
    void testUsersAndGroups()
    {
        String tokenize = "SELECT length(vault.privacy.tokenize('x', 'customers'))";
        String encrypt = "SELECT length(vault.privacy.fpe_encrypt('%s', 'accounts', '0123456789', ''))".formatted(PAN);
        String decrypt = "SELECT length(vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', ''))".formatted(PAN);
        for (String user : List.of("etl", "officer")) {
            assertThat(query(user, tokenize)).isEqualTo(64L);
            assertThat(query(user, encrypt)).isEqualTo(16L);
        }
        for (String user : List.of("auditor", "officer")) {
            assertThat(query(user, decrypt)).isEqualTo(16L);
        }
        for (String user : List.of("guest", "auditor", "ETL")) {
            assertDenied(user, tokenize, "tokenize");
            assertDenied(user, encrypt, "fpe_encrypt");
        }
        for (String user : List.of("guest", "etl", "Auditor")) {
            assertDenied(user, decrypt, "fpe_decrypt");
            assertDenied(user, "EXPLAIN " + decrypt, "fpe_decrypt");
            assertDenied(user, "SELECT TRY(vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', ''))".formatted(PAN), "fpe_decrypt");
        }
        // a catalog whose configuration names nobody
        for (String user : List.of("guest", "etl", "auditor", "officer", "admin")) {
            assertDenied(user, tokenize.replace("vault.", "closed."), "tokenize");
            assertDenied(user, decrypt.replace("vault.", "closed."), "fpe_decrypt");
        }
    }

    @Test
    void testFunctionsAreShownToThoseWhoMayCallThem()
    {
        assertThat(shown("officer", "SHOW FUNCTIONS FROM vault.privacy")).containsExactlyInAnyOrder("tokenize", "fpe_encrypt", "fpe_decrypt");
        assertThat(shown("etl", "SHOW FUNCTIONS FROM vault.privacy")).containsExactlyInAnyOrder("tokenize", "fpe_encrypt");
        assertThat(shown("auditor", "SHOW FUNCTIONS FROM vault.privacy")).containsExactly("fpe_decrypt");
        assertThat(shown("guest", "SHOW FUNCTIONS FROM vault.privacy")).isEmpty();
        assertThat(shown("guest", "SHOW SCHEMAS FROM vault")).isEmpty();
        assertThat(shown("etl", "SHOW SCHEMAS FROM vault")).contains("privacy");
        assertThat(shown("officer", "SHOW TABLES FROM vault.privacy")).isEmpty();
        assertThat(query("guest", "SELECT count(*) FROM vault.information_schema.columns WHERE table_schema = 'privacy'")).isEqualTo(0L);
        assertThatThrownBy(() -> query("officer", "SELECT * FROM vault.privacy.t")).hasMessageContaining("Table 'vault.privacy.t' does not exist");
        assertThatThrownBy(() -> execute("officer", "CREATE TABLE vault.privacy.t (x bigint)")).hasMessageContaining("Access Denied");
        assertThatThrownBy(() -> execute("officer", "CREATE FUNCTION vault.privacy.f() RETURNS bigint RETURN 1")).hasMessageContaining("Access Denied");
    }

    @Test
    void testViewDoesNotPassDecryptionOn()
    {
        execute("officer", "CREATE VIEW memory.default.clear_cards AS SELECT vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', '') AS pan".formatted(PAN));
        assertThat(query("officer", "SELECT length(pan) FROM memory.default.clear_cards")).isEqualTo(16L);
        assertThatThrownBy(() -> query("guest", "SELECT length(pan) FROM memory.default.clear_cards")).hasMessageContaining("Access Denied");
        execute("officer", "CREATE VIEW memory.default.my_cards SECURITY INVOKER AS SELECT vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', '') AS pan".formatted(PAN));
        assertThat(query("auditor", "SELECT length(pan) FROM memory.default.my_cards")).isEqualTo(16L);
        assertDenied("guest", "SELECT length(pan) FROM memory.default.my_cards", "fpe_decrypt");
    }

    @Test
    void testPlansShowNeitherTextNorKey()
    {
        String encrypted = (String) query("etl", "SELECT vault.privacy.fpe_encrypt('%s', 'accounts', '0123456789', 'cards')".formatted(PAN));
        String decrypt = "SELECT vault.privacy.fpe_decrypt('%s', 'accounts', '0123456789', 'cards') AS pan".formatted(encrypted);
        assertThat(query("auditor", decrypt)).isEqualTo(PAN);
        for (String explain : List.of("EXPLAIN ", "EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) ", "EXPLAIN (TYPE IO, FORMAT JSON) ", "EXPLAIN ANALYZE VERBOSE ")) {
            for (String sql : List.of(decrypt, "SELECT * FROM (%s) WHERE pan LIKE '4%%'".formatted(decrypt), "SELECT count(*) FROM UNNEST(sequence(1, 3)) AS t (n) WHERE CAST(n AS varchar) <> (%s)".formatted(decrypt))) {
                String plan = (String) query("auditor", explain + sql);
                assertThat(plan).doesNotContain(PAN);
                assertShowsNoKey(plan);
            }
        }
        // what can be shown is folded: a token is no secret, and is made once for the query
        assertShowsNoKey((String) query("etl", "EXPLAIN SELECT vault.privacy.tokenize('DE89370400440532013000', 'customers')"));
    }

    @Test
    void testErrorsShowNeitherTextNorKey()
    {
        for (String call : List.of(
                "fpe_decrypt('4111-1111-1111-1111', 'accounts', '0123456789', '')",
                "fpe_decrypt('%s', 'customers', '0123456789', '')".formatted(PAN),
                "fpe_decrypt('%s', '%1$s', '0123456789', '')".formatted(PAN),
                "fpe_decrypt('%s', 'accounts', '%1$s', '')".formatted(PAN),
                "fpe_encrypt('%s', 'accounts', '0123456789', '', 9)".formatted(PAN),
                "tokenize('%s', '%1$s')".formatted(PAN))) {
            assertThatThrownBy(() -> query("officer", "SELECT vault.privacy." + call))
                    .as(call)
                    .hasMessageContaining("accepted")
                    .satisfies(error -> {
                        assertThat(error.getMessage()).doesNotContain(PAN, "4111-1111");
                        assertShowsNoKey(error.getMessage());
                    });
            assertThat(query("officer", "SELECT TRY(vault.privacy.%s)".formatted(call))).isNull();
        }
    }

    @Test
    void testKeyFileThatIsWrongStopsTheCatalog(@TempDir Path directory)
            throws IOException
    {
        Path wrong = Files.writeString(directory.resolve("wrong.json"), "{\"a\": {\"purpose\": \"encrypt\", \"current\": 1, \"versions\": {\"1\": \"%s!\"}}}".formatted(secret(16)));
        assertThatThrownBy(() -> queryRunner.createCatalog("wrong", "nostro_vault", ImmutableMap.of("vault.key-file", wrong.toString())))
                .satisfies(error -> assertThat(messages(error)).contains("key 'a', version 1 is not a text of base64").doesNotContain(secret(16)));
        assertThatThrownBy(() -> queryRunner.createCatalog("wrong", "nostro_vault", ImmutableMap.of("vault.key-file", directory.resolve("none.json").toString())))
                .satisfies(error -> assertThat(messages(error)).contains("vault.key-file"));
        assertThatThrownBy(() -> queryRunner.createCatalog("wrong", "nostro_vault", ImmutableMap.of()))
                .satisfies(error -> assertThat(messages(error)).contains("vault.key-file"));
    }

    private Object query(String user, String sql)
    {
        List<Object> values = queryRunner.execute(session(user), sql).getOnlyColumn().toList();
        return values.size() == 1 ? values.getFirst() : null;
    }

    private void execute(String user, String sql)
    {
        queryRunner.execute(session(user), sql);
    }

    private ImmutableSet<String> shown(String user, String sql)
    {
        return queryRunner.execute(session(user), sql).getMaterializedRows().stream()
                .map(row -> (String) row.getField(0))
                .filter(name -> !name.equals("information_schema"))
                .collect(toImmutableSet());
    }

    private void assertDenied(String user, String sql, String function)
    {
        assertThatThrownBy(() -> query(user, sql))
                .as("%s: %s", user, sql)
                .hasMessageContaining("Access Denied: Cannot execute function")
                .hasMessageContaining(function);
    }

    private static void assertShowsNoKey(String text)
    {
        for (int length : new int[] {16, 20, 24, 32}) {
            byte[] key = Arrays.copyOf(NIST, length);
            assertThat(text).doesNotContain(Base64.getEncoder().encodeToString(key));
        }
        assertThat(text.replaceAll("[^0-9A-Za-z]", "").toUpperCase(Locale.ENGLISH)).doesNotContain(HexFormat.of().withUpperCase().formatHex(NIST, 0, 16));
    }

    private static String messages(Throwable error)
    {
        StringBuilder messages = new StringBuilder();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            messages.append(cause.getMessage()).append('\n');
        }
        return messages.toString();
    }

    private static Session session(String user)
    {
        return testSessionBuilder()
                .setIdentity(Identity.ofUser(user))
                .build();
    }
}
