package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowBuilder;
import io.nostro.toolkit.arrow.ArrowResult;
import io.nostro.toolkit.arrow.ArrowType;
import io.nostro.toolkit.binding.BoundSignature;
import io.trino.spi.function.AccumulatorState;
import io.trino.spi.function.AccumulatorStateFactory;

import java.lang.invoke.MethodHandle;
import java.util.List;

import static java.lang.invoke.MethodType.methodType;
import static java.util.Objects.requireNonNull;

/**
 * An aggregate for arguments of certain types. It may be used by many threads at once, each with an accumulation of its own.
 */
public final class AggregateCall
{
    private final List<ArrowType> types;
    private final BoundSignature signature;
    private final AccumulatorStateFactory<?> states;
    private final MethodHandle loop;
    private final MethodHandle output;

    /**
     * @param types of the arguments as they are given
     * @param input the aggregate's input as {@link Implementations#input} gives it
     * @param output its output as {@link Implementations#output} gives it
     */
    AggregateCall(List<ArrowType> types, BoundSignature signature, AccumulatorStateFactory<?> states, MethodHandle input, MethodHandle output)
    {
        this.types = ImmutableList.copyOf(types);
        this.signature = requireNonNull(signature, "signature is null");
        this.states = requireNonNull(states, "states is null");
        this.loop = RowLoops.loop(AggregateRowLoop.class, methodType(void.class, Columns.class, int.class, AccumulatorState.class, int[].class), input);
        this.output = requireNonNull(output, "output is null");
    }

    /**
     * The type of the results as {@link ArrowResult#format} has it.
     */
    public String resultFormat()
    {
        return ArrowBuilder.of(signature.returnType()).build().format();
    }

    /**
     * An accumulation of all rows.
     */
    public Accumulation accumulateAll()
    {
        return new Accumulation(types, signature, states.createSingleState(), loop, output);
    }

    /**
     * An accumulation of the rows of each group.
     */
    public Accumulation accumulateGroups()
    {
        return new Accumulation(types, signature, (AccumulatorState) states.createGroupedState(), loop, output);
    }
}
