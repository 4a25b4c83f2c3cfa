package io.nostro.functions.vault;

import com.google.common.collect.ImmutableMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestVaultKeyFile
{
    private static final String SECRET = "K34VFiiu0qar9xWICc9PPHNlY3JldA==";

    @TempDir
    private Path directory;

    @Test
    void testErrorsSayWhereAndShowNoKey()
            throws IOException
    {
        String versions = "\"versions\": {\"1\": \"K34VFiiu0qar9xWICc9PPA==\"}";
        Map<String, String> problems = ImmutableMap.<String, String>builder()
                .put("", "the file holds no keys; accepted is a JSON object of keys by name")
                .put("[]", "the file holds no keys")
                .put("{}", "the file holds no keys")
                .put("{\"a\": " + SECRET + "}", "is not JSON, or names a key or a field twice")
                .put("{\"a\": \"" + SECRET + "\"} x", "is not JSON")
                .put("{\"a\": \"" + SECRET + "\"}", "key 'a' is not an object of purpose, current and versions")
                .put("{\"a\": {\"purpose\": \"tokenize\", \"current\": 1, " + versions + "}, \"a\": 1}", "is not JSON, or names a key or a field twice")
                .put("{\"a\": {\"purpose\": \"tokenize\", " + versions + "}}", "key 'a' is not an object of purpose, current and versions")
                .put("{\"a\": {\"purpose\": \"sign\", \"current\": 1, " + versions + "}}", "key 'a' has a purpose that is none; accepted are tokenize and encrypt")
                .put("{\"a\": {\"purpose\": \"encrypt\", \"current\": 2, " + versions + "}}", "key 'a' has a current version that is not among its versions")
                .put("{\"a\": {\"purpose\": \"encrypt\", \"current\": \"1\", " + versions + "}}", "key 'a' has a current version that is not among its versions")
                .put("{\"a\": {\"purpose\": \"encrypt\", \"current\": 1, \"versions\": \"" + SECRET + "\"}}", "key 'a' has versions that are no object")
                .put("{\"a\": {\"purpose\": \"encrypt\", \"current\": 1, \"versions\": {\"01\": \"" + SECRET + "\"}}}", "key 'a' has a version that is no number from 1 to 999999999")
                .put("{\"a\": {\"purpose\": \"encrypt\", \"current\": 1, \"versions\": {\"1\": \"" + SECRET + "\"}}}", "key 'a', version 1 is not accepted: a key to encrypt has 22 bytes")
                .put("{\"a\": {\"purpose\": \"tokenize\", \"current\": 1, \"versions\": {\"1\": \"K34V\"}}}", "key 'a', version 1 is not accepted: a key to tokenize has 3 bytes")
                .put("{\"a\": {\"purpose\": \"tokenize\", \"current\": 1, \"versions\": {\"1\": \"!" + SECRET + "\"}}}", "key 'a', version 1 is not a text of base64")
                .put("{\"a\": {\"purpose\": \"tokenize\", \"current\": 1, \"versions\": {\"1\": 12}}}", "key 'a', version 1 is not a text of base64")
                .buildOrThrow();
        for (Map.Entry<String, String> problem : problems.entrySet()) {
            Path file = Files.writeString(directory.resolve("keys.json"), problem.getKey());
            assertThatThrownBy(() -> VaultKeyFile.read("vault.key-file", file.toFile()))
                    .as(problem.getKey())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("vault.key-file " + file + ": ")
                    .hasMessageContaining(problem.getValue())
                    .hasNoCause()
                    .satisfies(error -> assertThat(error.getMessage()).doesNotContain(SECRET.substring(0, 6), "K34V"));
        }
    }

    @Test
    void testFileThatCanNotBeRead()
    {
        assertThatThrownBy(() -> VaultKeyFile.read("vault.key-file", directory.toFile()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the file can not be read: ");
    }
}
