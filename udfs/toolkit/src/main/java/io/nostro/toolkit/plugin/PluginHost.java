package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * Class loaders in which plugins of any version of Trino run: each has the libraries of a Trino, and the toolkit once more,
 * which there is linked with that Trino's SPI. It shares nothing with the toolkit outside but the Java runtime.
 */
public final class PluginHost
{
    private static final Map<Path, ClassLoader> HOSTS = new ConcurrentHashMap<>();

    private PluginHost() {}

    /**
     * The class loader for the plugins of a Trino, which is the same one each time.
     *
     * @param libraries the directory {@code lib} of a Trino server
     * @throws IllegalArgumentException when there is no Trino in it
     */
    public static ClassLoader of(String libraries)
    {
        return HOSTS.computeIfAbsent(Path.of(libraries).toAbsolutePath().normalize(), PluginHost::create);
    }

    private static ClassLoader create(Path libraries)
    {
        List<URL> jars = jars(libraries);
        checkArgument(
                jars.stream().anyMatch(jar -> jar.getPath().matches(".*trino-main-[^/]*\\.jar")),
                "%s has no libraries of a Trino server: no trino-main-*.jar",
                libraries);
        return new URLClassLoader(
                "trino of " + libraries,
                ImmutableList.<URL>builder()
                        .addAll(jars)
                        .add(PluginHost.class.getProtectionDomain().getCodeSource().getLocation())
                        .build()
                        .toArray(URL[]::new),
                ClassLoader.getPlatformClassLoader());
    }

    /**
     * The jars in a directory, by name.
     *
     * @throws IllegalArgumentException when it cannot be read
     */
    static List<URL> jars(Path directory)
    {
        checkArgument(Files.isDirectory(directory), "%s is no directory", directory);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
            return ImmutableList.copyOf(files).stream()
                    .sorted()
                    .map(PluginHost::url)
                    .collect(toImmutableList());
        }
        catch (IOException e) {
            throw new IllegalArgumentException("%s cannot be read: %s".formatted(directory, e), e);
        }
    }

    private static URL url(Path file)
    {
        try {
            return file.toUri().toURL();
        }
        catch (MalformedURLException e) {
            throw new IllegalArgumentException("%s is no file of a class loader".formatted(file), e);
        }
    }
}
