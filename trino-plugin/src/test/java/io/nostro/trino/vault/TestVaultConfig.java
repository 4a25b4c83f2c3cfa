package io.nostro.trino.vault;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static io.airlift.configuration.testing.ConfigAssertions.assertFullMapping;
import static io.airlift.configuration.testing.ConfigAssertions.assertRecordedDefaults;
import static io.airlift.configuration.testing.ConfigAssertions.recordDefaults;

final class TestVaultConfig
{
    @Test
    void testDefaults()
    {
        assertRecordedDefaults(recordDefaults(VaultConfig.class)
                .setKeyFile(null)
                .setEncryptionUsers(ImmutableSet.of())
                .setEncryptionGroups(ImmutableSet.of())
                .setDecryptionUsers(ImmutableSet.of())
                .setDecryptionGroups(ImmutableSet.of()));
    }

    @Test
    void testExplicitPropertyMappings(@TempDir Path directory)
            throws IOException
    {
        Path keyFile = Files.createFile(directory.resolve("keys.json"));
        Map<String, String> properties = ImmutableMap.<String, String>builder()
                .put("vault.key-file", keyFile.toString())
                .put("vault.encryption-users", "etl,airflow")
                .put("vault.encryption-groups", "engineers")
                .put("vault.decryption-users", "auditor")
                .put("vault.decryption-groups", "fraud,compliance")
                .buildOrThrow();

        assertFullMapping(properties, new VaultConfig()
                .setKeyFile(keyFile.toFile())
                .setEncryptionUsers(ImmutableSet.of("etl", "airflow"))
                .setEncryptionGroups(ImmutableSet.of("engineers"))
                .setDecryptionUsers(ImmutableSet.of("auditor"))
                .setDecryptionGroups(ImmutableSet.of("fraud", "compliance")));
    }
}
