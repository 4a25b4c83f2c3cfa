package io.nostro.toolkit;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.SetMultimap;
import io.nostro.functions.Argument;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.Example;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.spi.function.AggregationFunction;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.LongVariableConstraint;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.Signature;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static com.google.common.collect.Iterables.getOnlyElement;

/**
 * Reads declarations of functions with Trino's own parser of annotations, so that the catalogue says what the server
 * sees. What Trino does not read are the arguments' names, which are the Java parameters', the examples, and what
 * {@link DeclaredDocumentation} finds.
 */
public final class CatalogueReader
{
    private CatalogueReader() {}

    /**
     * The catalogue of what the classes declare.
     *
     * @param trinoVersion the version whose parser and SPI are on the class path
     * @param classes those that declare functions of the server
     * @param connectorClasses those that declare functions of a connector's catalogs, by the connector's name
     * @throws IllegalArgumentException when a declaration is incomplete, contradicts that of another overload, or says what an argument means that no function has
     */
    public static FunctionCatalogue read(String trinoVersion, Collection<Class<?>> classes, Map<String, ? extends Collection<Class<?>>> connectorClasses)
    {
        Map<String, List<Declaration>> declarations = new TreeMap<>();
        for (Class<?> clazz : classes) {
            for (FunctionMetadata metadata : InternalFunctionBundle.extractFunctions(clazz).getFunctions()) {
                declarations.computeIfAbsent(metadata.getCanonicalName(), _ -> new ArrayList<>())
                        .add(new Declaration(clazz, metadata, null));
            }
        }
        connectorClasses.forEach((connector, declaring) -> {
            for (Class<?> clazz : declaring) {
                for (DeclaredFunction function : DeclaredFunction.of(clazz)) {
                    declarations.computeIfAbsent(function.metadata().getCanonicalName(), _ -> new ArrayList<>())
                            .add(new Declaration(clazz, function.metadata(), connector));
                }
            }
        });
        SetMultimap<AnnotatedElement, String> argumentNames = HashMultimap.create();
        FunctionCatalogue catalogue = new FunctionCatalogue(
                trinoVersion,
                declarations.entrySet().stream()
                        .map(entry -> function(entry.getKey(), entry.getValue(), argumentNames))
                        .toList());
        argumentNames.asMap().forEach((element, names) -> {
            for (Argument argument : element.getAnnotationsByType(Argument.class)) {
                checkArgument(names.contains(argument.name()), "%s says what the argument %s means, which no function has there", element, argument.name());
            }
        });
        return catalogue;
    }

    /**
     * @param argumentNames takes the names of the function's arguments for each element that may say what they mean
     */
    private static FunctionCatalogue.Function function(String name, List<Declaration> unordered, SetMultimap<AnnotatedElement, String> argumentNames)
    {
        List<Declaration> declarations = unordered.stream()
                .sorted(Comparator.<Declaration>comparingInt(declaration -> declaration.metadata().getSignature().getArgumentTypes().size())
                        .thenComparing(declaration -> declaration.metadata().getSignature().toString()))
                .toList();
        List<FunctionCatalogue.Signature> signatures = new ArrayList<>();
        List<AnnotatedElement> annotatedElements = new ArrayList<>();
        ImmutableList.Builder<FunctionCatalogue.Example> examples = ImmutableList.builder();
        for (Declaration declaration : declarations) {
            List<Method> methods = DeclaredMethods.of(declaration.clazz(), declaration.metadata());
            checkArgument(!methods.isEmpty(), "No Java method found for the declaration of %s in %s", name, declaration.clazz());
            checkArgument(!declaration.metadata().getDescription().isEmpty(), "%s has no description", name);
            signatures.add(signature(declaration, methods));
            AnnotatedElement annotated = declaration.isDeclaredByClass() ? declaration.clazz() : getOnlyElement(methods);
            annotatedElements.add(annotated);
            Example[] declared = annotated.getAnnotationsByType(Example.class);
            checkArgument(declared.length >= 2, "%s has %s examples; at least two are wanted, of which one is an edge case", name, declared.length);
            for (Example example : declared) {
                examples.add(new FunctionCatalogue.Example(example.sql(), example.result()));
            }
        }
        DeclaredDocumentation documentation = new DeclaredDocumentation(name, annotatedElements);
        Set<String> arguments = signatures.stream()
                .flatMap(signature -> signature.argumentNames().stream())
                .collect(toImmutableSet());
        documentation.elements().forEach(element -> argumentNames.putAll(element, arguments));
        FunctionMetadata first = declarations.getFirst().metadata();
        return new FunctionCatalogue.Function(
                name,
                first.getKind().name().toLowerCase(Locale.ENGLISH),
                first.getDescription(),
                family(declarations.getFirst().clazz()),
                declarations.getFirst().connector(),
                signatures,
                declarations.stream().allMatch(declaration -> declaration.metadata().isDeterministic()),
                documentation.source(),
                arguments.stream()
                        .map(argument -> new FunctionCatalogue.Argument(argument, documentation.meaning(argument)))
                        .toList(),
                documentation.errors(),
                examples.build());
    }

    private static FunctionCatalogue.Signature signature(Declaration declaration, List<Method> methods)
    {
        FunctionMetadata metadata = declaration.metadata();
        List<List<String>> names = methods.stream()
                .map(DeclaredMethods::argumentNames)
                .distinct()
                .toList();
        checkArgument(names.size() == 1, "The overloads of %s name their arguments differently: %s", metadata.getCanonicalName(), names);
        Signature signature = metadata.getSignature();
        String returnType = signature.getReturnType().toString();
        for (LongVariableConstraint constraint : signature.getLongVariableConstraints()) {
            returnType = returnType.replaceAll("\\b" + constraint.getName() + "\\b", constraint.getExpression());
        }
        return new FunctionCatalogue.Signature(
                signature.getArgumentTypes().stream()
                        .map(Object::toString)
                        .toList(),
                names.getFirst(),
                returnType,
                metadata.getDescription(),
                new FunctionCatalogue.Binding(
                        declaration.clazz().getName(),
                        signature.getReturnType().toString(),
                        signature.getLongVariableConstraints().stream()
                                .collect(toImmutableMap(LongVariableConstraint::getName, LongVariableConstraint::getExpression))));
    }

    private static String family(Class<?> clazz)
    {
        String packageName = clazz.getPackageName();
        return packageName.substring(packageName.lastIndexOf('.') + 1);
    }

    private record Declaration(Class<?> clazz, FunctionMetadata metadata, String connector)
    {
        boolean isDeclaredByClass()
        {
            return clazz.isAnnotationPresent(ScalarFunction.class) || clazz.isAnnotationPresent(AggregationFunction.class);
        }
    }
}
