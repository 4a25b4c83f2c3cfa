package io.nostro.trino.vault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A vault's key file with the keys that the functions' examples name: {@code customers} and {@code accounts}.
 */
public final class TestingKeyFile
{
    // of NIST's samples for SP 800-38G, whose keys are the first 16, 24 and 32 bytes
    static final byte[] NIST = HexFormat.of().parseHex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94");

    private TestingKeyFile() {}

    public static Path write(Path directory)
            throws IOException
    {
        return Files.writeString(
                directory.resolve("keys.json"),
                """
                {
                  "customers": {"purpose": "tokenize", "current": 2, "versions": {"1": "%s", "2": "%s"}},
                  "accounts": {"purpose": "encrypt", "current": 3, "versions": {"1": "%s", "2": "%s", "3": "%s"}}
                }
                """.formatted(secret(20), secret(32), secret(16), secret(24), secret(32)));
    }

    static String secret(int bytes)
    {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(NIST, bytes));
    }
}
