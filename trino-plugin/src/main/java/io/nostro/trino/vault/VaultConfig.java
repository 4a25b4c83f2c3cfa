package io.nostro.trino.vault;

import com.google.common.collect.ImmutableSet;
import io.airlift.configuration.Config;
import io.airlift.configuration.ConfigDescription;
import io.airlift.configuration.validation.FileExists;
import jakarta.validation.constraints.NotNull;

import java.io.File;
import java.util.Set;

@SuppressWarnings("UnnecessaryQualifier") // airlift's @Config is taken for one of dependency injection
public class VaultConfig
{
    static final String KEY_FILE = "vault.key-file";

    private File keyFile;
    private Set<String> encryptionUsers = ImmutableSet.of();
    private Set<String> encryptionGroups = ImmutableSet.of();
    private Set<String> decryptionUsers = ImmutableSet.of();
    private Set<String> decryptionGroups = ImmutableSet.of();

    @NotNull
    @FileExists
    public File getKeyFile()
    {
        return keyFile;
    }

    @Config(KEY_FILE)
    @ConfigDescription("The file that holds the keys, by name and version, as JSON")
    public VaultConfig setKeyFile(File keyFile)
    {
        this.keyFile = keyFile;
        return this;
    }

    @NotNull
    public Set<String> getEncryptionUsers()
    {
        return encryptionUsers;
    }

    @Config("vault.encryption-users")
    @ConfigDescription("Users who may tokenize and encrypt, separated by commas")
    public VaultConfig setEncryptionUsers(Set<String> encryptionUsers)
    {
        this.encryptionUsers = ImmutableSet.copyOf(encryptionUsers);
        return this;
    }

    @NotNull
    public Set<String> getEncryptionGroups()
    {
        return encryptionGroups;
    }

    @Config("vault.encryption-groups")
    @ConfigDescription("Groups whose users may tokenize and encrypt, separated by commas")
    public VaultConfig setEncryptionGroups(Set<String> encryptionGroups)
    {
        this.encryptionGroups = ImmutableSet.copyOf(encryptionGroups);
        return this;
    }

    @NotNull
    public Set<String> getDecryptionUsers()
    {
        return decryptionUsers;
    }

    @Config("vault.decryption-users")
    @ConfigDescription("Users who may decrypt, separated by commas")
    public VaultConfig setDecryptionUsers(Set<String> decryptionUsers)
    {
        this.decryptionUsers = ImmutableSet.copyOf(decryptionUsers);
        return this;
    }

    @NotNull
    public Set<String> getDecryptionGroups()
    {
        return decryptionGroups;
    }

    @Config("vault.decryption-groups")
    @ConfigDescription("Groups whose users may decrypt, separated by commas")
    public VaultConfig setDecryptionGroups(Set<String> decryptionGroups)
    {
        this.decryptionGroups = ImmutableSet.copyOf(decryptionGroups);
        return this;
    }
}
