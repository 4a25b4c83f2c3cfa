package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.trino.spi.type.TypeSignature;

import java.util.List;
import java.util.Map;

import static java.util.Objects.requireNonNull;

/**
 * A signature of a function as declared: types with long variables, such as {@code decimal(p,s)}. It has no variables that
 * stand for types, and always the same number of arguments.
 *
 * @param longVariableExpressions how variables of the return type are calculated from those of the arguments, such as
 *         {@code min(38, p + 1)}, in the order in which they are; an expression may have the variables before it
 */
public record SignatureDeclaration(List<TypeSignature> argumentTypes, TypeSignature returnType, Map<String, String> longVariableExpressions)
{
    public SignatureDeclaration
    {
        argumentTypes = ImmutableList.copyOf(argumentTypes);
        requireNonNull(returnType, "returnType is null");
        longVariableExpressions = ImmutableMap.copyOf(longVariableExpressions);
    }
}
