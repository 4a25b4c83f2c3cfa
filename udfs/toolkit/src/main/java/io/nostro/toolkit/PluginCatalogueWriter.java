package io.nostro.toolkit;

import com.google.common.collect.ImmutableList;
import io.trino.FeaturesConfig;
import io.trino.client.NodeVersion;
import io.trino.metadata.SystemFunctionBundle;
import io.trino.spi.Plugin;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.type.TypeOperators;
import io.trino.type.BlockTypeOperators;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * Writes the catalogue of the functions of a plugin of somebody's own, when {@code nostro build} builds it. The plugin's
 * classes, what they need and Trino's engine are on the class path.
 */
public final class PluginCatalogueWriter
{
    private static final String SERVICE = "META-INF/services/" + Plugin.class.getName();
    private static final String CLASS_SUFFIX = ".class";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    private PluginCatalogueWriter() {}

    public static void main(String[] arguments)
            throws IOException
    {
        checkArgument(arguments.length == 3, "Three arguments are wanted: Trino's version, the directory of the plugin's classes and the file to write");
        CatalogueWriter.write(read(arguments[0], Path.of(arguments[1])), Path.of(arguments[2]).toAbsolutePath());
    }

    /**
     * The catalogue of the functions that the plugins in a directory of classes list.
     *
     * @throws IllegalArgumentException when there is no plugin, when a class declares functions and no plugin lists it, when a
     * function has the name of one of Trino's own, and for what {@link CatalogueReader} refuses
     */
    static FunctionCatalogue read(String trinoVersion, Path classes)
            throws IOException
    {
        List<Plugin> plugins = plugins(classes);
        Set<Class<?>> listed = plugins.stream()
                .flatMap(plugin -> plugin.getFunctions().stream())
                .collect(toImmutableSet());
        for (Class<?> declaring : declaringClasses(classes)) {
            checkArgument(
                    listed.contains(declaring),
                    "%s declares functions, but is not among those that getFunctions() of %s lists",
                    declaring.getName(),
                    plugins.getFirst().getClass().getName());
        }
        FunctionCatalogue catalogue = CatalogueReader.read(trinoVersion, listed, Map.of());
        checkArgument(!catalogue.functions().isEmpty(), "%s lists no functions", plugins.getFirst().getClass().getName());
        Set<String> builtIn = builtInNames(trinoVersion);
        for (FunctionCatalogue.Function function : catalogue.functions()) {
            checkArgument(NAME.matcher(function.name()).matches(), "%s is no name of a function; accepted are lower-case letters, digits and underscores", function.name());
            checkArgument(!builtIn.contains(function.name()), "%s is the name of one of Trino's own functions; give yours another one", function.name());
        }
        return catalogue;
    }

    private static List<Plugin> plugins(Path classes)
            throws IOException
    {
        Path service = classes.resolve(SERVICE);
        checkArgument(Files.isRegularFile(service), "There is no %s, which names the class of the plugin", SERVICE);
        List<Plugin> plugins = Files.readAllLines(service).stream()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .map(PluginCatalogueWriter::plugin)
                .collect(toImmutableList());
        checkArgument(!plugins.isEmpty(), "%s names no class of a plugin", SERVICE);
        return plugins;
    }

    private static Plugin plugin(String className)
    {
        try {
            return Class.forName(className).asSubclass(Plugin.class).getConstructor().newInstance();
        }
        catch (ReflectiveOperationException | ClassCastException e) {
            throw new IllegalArgumentException("%s names %s, which is no plugin that can be made: %s".formatted(SERVICE, className, e), e);
        }
    }

    private static List<Class<?>> declaringClasses(Path classes)
            throws IOException
    {
        ImmutableList.Builder<Class<?>> declaring = ImmutableList.builder();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(file -> file.toString().endsWith(CLASS_SUFFIX)).sorted().toList()) {
                String name = classes.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".");
                if (name.endsWith("-info.class")) {
                    continue;
                }
                Class<?> clazz = load(name.substring(0, name.length() - CLASS_SUFFIX.length()));
                if (clazz.isAnnotationPresent(ScalarFunction.class)
                        || clazz.isAnnotationPresent(AggregationFunction.class)
                        || Arrays.stream(clazz.getDeclaredMethods()).anyMatch(method -> method.isAnnotationPresent(ScalarFunction.class))) {
                    declaring.add(clazz);
                }
            }
        }
        return declaring.build();
    }

    private static Class<?> load(String name)
    {
        try {
            return Class.forName(name, false, PluginCatalogueWriter.class.getClassLoader());
        }
        catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("The class %s is not on the class path".formatted(name), e);
        }
    }

    private static Set<String> builtInNames(String trinoVersion)
    {
        TypeOperators operators = new TypeOperators();
        return SystemFunctionBundle.create(new FeaturesConfig(), operators, new BlockTypeOperators(operators), new NodeVersion(trinoVersion)).getFunctions().stream()
                .map(FunctionMetadata::getCanonicalName)
                .collect(toImmutableSet());
    }
}
