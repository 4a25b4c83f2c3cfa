package io.nostro.toolkit;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Source;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Member;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static com.google.common.collect.Iterables.getOnlyElement;
import static java.util.Objects.requireNonNull;

/**
 * What is declared of a function besides what Trino reads. The nearest annotation counts: one on the methods of the
 * function's overloads, or the classes that are overloads; else one on the classes that the methods are in; else one on
 * their packages.
 */
final class DeclaredDocumentation
{
    private final String function;
    private final List<Set<AnnotatedElement>> levels;

    /**
     * @param declarations the methods, or the classes of those that are functions as a whole, that declare the overloads
     */
    DeclaredDocumentation(String function, Collection<AnnotatedElement> declarations)
    {
        this.function = requireNonNull(function, "function is null");
        this.levels = ImmutableList.of(
                ImmutableSet.copyOf(declarations),
                declarations.stream().map(DeclaredDocumentation::declaringClass).collect(toImmutableSet()),
                declarations.stream().map(DeclaredDocumentation::declaringClass).map(Class::getPackage).collect(toImmutableSet()));
    }

    /**
     * The declarations, their classes and their packages.
     */
    Stream<AnnotatedElement> elements()
    {
        return levels.stream().flatMap(Set::stream);
    }

    String source()
    {
        String source = nearest(Source.class, "source").map(Source::value).orElse("");
        checkArgument(!source.isBlank(), "%s has no source; accepted is a @Source on its method, its class or its package", function);
        return source;
    }

    String meaning(String argument)
    {
        for (Set<AnnotatedElement> level : levels) {
            Set<String> meanings = level.stream()
                    .flatMap(element -> Arrays.stream(element.getAnnotationsByType(Argument.class)))
                    .filter(declared -> declared.name().equals(argument))
                    .map(Argument::meaning)
                    .collect(toImmutableSet());
            checkArgument(meanings.size() <= 1, "%s gives its argument %s more than one meaning: %s", function, argument, meanings);
            if (!meanings.isEmpty()) {
                String meaning = getOnlyElement(meanings);
                checkArgument(!meaning.isBlank(), "%s gives its argument %s an empty meaning", function, argument);
                return meaning;
            }
        }
        throw new IllegalArgumentException("%s does not say what its argument %s means; accepted is an @Argument on its method, its class or its package".formatted(function, argument));
    }

    List<FunctionCatalogue.ErrorCondition> errors()
    {
        Optional<Errors> declared = nearest(Errors.class, "errors");
        if (function.endsWith("_is_valid")) {
            return ImmutableList.of();
        }
        Errors errors = declared.orElseThrow(() -> new IllegalArgumentException(
                "%s does not say when it fails; accepted is an @Errors on its method, its class or its package, which is empty when it never does".formatted(function)));
        return Stream.of(
                        condition("INVALID_FUNCTION_ARGUMENT", errors.invalidArgument()),
                        condition("NUMERIC_VALUE_OUT_OF_RANGE", errors.outOfRange()),
                        condition("DIVISION_BY_ZERO", errors.divisionByZero()))
                .filter(Objects::nonNull)
                .toList();
    }

    private static FunctionCatalogue.ErrorCondition condition(String code, String when)
    {
        return when.isEmpty() ? null : new FunctionCatalogue.ErrorCondition(code, when);
    }

    private <T extends Annotation> Optional<T> nearest(Class<T> type, String subject)
    {
        for (Set<AnnotatedElement> level : levels) {
            Set<T> declared = level.stream()
                    .map(element -> element.getDeclaredAnnotation(type))
                    .filter(Objects::nonNull)
                    .collect(toImmutableSet());
            checkArgument(declared.size() <= 1, "The overloads of %s declare different %s: %s", function, subject, declared);
            if (!declared.isEmpty()) {
                return Optional.of(getOnlyElement(declared));
            }
        }
        return Optional.empty();
    }

    private static Class<?> declaringClass(AnnotatedElement declaration)
    {
        return declaration instanceof Member member ? member.getDeclaringClass() : (Class<?>) declaration;
    }
}
