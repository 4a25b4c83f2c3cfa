package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.NostroFunctions;
import io.nostro.functions.vault.KeyPurpose;
import io.nostro.functions.vault.VaultFunctions;
import io.nostro.functions.vault.VaultKey;
import io.nostro.functions.vault.VaultKeys;
import io.nostro.functions.vault.VaultKeys.NamedKey;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.metadata.ResolvedFunction;
import io.trino.metadata.TestingFunctionResolution;
import io.trino.operator.PagesIndex;
import io.trino.operator.aggregation.Accumulator;
import io.trino.operator.aggregation.AccumulatorCompiler;
import io.trino.operator.aggregation.AccumulatorFactory;
import io.trino.operator.aggregation.AggregationMask;
import io.trino.operator.aggregation.GroupedAccumulator;
import io.trino.operator.window.PagesWindowIndex;
import io.trino.spi.Page;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.AggregationImplementation;
import io.trino.spi.function.InvocationConvention;
import io.trino.spi.function.WindowAccumulator;
import io.trino.spi.function.WindowIndex;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.NEVER_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationReturnConvention.NULLABLE_RETURN;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static io.trino.sql.analyzer.TypeSignatureProvider.fromTypes;
import static io.trino.testing.TestingSession.testSession;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every function that is declared, called with the whole of its arguments' types: a value, NULL, or an error that TRY
 * catches, the same when called again, and in a time that has a bound; and for aggregates, the same when the rows are
 * aggregated in parts, among other groups and as a sliding frame.
 *
 * <p>{@code nostro.fuzz.milliseconds} says for how long each function is called beyond the least number of calls,
 * {@code nostro.fuzz.only} which signatures, by a regular expression, and {@code nostro.fuzz.seed} with which inputs. The
 * calls of a seed are the same each time, in the same order.
 */
final class TestEveryFunctionIsTotal
{
    private static final long MILLISECONDS = Long.getLong("nostro.fuzz.milliseconds", 0);
    private static final int LEAST_CALLS_OF_A_SCALAR = 1_000;
    private static final int LEAST_CALLS_OF_AN_AGGREGATE = 100;
    private static final long SEED = Long.getLong("nostro.fuzz.seed", 1);
    private static final Pattern ONLY = Pattern.compile(System.getProperty("nostro.fuzz.only", ""));
    private static final Pattern LITERAL = Pattern.compile("'((?:[^']|'')*)'");
    private static final int TYPES = 12;

    private final TestingFunctionResolution resolution = new TestingFunctionResolution(InternalFunctionBundle.extractFunctions(NostroFunctions.FUNCTIONS));
    private final VaultFunctions vault = new VaultFunctions(new VaultKeys(ImmutableMap.of(
            "customers", key(KeyPurpose.TOKENIZE),
            "accounts", key(KeyPurpose.ENCRYPT))));

    @Test
    void testEveryFunction()
            throws IOException
    {
        List<FuzzedFunction> functions = FuzzedFunction.declared(NostroFunctions.class.getClassLoader()).stream()
                .filter(function -> ONLY.matcher(function.signature()).find())
                .toList();
        List<String> findings = new ArrayList<>();
        List<String> valueless = new ArrayList<>();
        SortedMap<String, SortedSet<String>> errorCodes = new TreeMap<>();
        long inputs = 0;
        for (FuzzedFunction function : functions) {
            Map<Outcome.Kind, Long> totals = new EnumMap<>(Outcome.Kind.class);
            CallWatch watch = new CallWatch();
            try (watch) {
                fuzz(function, totals, errorCodes.computeIfAbsent(function.name(), _ -> new TreeSet<>()), watch);
            }
            catch (Finding finding) {
                findings.add("%s, seed %s: %s (%s)".formatted(function.signature(), SEED, finding.getMessage(), finding.getCause()));
            }
            System.out.printf("%-60s %s, longest %s ms%n", function.signature(), totals, watch.longestMilliseconds());
            if (!totals.containsKey(Outcome.Kind.VALUE)) {
                valueless.add(function.signature());
            }
            inputs += totals.values().stream().mapToLong(Long::longValue).sum();
        }
        System.out.printf("%s functions, %s inputs, %s findings%n", functions.size(), inputs, findings.size());
        if (ONLY.pattern().isEmpty()) {
            writeErrorCodes(errorCodes);
        }
        assertThat(findings).isEmpty();
        assertThat(valueless).as("functions whose arguments were never good").isEmpty();
        assertThat(inputs).isGreaterThan(0);
    }

