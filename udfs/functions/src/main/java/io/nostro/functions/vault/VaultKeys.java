package io.nostro.functions.vault;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.nostro.functions.TextLookup;

import java.util.Map;

import static com.google.common.base.Preconditions.checkArgument;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static java.util.Objects.requireNonNull;

/**
 * Keys by name and version.
 */
public final class VaultKeys
{
    private final Map<String, NamedKey> keys;
    private final TextLookup<NamedKey> lookup;

    public VaultKeys(Map<String, NamedKey> keys)
    {
        this.keys = ImmutableMap.copyOf(keys);
        this.lookup = new TextLookup<>(this::find);
    }

    /**
     * The key's current version.
     */
    VaultKey current(String function, KeyPurpose purpose, Slice name)
    {
        NamedKey key = named(function, purpose, name);
        return key.versions().get(key.current());
    }

    VaultKey version(String function, KeyPurpose purpose, Slice name, long version)
    {
        VaultKey key = named(function, purpose, name).versions().get(version);
        if (key == null) {
            throw invalidArgument("%s: the key has no version %s; accepted are the versions in the key file of the catalog", function, version);
        }
        return key;
    }

    private NamedKey named(String function, KeyPurpose purpose, Slice name)
    {
        NamedKey key = lookup.get(name);
        // what was given may be no name but a value that its column was mistaken for
        if (key == null) {
            throw invalidArgument("%s: there is no key of that name; accepted are the names in the key file of the catalog", function);
        }
        if (key.purpose() != purpose) {
            throw invalidArgument("%s: the key's purpose is to %s; accepted is a key whose purpose is to %s", function, key.purpose(), purpose);
        }
        return key;
    }

    private NamedKey find(String name)
    {
        return keys.get(name);
    }

    /**
     * All versions of a key.
     *
     * @param current the version that is used when none is named
     */
    public record NamedKey(KeyPurpose purpose, long current, Map<Long, VaultKey> versions)
    {
        public NamedKey
        {
            requireNonNull(purpose, "purpose is null");
            versions = ImmutableMap.copyOf(versions);
            checkArgument(versions.containsKey(current), "the current version %s is not among the versions", current);
        }
    }
}
