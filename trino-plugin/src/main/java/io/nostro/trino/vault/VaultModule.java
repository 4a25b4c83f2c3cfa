package io.nostro.trino.vault;

import com.google.inject.Binder;
import com.google.inject.Module;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import io.nostro.functions.vault.VaultKeyFile;
import io.nostro.functions.vault.VaultKeys;

import static io.airlift.configuration.ConfigBinder.configBinder;

public final class VaultModule
        implements Module
{
    @Override
    public void configure(Binder binder)
    {
        configBinder(binder).bindConfig(VaultConfig.class);
        binder.bind(VaultAccessControl.class).in(Scopes.SINGLETON);
        binder.bind(VaultConnector.class).in(Scopes.SINGLETON);
        binder.bind(VaultFunctionProvider.class).in(Scopes.SINGLETON);
        binder.bind(VaultMetadata.class).in(Scopes.SINGLETON);
    }

    @Provides
    @Singleton
    public static VaultKeys keys(VaultConfig config)
    {
        return VaultKeyFile.read(VaultConfig.KEY_FILE, config.getKeyFile());
    }
}
