package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.trino.spi.type.Type;

import java.util.List;
import java.util.Map;

import static java.util.Objects.requireNonNull;

/**
 * What a call of a function was resolved to.
 *
 * @param overload the place of the declared signature among the function's, from 0
 * @param argumentTypes the types to which the call's arguments are coerced
 * @param longVariables the values of the declared signature's variables, those that are calculated included
 */
public record BoundSignature(int overload, List<Type> argumentTypes, Type returnType, Map<String, Long> longVariables)
{
    public BoundSignature
    {
        argumentTypes = ImmutableList.copyOf(argumentTypes);
        requireNonNull(returnType, "returnType is null");
        longVariables = ImmutableMap.copyOf(longVariables);
    }
}
