package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.nostro.toolkit.arrow.ArrowType;
import io.nostro.toolkit.call.ScalarCall;
import io.trino.metadata.FunctionManager;
import io.trino.metadata.Metadata;
import io.trino.metadata.ResolvedFunction;
import io.trino.operator.aggregation.AccumulatorCompiler;
import io.trino.spi.TrinoException;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import io.trino.spi.type.TypeSignature;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.Iterables.getOnlyElement;
import static io.nostro.toolkit.plugin.PluginCatalogue.isOfNoVariable;
import static io.nostro.toolkit.plugin.PluginCatalogue.typeVariables;
import static io.nostro.toolkit.plugin.StoredTypes.storedType;
import static io.trino.spi.StandardErrorCode.AMBIGUOUS_FUNCTION_CALL;
import static io.trino.spi.StandardErrorCode.FUNCTION_NOT_FOUND;
import static io.trino.sql.analyzer.TypeSignatureProvider.fromTypes;
import static io.trino.type.UnknownType.UNKNOWN;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * A function of a plugin, with all its signatures, resolved by Trino as it resolves them in a query.
 */
public final class PluginFunction
{
    private final String name;
    private final List<FunctionMetadata> overloads;
    private final TypeManager typeManager;
    private final Metadata metadata;
    private final FunctionManager functionManager;

    PluginFunction(String name, List<FunctionMetadata> overloads, TypeManager typeManager, Metadata metadata, FunctionManager functionManager)
    {
        this.name = requireNonNull(name, "name is null");
        this.overloads = ImmutableList.copyOf(overloads);
        this.typeManager = requireNonNull(typeManager, "typeManager is null");
        this.metadata = requireNonNull(metadata, "metadata is null");
        this.functionManager = requireNonNull(functionManager, "functionManager is null");
    }

    /**
     * The scalar function for arguments of the types.
     *
     * @param typeNames the SQL types of columns that have one that Arrow has not, else empty
     * @throws TrinoException when no signature takes them
     * @throws IllegalArgumentException when Arrow has no counterpart of the result's type
     */
    public BoundScalar scalar(List<ArrowType> arguments, List<String> typeNames)
    {
        ResolvedFunction function = resolve(arguments, typeNames);
        Type returnType = function.signature().getReturnType();
        return new BoundScalar(
                new ScalarCall(
                        arguments,
                        storedTypes(function.signature().getArgumentTypes()),
                        function.functionNullability().getArgumentNullable(),
                        storedType(returnType),
                        ScalarHandles.handle(functionManager, function)),
                ownName(returnType));
    }

    /**
     * The aggregate for arguments of the types, as above.
     */
    public PluginAggregateCall aggregate(List<ArrowType> arguments, List<String> typeNames)
    {
        ResolvedFunction function = resolve(arguments, typeNames);
        Type returnType = function.signature().getReturnType();
        return new PluginAggregateCall(
                arguments,
                storedTypes(function.signature().getArgumentTypes()),
                storedType(returnType),
                ownName(returnType),
                AccumulatorCompiler.generateAccumulatorFactory(function.signature(), functionManager.getAggregationImplementation(function), function.functionNullability(), true));
    }

    private ResolvedFunction resolve(List<ArrowType> arguments, List<String> typeNames)
    {
        ImmutableList.Builder<Type> builder = ImmutableList.builder();
        for (int index = 0; index < arguments.size(); index++) {
            builder.add(typeNames.get(index).isEmpty() ? trinoType(arguments.get(index)) : typeManager.fromSqlType(typeNames.get(index)));
        }
        List<Type> types = builder.build();
        try {
            return metadata.resolveBuiltinFunction(name, fromTypes(types));
        }
        catch (TrinoException e) {
            if (!e.getErrorCode().equals(FUNCTION_NOT_FOUND.toErrorCode())) {
                throw e;
            }
            return resolveStored(types).orElseThrow(() -> e);
        }
    }

    /**
     * The signature that takes the columns as stored values of types that Arrow has not: bytes as a Geometry, say.
     */
    private Optional<ResolvedFunction> resolveStored(List<Type> types)
    {
        Set<ResolvedFunction> found = overloads.stream()
                .filter(overload -> overload.getSignature().getArgumentTypes().size() == types.size())
                .map(overload -> declaredWhereStored(overload, types))
                .flatMap(taken -> {
                    try {
                        return Optional.of(metadata.resolveBuiltinFunction(name, fromTypes(taken))).stream();
                    }
                    catch (TrinoException _) {
                        // the next may take them
                        return Optional.<ResolvedFunction>empty().stream();
                    }
                })
                .collect(ImmutableSet.toImmutableSet());
        if (found.size() > 1) {
            throw new TrinoException(
                    AMBIGUOUS_FUNCTION_CALL,
                    "%s takes such columns as more than one type: %s".formatted(name, found.stream().map(function -> function.signature().toString()).collect(joining(", "))));
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(getOnlyElement(found));
    }

    private List<Type> declaredWhereStored(FunctionMetadata overload, List<Type> types)
    {
        Set<String> variables = typeVariables(overload);
        ImmutableList.Builder<Type> taken = ImmutableList.builder();
        for (int index = 0; index < types.size(); index++) {
            TypeSignature declared = overload.getSignature().getArgumentTypes().get(index);
            Type given = types.get(index);
            boolean isStored = isOfNoVariable(declared, variables) && storedType(typeManager.getType(declared)).equals(given);
            taken.add(isStored ? typeManager.getType(declared) : given);
        }
        return taken.build();
    }

    private static Type trinoType(ArrowType argument)
    {
        if (argument.isNull()) {
            return UNKNOWN;
        }
        return argument.isListOfNull() ? new ArrayType(UNKNOWN) : argument.trinoType();
    }

    private static List<Type> storedTypes(List<Type> types)
    {
        return types.stream().map(StoredTypes::storedType).collect(toImmutableList());
    }

    /**
     * The name of a type that Arrow has not, in lower case; of another one none.
     */
    private static String ownName(Type type)
    {
        return storedType(type).equals(type) ? "" : type.getDisplayName().toLowerCase(ENGLISH);
    }

    /**
     * A scalar function for arguments of certain types.
     *
     * @param resultType the SQL type of the results if Arrow has it not, else empty
     */
    public record BoundScalar(ScalarCall call, String resultType) {}
}
