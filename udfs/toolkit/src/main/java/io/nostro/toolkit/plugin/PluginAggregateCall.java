package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowBuilder;
import io.nostro.toolkit.arrow.ArrowType;
import io.trino.operator.aggregation.AccumulatorFactory;
import io.trino.spi.type.Type;

import java.util.List;

import static java.util.Objects.requireNonNull;

/**
 * An aggregate of a plugin for arguments of certain types. It may be used by many threads at once, each with an accumulation
 * of its own.
 */
public final class PluginAggregateCall
{
    private final List<ArrowType> types;
    private final List<Type> argumentTypes;
    private final Type returnType;
    private final String resultType;
    private final AccumulatorFactory accumulators;

    PluginAggregateCall(List<ArrowType> types, List<Type> argumentTypes, Type returnType, String resultType, AccumulatorFactory accumulators)
    {
        this.types = ImmutableList.copyOf(types);
        this.argumentTypes = ImmutableList.copyOf(argumentTypes);
        this.returnType = requireNonNull(returnType, "returnType is null");
        this.resultType = requireNonNull(resultType, "resultType is null");
        this.accumulators = requireNonNull(accumulators, "accumulators is null");
    }

    /**
     * The type of the results as {@link io.nostro.toolkit.arrow.ArrowResult#format} has it.
     */
    public String resultFormat()
    {
        return ArrowBuilder.of(returnType).build().format();
    }

    /**
     * The SQL type of the results if Arrow has it not, else empty.
     */
    public String resultType()
    {
        return resultType;
    }

    /**
     * An accumulation of all rows.
     */
    public PluginAccumulation accumulateAll()
    {
        return PluginAccumulation.ofAll(types, argumentTypes, returnType, accumulators);
    }

    /**
     * An accumulation of the rows of each group.
     */
    public PluginAccumulation accumulateGroups()
    {
        return PluginAccumulation.ofGroups(types, argumentTypes, returnType, accumulators);
    }
}
