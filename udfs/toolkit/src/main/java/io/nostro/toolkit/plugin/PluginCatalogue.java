package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.DeclaredMethods;
import io.nostro.toolkit.FunctionCatalogue;
import io.trino.spi.function.FunctionKind;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.LongVariableConstraint;
import io.trino.spi.function.TypeVariableConstraint;
import io.trino.spi.type.TypeManager;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static io.nostro.toolkit.plugin.StoredTypes.storedType;
import static java.util.Objects.requireNonNull;

/**
 * Says of a plugin's functions what Nostro's catalogue says of its own, as far as a plugin tells.
 */
final class PluginCatalogue
{
    private final TypeManager typeManager;

    PluginCatalogue(TypeManager typeManager)
    {
        this.typeManager = requireNonNull(typeManager, "typeManager is null");
    }

    /**
     * A function of a plugin.
     *
     * @param storedResults for each signature the type as which Arrow has its results, or null where that follows the arguments
     * @param variableArity whether the last argument of a signature may be given any number of times
     */
    record Function(FunctionCatalogue.Function function, List<String> storedResults, boolean variableArity) {}

    /**
     * A declared function, and the class that declares it.
     */
    record Declaration(Class<?> clazz, FunctionMetadata metadata) {}

    Function function(String name, List<Declaration> declarations)
    {
        List<FunctionCatalogue.Signature> signatures = declarations.stream()
                .map(PluginCatalogue::signature)
                .collect(toImmutableList());
        FunctionMetadata first = declarations.getFirst().metadata();
        return new Function(
                new FunctionCatalogue.Function(
                        name,
                        first.getKind() == FunctionKind.AGGREGATE ? "aggregate" : "scalar",
                        first.getDescription(),
                        "plugin",
                        null,
                        signatures,
                        declarations.stream().allMatch(declaration -> declaration.metadata().isDeterministic()),
                        declarations.getFirst().clazz().getName(),
                        ImmutableList.of(),
                        ImmutableList.of(),
                        ImmutableList.of()),
                declarations.stream()
                        .map(declaration -> storedResult(declaration.metadata()))
                        .toList(),
                declarations.stream().anyMatch(declaration -> declaration.metadata().getSignature().isVariableArity()));
    }

    /**
     * Why a function cannot be called with columns of Arrow's, if so.
     */
    Optional<String> obstacle(FunctionMetadata function)
    {
        if (function.getKind() == FunctionKind.WINDOW) {
            return Optional.of("a window function is called by an engine's window operator only");
        }
        Set<String> variables = typeVariables(function);
        List<TypeSignature> types = ImmutableList.<TypeSignature>builder()
                .addAll(function.getSignature().getArgumentTypes())
                .add(function.getSignature().getReturnType())
                .build();
        for (TypeSignature type : types) {
            if (type.getBase().toLowerCase(Locale.ENGLISH).equals("function")) {
                return Optional.of("a lambda, which it takes, is no value of a column");
            }
            if (isOfNoVariable(type, variables)) {
                try {
                    storedType(typeManager.getType(type));
                }
                catch (RuntimeException e) {
                    return Optional.of(e.getMessage());
                }
            }
        }
        return Optional.empty();
    }

    /**
     * The type of a result as Arrow has it, or null where that follows the arguments.
     */
    private String storedResult(FunctionMetadata function)
    {
        TypeSignature type = function.getSignature().getReturnType();
        return isOfNoVariable(type, typeVariables(function)) ? storedType(typeManager.getType(type)).getTypeSignature().toString() : null;
    }

    static Set<String> typeVariables(FunctionMetadata function)
    {
        return function.getSignature().getTypeVariableConstraints().stream()
                .map(TypeVariableConstraint::getName)
                .collect(toImmutableSet());
    }

    /**
     * Whether the type is the same whatever the arguments are.
     */
    static boolean isOfNoVariable(TypeSignature type, Set<String> variables)
    {
        return !variables.contains(type.getBase()) && type.getParameters().stream().allMatch(parameter -> isOfNoVariable(parameter, variables));
    }

    private static boolean isOfNoVariable(TypeSignatureParameter parameter, Set<String> variables)
    {
        return !parameter.isVariable() && parameter.getTypeSignatureOrNamedTypeSignature().map(type -> isOfNoVariable(type, variables)).orElse(true);
    }

    private static FunctionCatalogue.Signature signature(Declaration declaration)
    {
        FunctionMetadata metadata = declaration.metadata();
        int arguments = metadata.getSignature().getArgumentTypes().size();
        List<String> names = DeclaredMethods.of(declaration.clazz(), metadata).stream()
                .map(DeclaredMethods::argumentNames)
                .findFirst()
                .orElseGet(() -> IntStream.rangeClosed(1, arguments).mapToObj(number -> "argument" + number).toList());
        return new FunctionCatalogue.Signature(
                metadata.getSignature().getArgumentTypes().stream().map(TypeSignature::toString).toList(),
                names,
                metadata.getSignature().getReturnType().toString(),
                metadata.getDescription(),
                new FunctionCatalogue.Binding(
                        declaration.clazz().getName(),
                        metadata.getSignature().getReturnType().toString(),
                        metadata.getSignature().getLongVariableConstraints().stream()
                                .collect(toImmutableMap(LongVariableConstraint::getName, LongVariableConstraint::getExpression))));
    }
}
