package io.nostro.toolkit.plugin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ListMultimap;
import io.nostro.toolkit.plugin.PluginCatalogue.Declaration;
import io.trino.FeaturesConfig;
import io.trino.client.NodeVersion;
import io.trino.metadata.FunctionBundle;
import io.trino.metadata.FunctionManager;
import io.trino.metadata.GlobalFunctionCatalog;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.metadata.Metadata;
import io.trino.metadata.MetadataManager;
import io.trino.metadata.SystemFunctionBundle;
import io.trino.metadata.TypeRegistry;
import io.trino.server.PluginClassLoader;
import io.trino.server.PluginManager;
import io.trino.spi.Plugin;
import io.trino.spi.classloader.ThreadContextClassLoader;
import io.trino.spi.type.ParametricType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import io.trino.spi.type.TypeOperators;
import io.trino.type.BlockTypeOperators;
import io.trino.type.InternalTypeManager;

import java.net.URL;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;

/**
 * The functions of a Trino plugin, found and bound by the Trino in whose {@link PluginHost} this class is. They are resolved
 * among that Trino's own functions, of which a plugin's may make use. Many threads may call them.
 */
public final class PluginFunctions
{
    private final TypeManager typeManager;
    private final Metadata metadata;
    private final FunctionManager functionManager;
    private final PluginCatalogue catalogue;
    private final ListMultimap<String, Declaration> functions;
    private final Set<String> ownTypes;
    private final Map<String, String> leftOut = new TreeMap<>();

    private PluginFunctions(TypeManager typeManager, Metadata metadata, FunctionManager functionManager, List<Declaration> functions, Set<String> ownTypes)
    {
        this.ownTypes = ImmutableSet.copyOf(ownTypes);
        this.typeManager = requireNonNull(typeManager, "typeManager is null");
        this.metadata = requireNonNull(metadata, "metadata is null");
        this.functionManager = requireNonNull(functionManager, "functionManager is null");
        this.catalogue = new PluginCatalogue(typeManager);
        ImmutableListMultimap.Builder<String, Declaration> usable = ImmutableListMultimap.builder();
        for (Declaration function : functions) {
            Optional<String> obstacle = catalogue.obstacle(function.metadata());
            for (String name : function.metadata().getNames()) {
                if (obstacle.isPresent()) {
                    leftOut.put(name, obstacle.get());
                }
                else {
                    usable.put(name, function);
                }
            }
        }
        this.functions = usable.build();
        leftOut.keySet().removeAll(this.functions.keySet());
    }

    /**
     * The functions of the plugin in a directory.
     *
     * @throws IllegalArgumentException when it is none, or its classes cannot be loaded
     */
    public static PluginFunctions load(String directory)
    {
        Path path = Path.of(directory).toAbsolutePath().normalize();
        List<URL> jars = PluginHost.jars(path);
        checkArgument(!jars.isEmpty(), "%s is no directory of a Trino plugin: it has no jar", path);
        PluginClassLoader classLoader = PluginManager.createClassLoader(path.getFileName().toString(), jars);
        try (ThreadContextClassLoader _ = new ThreadContextClassLoader(classLoader)) {
            List<Plugin> plugins = ImmutableList.copyOf(ServiceLoader.load(Plugin.class, classLoader));
            checkArgument(!plugins.isEmpty(), "%s is no directory of a Trino plugin: no jar has a file META-INF/services/%s", path, Plugin.class.getName());
            return of(plugins);
        }
        catch (ServiceConfigurationError | LinkageError e) {
            throw new IllegalArgumentException("The plugin in %s cannot be loaded by this Trino: %s".formatted(path, e), e);
        }
    }

    private static PluginFunctions of(List<Plugin> plugins)
    {
        TypeOperators typeOperators = new TypeOperators();
        EngineParts parts = new EngineParts().with(TypeOperators.class, typeOperators);
        TypeRegistry types = parts.get(TypeRegistry.class);
        ImmutableSet.Builder<String> ownTypes = ImmutableSet.builder();
        for (Plugin plugin : plugins) {
            for (Type type : plugin.getTypes()) {
                types.addType(type);
                ownTypes.add(type.getBaseName().toLowerCase(ENGLISH));
            }
            for (ParametricType type : plugin.getParametricTypes()) {
                types.addParametricType(type);
                ownTypes.add(type.getName().toLowerCase(ENGLISH));
            }
        }
        TypeManager typeManager = new InternalTypeManager(types);
        parts.with(TypeManager.class, typeManager);
        parts.with(NodeVersion.class, NodeVersion.UNKNOWN);
        // the catalog finds the other two by providers, once they are there
        GlobalFunctionCatalog catalog = parts.get(GlobalFunctionCatalog.class);
        Metadata metadata = parts.get(MetadataManager.class);
        parts.with(Metadata.class, metadata);
        FunctionManager functionManager = parts.get(FunctionManager.class);
        catalog.addFunctions(systemFunctions(parts));
        ImmutableList.Builder<Declaration> functions = ImmutableList.builder();
        for (Plugin plugin : plugins) {
            for (Class<?> clazz : plugin.getFunctions()) {
                FunctionBundle bundle = InternalFunctionBundle.extractFunctions(clazz);
                catalog.addFunctions(bundle);
                bundle.getFunctions().stream()
                        // operators of its types are for Trino, and may be called by functions
                        .filter(function -> !function.getCanonicalName().startsWith("$"))
                        .forEach(function -> functions.add(new Declaration(clazz, function)));
            }
        }
        return new PluginFunctions(typeManager, metadata, functionManager, functions.build(), ownTypes.build());
    }

    private static FunctionBundle systemFunctions(EngineParts parts)
    {
        return SystemFunctionBundle.create(
                parts.get(FeaturesConfig.class),
                parts.get(TypeOperators.class),
                parts.get(BlockTypeOperators.class),
                NodeVersion.UNKNOWN);
    }

    /**
     * What is known of the functions, as JSON: the list of {@link PluginCatalogue.Function}.
     */
    public String catalogue()
            throws JsonProcessingException
    {
        return new ObjectMapper().writeValueAsString(functions.asMap().entrySet().stream()
                .map(entry -> catalogue.function(entry.getKey(), ImmutableList.copyOf(entry.getValue())))
                .collect(toImmutableList()));
    }

    /**
     * The names of the plugin's types, in lower case and without parameters.
     */
    public Set<String> ownTypes()
    {
        return ownTypes;
    }

    /**
     * Functions that cannot be called outside of an engine, with the reason.
     */
    public Map<String, String> leftOut()
    {
        return leftOut;
    }

    /**
     * The function of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public PluginFunction function(String name)
    {
        checkArgument(functions.containsKey(name), "The plugin has no function %s that can be called", name);
        return new PluginFunction(name, functions.get(name).stream().map(Declaration::metadata).toList(), typeManager, metadata, functionManager);
    }
}
