package io.nostro.trino;

import com.google.common.collect.ImmutableList;
import com.google.inject.Key;
import io.trino.metadata.HandleResolver;
import io.trino.server.PluginClassLoader;
import io.trino.server.PluginManager;
import io.trino.server.testing.TestingTrinoServer;
import io.trino.spi.Plugin;
import io.trino.spi.classloader.ThreadContextClassLoader;
import io.trino.testing.DistributedQueryRunner;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

import static com.google.common.collect.Iterables.getOnlyElement;

/**
 * The plugin that tests install: that of the class path, or the packaged one of the directory that the system property
 * {@code nostro.plugin-directory} names, which each node then loads as a Trino server does, by a class loader of its own.
 */
public final class TestedPlugin
{
    private TestedPlugin() {}

    public static void install(DistributedQueryRunner queryRunner)
    {
        String directory = System.getProperty("nostro.plugin-directory");
        if (directory == null) {
            queryRunner.installPlugin(new NostroPlugin());
            return;
        }
        install(queryRunner, Path.of(directory));
    }

    /**
     * Installs the plugin that a directory holds, by class loaders of its own.
     */
    public static void install(DistributedQueryRunner queryRunner, Path directory)
    {
        List<URL> urls = urls(directory);
        for (TestingTrinoServer server : queryRunner.getServers()) {
            PluginClassLoader classLoader = PluginManager.createClassLoader(directory.getFileName().toString(), urls);
            server.getInstance(Key.get(HandleResolver.class)).registerClassLoader(classLoader);
            try (ThreadContextClassLoader _ = new ThreadContextClassLoader(classLoader)) {
                server.installPlugin(getOnlyElement(ServiceLoader.load(Plugin.class, classLoader)));
            }
        }
    }

    private static List<URL> urls(Path directory)
    {
        ImmutableList.Builder<URL> urls = ImmutableList.builder();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                urls.add(url(file));
            }
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return urls.build();
    }

    private static URL url(Path file)
    {
        try {
            return file.toUri().toURL();
        }
        catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
