package io.nostro.functions.vault;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.nostro.functions.vault.VaultKeys.NamedKey;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;

import static java.util.Objects.requireNonNull;

/**
 * Reads the file that holds a vault's keys:
 * {@code {"customers": {"purpose": "tokenize", "current": 2, "versions": {"1": "base64", "2": "base64"}}}}.
 *
 * <p>Errors say where something is wrong, and show nothing of what the file holds but names and versions.
 */
public final class VaultKeyFile
{
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> FIELDS = ImmutableSet.of("purpose", "current", "versions");

    private final String name;
    private final File file;

    private VaultKeyFile(String name, File file)
    {
        this.name = requireNonNull(name, "name is null");
        this.file = requireNonNull(file, "file is null");
    }

    /**
     * The keys of a file.
     *
     * @param name what errors call the file, such as the property that it is named in
     * @throws IllegalArgumentException when the file can't be read, or is not one of keys
     */
    public static VaultKeys read(String name, File file)
    {
        return new VaultKeyFile(name, file).keys();
    }

    private VaultKeys keys()
    {
        JsonNode document = document();
        if (!document.isObject() || document.isEmpty()) {
            throw invalid("the file", "holds no keys; accepted is a JSON object of keys by name");
        }
        ImmutableMap.Builder<String, NamedKey> keys = ImmutableMap.builder();
        for (Map.Entry<String, JsonNode> entry : document.properties()) {
            keys.put(entry.getKey(), namedKey("key '%s'".formatted(entry.getKey()), entry.getValue()));
        }
        return new VaultKeys(keys.buildOrThrow());
    }

    private NamedKey namedKey(String where, JsonNode key)
    {
        if (!key.isObject() || !ImmutableSet.copyOf(key.fieldNames()).equals(FIELDS)) {
            throw invalid(where, "is not an object of purpose, current and versions");
        }
        KeyPurpose purpose = Arrays.stream(KeyPurpose.values())
                .filter(value -> value.toString().equals(key.get("purpose").asText()))
                .findFirst()
                .orElseThrow(() -> invalid(where, "has a purpose that is none; accepted are tokenize and encrypt"));
        if (!key.get("versions").isObject()) {
            throw invalid(where, "has versions that are no object; accepted are keys in base64 by their version, a number from 1");
        }
        ImmutableMap.Builder<Long, VaultKey> builder = ImmutableMap.builder();
        for (Map.Entry<String, JsonNode> version : key.get("versions").properties()) {
            if (!version.getKey().matches("[1-9][0-9]{0,8}")) {
                throw invalid(where, "has a version that is no number from 1 to 999999999");
            }
            builder.put(Long.parseLong(version.getKey()), vaultKey("%s, version %s".formatted(where, version.getKey()), purpose, version.getValue()));
        }
        Map<Long, VaultKey> versions = builder.buildOrThrow();
        JsonNode current = key.get("current");
        if (!current.isIntegralNumber() || !versions.containsKey(current.asLong())) {
            throw invalid(where, "has a current version that is not among its versions");
        }
        return new NamedKey(purpose, current.asLong(), versions);
    }

    private VaultKey vaultKey(String where, KeyPurpose purpose, JsonNode secret)
    {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(secret.isTextual() ? secret.asText() : "-");
        }
        catch (IllegalArgumentException _) {
            // the decoder's message shows a piece of the key
            throw invalid(where, "is not a text of base64");
        }
        try {
            return VaultKey.of(purpose, bytes);
        }
        catch (IllegalArgumentException e) {
            throw invalid(where, "is not accepted: " + e.getMessage());
        }
    }

    private JsonNode document()
    {
        try {
            return MAPPER.readTree(Files.readAllBytes(file.toPath()));
        }
        catch (JsonProcessingException e) {
            // the parser's message shows what it has read
            JsonLocation location = e.getLocation();
            throw invalid(location == null ? "the file" : "line %s, column %s".formatted(location.getLineNr(), location.getColumnNr()), "is not JSON, or names a key or a field twice");
        }
        catch (IOException e) {
            throw invalid("the file", "can not be read: " + e.getClass().getSimpleName());
        }
    }

    private IllegalArgumentException invalid(String where, String problem)
    {
        return new IllegalArgumentException("%s %s: %s %s".formatted(name, file, where, problem));
    }
}