    /**
     * For the toolkit's test that holds them to what the functions are said to fail with.
     */
    private static void writeErrorCodes(SortedMap<String, SortedSet<String>> errorCodes)
            throws IOException
    {
        Path directory = Files.createDirectories(Path.of("target", "fuzzing"));
        Files.write(
                directory.resolve("error-codes.tsv"),
                errorCodes.entrySet().stream().map(entry -> entry.getKey() + "\t" + String.join(" ", entry.getValue())).toList());
    }

    private void fuzz(FuzzedFunction function, Map<Outcome.Kind, Long> totals, Set<String> errorCodes, CallWatch watch)
    {
        Random random = new Random(SEED + function.signature().hashCode());
        List<byte[]> literals = literals(function);
        ExampleCalls examples = ExampleCalls.of(function);
        ValueGenerator values = new ValueGenerator(random, literals);
        List<List<Type>> types = new ArrayList<>();
        List<List<List<Optional<Object>>>> exampleArguments = new ArrayList<>();
        List<Called> bound = new ArrayList<>();
        long end = System.nanoTime() + MILLISECONDS * 1_000_000;
        int least = function.isAggregate() ? LEAST_CALLS_OF_AN_AGGREGATE : LEAST_CALLS_OF_A_SCALAR;
        for (int call = 0; call < least || System.nanoTime() < end; call++) {
            if (bound.isEmpty() || (bound.size() < TYPES && random.nextInt(50) == 0)) {
                List<Type> argumentTypes = Signatures.argumentTypes(function, random);
                try {
                    bound.add(called(function, argumentTypes));
                    types.add(argumentTypes);
                    exampleArguments.add(examples.arguments(argumentTypes));
                }
                catch (TrinoException e) {
                    // scales that add up to more than a decimal has: refused when the query is planned
                    if (e.getMessage().contains("DECIMAL scale")) {
                        continue;
                    }
                    throw new Finding("can not be called with " + argumentTypes, e);
                }
            }
            int chosen = random.nextInt(bound.size());
            int count = function.isAggregate() ? random.nextInt(random.nextInt(50) == 0 ? 2_000 : 12) : 1;
            boolean repeating = random.nextInt(4) > 0;
            List<List<Optional<Object>>> good = exampleArguments.get(chosen);
            List<Object[]> rows = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                Object[] arguments = new Object[types.get(chosen).size()];
                Optional<List<Optional<Object>>> example = good.isEmpty() || random.nextBoolean() ? Optional.empty() : Optional.of(good.get(random.nextInt(good.size())));
                for (int i = 0; i < arguments.length; i++) {
                    Type type = types.get(chosen).get(i);
                    boolean parameter = repeating && row > 0 && type.getDisplayName().equals("double");
                    if (parameter && random.nextInt(3) > 0) {
                        arguments[i] = rows.getFirst()[i];
                    }
                    else if (example.isPresent() && example.orElseThrow().get(i).isPresent() && random.nextInt(12) > 0) {
                        Object given = example.orElseThrow().get(i).orElseThrow();
                        arguments[i] = random.nextInt(4) > 0 ? given : values.near(type, given);
                    }
                    else {
                        arguments[i] = value(values, literals, type, random);
                    }
                    if (function.isAggregate() && random.nextInt(20) == 0) {
                        arguments[i] = null;
                    }
                }
                rows.add(arguments);
            }
            Input input = new Input(types.get(chosen), rows);
            try {
                Outcome outcome = watch.watched(() -> function.signature() + " of " + input, () -> outcome(bound.get(chosen), input, random));
                totals.merge(outcome.kind(), 1L, Long::sum);
                if (outcome.kind() == Outcome.Kind.ERROR) {
                    errorCodes.add(outcome.errorCode());
                }
            }
            catch (Finding finding) {
                throw new Finding(finding.getMessage() + " of " + input, finding.getCause());
            }
        }
    }

    private static Object value(ValueGenerator values, List<byte[]> literals, Type type, Random random)
    {
        Object value = type instanceof VarcharType && !literals.isEmpty() && random.nextInt(5) > 0
                ? ValueGenerator.converted(VarcharType.VARCHAR, type, Slices.wrappedBuffer(literals.get(random.nextInt(literals.size()))))
                : values.fresh(type);
        if (random.nextInt(3) == 0) {
            value = values.near(type, value);
        }
        return random.nextInt(2_000) == 0 ? values.lengthened(type, value) : value;
    }

    private static Outcome outcome(Called function, Input input, Random random)
    {
        Outcome first = function.call(input);
        if (function instanceof Aggregate aggregate) {
            Outcome inParts = aggregate.callInParts(input, random);
            if (!first.agreesWith(inParts)) {
                throw new Finding("gave %s of all rows and %s of their parts".formatted(first, inParts));
            }
            aggregate.checkGroups(input, random);
            aggregate.checkFrames(input, random);
        }
        else if (random.nextInt(4) == 0) {
            Outcome again = function.call(input);
            if (!first.equals(again)) {
                throw new Finding("gave %s and then %s".formatted(first, again));
            }
        }
        return first;
    }

    private Called called(FuzzedFunction function, List<Type> types)
    {
        if (function.catalogMethod().isPresent()) {
            try {
                Method method = function.catalogMethod().orElseThrow();
                return scalar(MethodHandles.lookup().unreflect(method).bindTo(vault), VarcharType.VARCHAR);
            }
            catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        ResolvedFunction resolved = resolution.resolveFunction(function.name(), fromTypes(types));
        var functions = resolution.getPlannerContext().getFunctionManager();
        Type result = resolved.signature().getReturnType();
        if (function.isAggregate()) {
            Type state = resolution.getPlannerContext().getTypeManager().getType(resolution.getMetadata().getAggregationFunctionMetadata(testSession(), resolved).getIntermediateTypes().getFirst());
            AggregationImplementation implementation = functions.getAggregationImplementation(resolved);
            boolean slides = implementation.getWindowAccumulator().isPresent();
            return new Aggregate(
                    AccumulatorCompiler.generateAccumulatorFactory(resolved.signature(), implementation, resolved.functionNullability(), true),
                    AccumulatorCompiler.generateWindowAccumulatorClass(resolved.signature(), implementation, resolved.functionNullability()),
                    slides,
                    state,
                    result);
        }
        return scalar(
                functions.getScalarFunctionImplementation(resolved, new InvocationConvention(Collections.nCopies(types.size(), NEVER_NULL), NULLABLE_RETURN, false, false)).getMethodHandle(),
                result);
    }

    private static Called scalar(MethodHandle handle, Type result)
    {
        return new Scalar(handle.asType(handle.type().generic()).asSpreader(Object[].class, handle.type().parameterCount()), result);
    }

    private static List<byte[]> literals(FuzzedFunction function)
    {
        return ExampleCalls.examples(function)
                .flatMap(example -> LITERAL.matcher(example.sql()).results())
                .map((MatchResult literal) -> literal.group(1).replace("''", "'").getBytes(UTF_8))
                .toList();
    }

    private static NamedKey key(KeyPurpose purpose)
    {
        return new NamedKey(purpose, 1, ImmutableMap.of(1L, VaultKey.of(purpose, new byte[32])));
    }

    private sealed interface Called
            permits Scalar, Aggregate
    {
        Outcome call(Input input);
    }

    private record Scalar(MethodHandle handle, Type resultType)
            implements Called
    {
        @Override
        public Outcome call(Input input)
        {
            Object value;
            try {
                value = handle.invoke(input.rows().getFirst());
            }
            catch (Throwable thrown) {
                return Outcome.of(thrown, input);
            }
            if (value instanceof Slice text) {
                value = text.copy();
            }
            return Outcome.of(resultType, writeNativeValue(resultType, value), 0, input);
        }
    }

    /**
     * An aggregate as Trino's operators call it.
     *
     * @param slides whether it takes rows away again that a frame has left
     */
    private record Aggregate(
            AccumulatorFactory factory,
            Function<List<Supplier<Object>>, WindowAccumulator> windows,
            boolean slides,
            Type stateType,
            Type resultType)
            implements Called
    {
        private static final int MOST_GROUPS = 4;
        private static final int MOST_ROWS_OF_FRAMES = 40;

        @Override
        public Outcome call(Input input)
        {
            return call(input, input.allRows());
        }

        private Outcome call(Input input, int[] positions)
        {
            return outcome(input, () -> evaluated(aggregated(input, positions), input));
        }

        Outcome callInParts(Input input, Random random)
        {
            int[][] parts = divided(input.rows().size(), 1 + random.nextInt(MOST_GROUPS), random);
            return outcome(input, () -> {
                List<Block> states = new ArrayList<>();
                for (int[] part : parts) {
                    BlockBuilder state = stateType.createBlockBuilder(null, 1);
                    aggregated(input, part).evaluateIntermediate(state);
                    states.add(state.build());
                }
                Collections.shuffle(states, random);
                Accumulator total = factory.createIntermediateAccumulator(List.of());
                states.forEach(total::addIntermediate);
                return evaluated(total, input);
            });
        }

        /**
         * Checks that rows in groups, aggregated together, give each group what its rows give alone; with states that go
         * through an exchange and without.
         */
        void checkGroups(Input input, Random random)
        {
            int[][] groups = divided(input.rows().size(), 1 + random.nextInt(MOST_GROUPS), random);
            List<Outcome> alone = Arrays.stream(groups).map(group -> call(input, group)).toList();
            int[] groupOf = new int[input.rows().size()];
            for (int group = 0; group < groups.length; group++) {
                for (int row : groups[group]) {
                    groupOf[row] = group;
                }
            }
            boolean exchanged = random.nextBoolean();
            Block results;
            try {
                GroupedAccumulator grouped = factory.createGroupedAccumulator(List.of());
                grouped.setGroupCount(groups.length);
                grouped.addInput(groupOf, input.page(input.allRows()), mask(input.page(input.allRows())));
                if (exchanged) {
                    BlockBuilder states = stateType.createBlockBuilder(null, groups.length);
                    for (int group = 0; group < groups.length; group++) {
                        grouped.evaluateIntermediate(group, states);
                    }
                    grouped = factory.createGroupedIntermediateAccumulator(List.of());
                    grouped.setGroupCount(groups.length);
                    grouped.addIntermediate(IntStream.range(0, groups.length).toArray(), states.build());
                }
                if (grouped.getEstimatedSize() <= 0) {
                    throw new Finding("says that the states of groups have no size");
                }
                grouped.prepareFinal();
                BlockBuilder builder = resultType.createBlockBuilder(null, groups.length);
                for (int group = 0; group < groups.length; group++) {
                    grouped.evaluateFinal(group, builder);
                }
                results = builder.build();
            }
            catch (TrinoException e) {
                Outcome together = Outcome.of(e, input);
                if (alone.stream().noneMatch(one -> one.kind() == Outcome.Kind.ERROR)) {
                    throw new Finding("gave %s of groups that alone gave %s".formatted(together, alone), e);
                }
                return;
            }
            for (int group = 0; group < groups.length; group++) {
                Outcome together = Outcome.of(resultType, results, group, input);
                if (!together.agreesWith(alone.get(group))) {
                    throw new Finding("gave %s of a group among others and %s of it alone".formatted(together, alone.get(group)));
                }
            }
        }

        /**
         * Checks that a frame that slides over the rows gives at each row what the rows in it give alone.
         */
        void checkFrames(Input input, Random random)
        {
            int rows = Math.min(input.rows().size(), MOST_ROWS_OF_FRAMES);
            if (rows == 0) {
                return;
            }
            int preceding = random.nextInt(rows + 1);
            PagesIndex partition = new PagesIndex.TestingFactory(false).newPagesIndex(input.types(), rows);
            partition.addPage(input.page(IntStream.range(0, rows).toArray()));
            WindowIndex index = new PagesWindowIndex(partition, 0, rows);
            WindowAccumulator window = windows.apply(List.of());
            for (int row = 0; row < rows; row++) {
                int first = Math.max(0, row - preceding);
                Outcome alone = call(input, IntStream.rangeClosed(first, row).toArray());
                BlockBuilder builder = resultType.createBlockBuilder(null, 1);
                try {
                    boolean taken = true;
                    if (first > 0 && row > preceding) {
                        taken = slides && window.removeInput(index, first - 1, first - 1);
                    }
                    if (taken) {
                        window.addInput(index, row, row);
                    }
                    else {
                        window = windows.apply(List.of());
                        window.addInput(index, first, row);
                    }
                    if (window.getEstimatedSize() <= 0) {
                        throw new Finding("says that the state of a frame has no size");
                    }
                    window.output(builder);
                }
                catch (TrinoException e) {
                    Outcome framed = Outcome.of(e, input);
                    if (alone.kind() != Outcome.Kind.ERROR) {
                        throw new Finding("gave %s of rows %s to %s as a frame and %s of them alone".formatted(framed, first, row, alone), e);
                    }
                    return;
                }
                Outcome framed = Outcome.of(resultType, builder.build(), 0, input);
                if (!framed.agreesWith(alone)) {
                    throw new Finding("gave %s of rows %s to %s as a frame and %s of them alone".formatted(framed, first, row, alone));
                }
            }
        }

        private static Outcome outcome(Input input, Supplier<Outcome> call)
        {
            try {
                return call.get();
            }
            catch (Finding finding) {
                throw finding;
            }
            catch (Throwable thrown) {
                return Outcome.of(thrown, input);
            }
        }

        private Outcome evaluated(Accumulator total, Input input)
        {
            if (total.getEstimatedSize() <= 0) {
                throw new Finding("says that its state has no size");
            }
            BlockBuilder twice = resultType.createBlockBuilder(null, 2);
            total.evaluateFinal(twice);
            total.evaluateFinal(twice);
            Block results = twice.build();
            Outcome first = Outcome.of(resultType, results, 0, input);
            if (!first.equals(Outcome.of(resultType, results, 1, input))) {
                throw new Finding("gives another result when it is asked again");
            }
            return first;
        }

        private Accumulator aggregated(Input input, int[] positions)
        {
            Accumulator accumulator = factory.createAccumulator(List.of());
            Page page = input.page(positions);
            accumulator.addInput(page, mask(page));
            return accumulator;
        }

        private AggregationMask mask(Page page)
        {
            return factory.createAggregationMaskBuilder().buildAggregationMask(page, Optional.empty());
        }

        private static int[][] divided(int rows, int parts, Random random)
        {
            int[] part = IntStream.range(0, rows).map(_ -> random.nextInt(parts)).toArray();
            return IntStream.range(0, parts)
                    .mapToObj(chosen -> IntStream.range(0, rows).filter(row -> part[row] == chosen).toArray())
                    .toArray(int[][]::new);
        }
    }
}
