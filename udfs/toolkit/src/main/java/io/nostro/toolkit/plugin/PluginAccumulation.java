package io.nostro.toolkit.plugin;

import com.google.common.collect.ImmutableList;
import io.nostro.toolkit.arrow.ArrowBuilder;
import io.nostro.toolkit.arrow.ArrowColumn;
import io.nostro.toolkit.arrow.ArrowResult;
import io.nostro.toolkit.arrow.ArrowType;
import io.nostro.toolkit.call.Arguments;
import io.nostro.toolkit.call.FunctionFailure;
import io.nostro.toolkit.call.GroupNumbers;
import io.trino.operator.aggregation.Accumulator;
import io.trino.operator.aggregation.AccumulatorFactory;
import io.trino.operator.aggregation.AggregationMaskBuilder;
import io.trino.operator.aggregation.GroupedAccumulator;
import io.trino.spi.Page;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Type;

import java.util.List;
import java.util.Optional;

import static com.google.common.base.Preconditions.checkArgument;
import static io.nostro.toolkit.call.Arguments.ROWS;
import static java.util.Collections.nCopies;
import static java.util.Objects.requireNonNull;

/**
 * What an aggregate of a plugin has gathered of the rows added so far, in an accumulator that Trino has compiled. For one
 * thread at a time.
 */
public final class PluginAccumulation
{
    private final List<ArrowType> types;
    private final List<Type> argumentTypes;
    private final Type returnType;
    private final Optional<Accumulator> ofAll;
    private final Optional<GroupedAccumulator> ofGroups;
    private final AggregationMaskBuilder masks;

    private PluginAccumulation(List<ArrowType> types, List<Type> argumentTypes, Type returnType, Optional<Accumulator> ofAll, Optional<GroupedAccumulator> ofGroups, AggregationMaskBuilder masks)
    {
        this.types = ImmutableList.copyOf(types);
        this.argumentTypes = ImmutableList.copyOf(argumentTypes);
        this.returnType = requireNonNull(returnType, "returnType is null");
        this.ofAll = requireNonNull(ofAll, "ofAll is null");
        this.ofGroups = requireNonNull(ofGroups, "ofGroups is null");
        this.masks = requireNonNull(masks, "masks is null");
    }

    static PluginAccumulation ofAll(List<ArrowType> types, List<Type> argumentTypes, Type returnType, AccumulatorFactory accumulators)
    {
        return new PluginAccumulation(types, argumentTypes, returnType, Optional.of(accumulators.createAccumulator(ImmutableList.of())), Optional.empty(), accumulators.createAggregationMaskBuilder());
    }

    static PluginAccumulation ofGroups(List<ArrowType> types, List<Type> argumentTypes, Type returnType, AccumulatorFactory accumulators)
    {
        return new PluginAccumulation(types, argumentTypes, returnType, Optional.empty(), Optional.of(accumulators.createGroupedAccumulator(ImmutableList.of())), accumulators.createAggregationMaskBuilder());
    }

    /**
     * Adds rows to all.
     *
     * @param columns the arguments as {@link ArrowColumn#allOf} has them, each of so many values as there are rows or, for a constant, of one
     * @throws FunctionFailure when the aggregate fails
     */
    public void add(long[] columns, boolean[] constants, long count)
    {
        Accumulator accumulator = ofAll.orElseThrow(() -> new IllegalArgumentException("The rows' groups are not given"));
        Arguments arguments = arguments(ArrowColumn.allOf(types, columns), constants);
        for (long from = 0; from < count; from += ROWS) {
            Page page = arguments.read(from, (int) Math.min(ROWS, count - from)).page();
            run(() -> accumulator.addInput(page, masks.buildAggregationMask(page, Optional.empty())));
        }
    }

    /**
     * Adds rows to their groups.
     *
     * @param columns as above, and the number of each row's group as the last: an int32 from 0 to below the count of groups
     * @throws FunctionFailure when the aggregate fails
     */
    public void add(long[] columns, boolean[] constants, long count, int groupCount)
    {
        GroupedAccumulator accumulator = ofGroups.orElseThrow(() -> new IllegalArgumentException("The rows are of no groups"));
        accumulator.setGroupCount(groupCount);
        List<ArrowColumn> given = ArrowColumn.allOf(GroupNumbers.appendType(types), columns);
        Arguments arguments = arguments(given.subList(0, types.size()), constants);
        GroupNumbers groups = new GroupNumbers(given.getLast(), groupCount);
        for (long from = 0; from < count; from += ROWS) {
            int read = (int) Math.min(ROWS, count - from);
            Page page = arguments.read(from, read).page();
            int[] numbers = groups.read(from, read);
            run(() -> accumulator.addInput(numbers, page, masks.buildAggregationMask(page, Optional.empty())));
        }
    }

    /**
     * The aggregate's result for each group, or for all rows as one value. It can be asked for once.
     */
    public ArrowResult results(int groupCount)
    {
        checkArgument(ofGroups.isPresent() || groupCount == 1, "All rows have one result, not %s", groupCount);
        ofGroups.ifPresent(accumulator -> {
            accumulator.setGroupCount(groupCount);
            run(accumulator::prepareFinal);
        });
        ArrowBuilder results = ArrowBuilder.of(returnType);
        for (int from = 0; from < groupCount; from += ROWS) {
            int written = Math.min(ROWS, groupCount - from);
            BlockBuilder block = returnType.createBlockBuilder(null, written);
            for (int group = from; group < from + written; group++) {
                write(group, block);
            }
            results.append(block.build());
        }
        return results.build();
    }

    private Arguments arguments(List<ArrowColumn> columns, boolean[] constants)
    {
        // what to do with a NULL, masks know
        return new Arguments(argumentTypes, columns, constants, nCopies(types.size(), true));
    }

    private void write(int group, BlockBuilder block)
    {
        try {
            ofAll.ifPresent(accumulator -> accumulator.evaluateFinal(block));
            ofGroups.ifPresent(accumulator -> accumulator.evaluateFinal(group, block));
        }
        catch (RuntimeException e) {
            throw FunctionFailure.ofGroup(ofAll.isPresent() ? 0 : group, e);
        }
    }

    private static void run(Runnable step)
    {
        try {
            step.run();
        }
        catch (RuntimeException e) {
            throw FunctionFailure.ofSomeRow(e);
        }
    }
}
