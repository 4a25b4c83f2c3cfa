package io.nostro.toolkit;

import com.google.common.collect.ImmutableMap;

import java.util.List;
import java.util.Map;

import static java.util.Objects.requireNonNull;

/**
 * What can be known of functions without running them. Its JSON form is what other languages read.
 */
public record FunctionCatalogue(String trinoVersion, List<Function> functions)
{
    public FunctionCatalogue
    {
        requireNonNull(trinoVersion, "trinoVersion is null");
        functions = List.copyOf(functions);
    }

    /**
     * One function with all its signatures.
     *
     * @param kind {@code scalar} or {@code aggregate}
     * @param description the description of the first signature
     * @param family the last part of the package that declares the function
     * @param connector the connector whose catalogs have the function; null when it is of the server, for all catalogs
     * @param signatures those of fewer arguments first
     * @param source the standard, regulation, book or product that the function follows
     * @param arguments the arguments of all signatures, each name once, as one means the same in every signature
     * @param errors when the function fails; empty when it never does
     */
    public record Function(
            String name,
            String kind,
            String description,
            String family,
            String connector,
            List<Signature> signatures,
            boolean deterministic,
            String source,
            List<Argument> arguments,
            List<ErrorCondition> errors,
            List<Example> examples)
    {
        public Function
        {
            requireNonNull(name, "name is null");
            requireNonNull(kind, "kind is null");
            requireNonNull(description, "description is null");
            requireNonNull(family, "family is null");
            signatures = List.copyOf(signatures);
            requireNonNull(source, "source is null");
            arguments = List.copyOf(arguments);
            errors = List.copyOf(errors);
            examples = List.copyOf(examples);
        }
    }

    /**
     * One signature of a function.
     *
     * @param arguments SQL types, whose lower case parameters are variables, such as {@code decimal(p,s)}
     * @param returnType an SQL type, in which calculated variables are written out, such as {@code decimal(min(38, p + 1),s)}
     * @param binding what a call outside the server is bound with
     */
    public record Signature(List<String> arguments, List<String> argumentNames, String returnType, String description, Binding binding)
    {
        public Signature
        {
            arguments = List.copyOf(arguments);
            argumentNames = List.copyOf(argumentNames);
            requireNonNull(returnType, "returnType is null");
            requireNonNull(description, "description is null");
            requireNonNull(binding, "binding is null");
        }
    }

    /**
     * Where a signature is, and how its result's type follows from the arguments'.
     *
     * @param declaringClass the Java class that declares it
     * @param returnType an SQL type whose parameters may be variables, also calculated ones
     * @param longVariables the calculated variables' expressions, in the order in which they are calculated
     */
    public record Binding(String declaringClass, String returnType, Map<String, String> longVariables)
    {
        public Binding
        {
            requireNonNull(declaringClass, "declaringClass is null");
            requireNonNull(returnType, "returnType is null");
            longVariables = ImmutableMap.copyOf(longVariables);
        }
    }

    /**
     * What an argument of a function means.
     */
    public record Argument(String name, String meaning)
    {
        public Argument
        {
            requireNonNull(name, "name is null");
            requireNonNull(meaning, "meaning is null");
        }
    }

    /**
     * An error of a function.
     *
     * @param code Trino's name of the error
     * @param when what makes the function fail with it
     */
    public record ErrorCondition(String code, String when)
    {
        public ErrorCondition
        {
            requireNonNull(code, "code is null");
            requireNonNull(when, "when is null");
        }
    }

    /**
     * One example of a function.
     *
     * @param sql an expression, or for an aggregate a query
     * @param result its value as JSON text
     */
    public record Example(String sql, String result)
    {
        public Example
        {
            requireNonNull(sql, "sql is null");
            requireNonNull(result, "result is null");
        }
    }
}
