package io.nostro.functions.fuzzing;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.Example;
import io.nostro.functions.NostroFunctions;
import io.nostro.functions.vault.KeyPurpose;
import io.nostro.functions.vault.VaultFunctions;
import io.nostro.functions.vault.VaultKey;
import io.nostro.functions.vault.VaultKeys;
import io.nostro.functions.vault.VaultKeys.NamedKey;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.metadata.ResolvedFunction;
import io.trino.metadata.TestingFunctionResolution;
import io.trino.operator.aggregation.Accumulator;
import io.trino.operator.aggregation.AccumulatorCompiler;
import io.trino.operator.aggregation.AccumulatorFactory;
import io.trino.spi.Page;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.InvocationConvention;
import io.trino.spi.type.Type;
import io.trino.spi.type.VarcharType;
import org.junit.jupiter.api.Test;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.NEVER_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationReturnConvention.NULLABLE_RETURN;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static io.trino.sql.analyzer.TypeSignatureProvider.fromTypes;
import static io.trino.testing.TestingSession.testSession;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every function that is declared, called with the whole of its arguments' types: a value, NULL, or an error that TRY
 * catches, the same when called again; and for aggregates, no other error or NULL when the rows are aggregated in parts.
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
    {
        List<FuzzedFunction> functions = FuzzedFunction.declared(NostroFunctions.class.getClassLoader()).stream()
                .filter(function -> ONLY.matcher(function.signature()).find())
                .toList();
        List<String> findings = new ArrayList<>();
        long inputs = 0;
        for (FuzzedFunction function : functions) {
            Map<Outcome.Kind, Long> totals = new EnumMap<>(Outcome.Kind.class);
            try {
                fuzz(function, totals);
            }
            catch (Finding finding) {
                findings.add("%s, seed %s: %s (%s)".formatted(function.signature(), SEED, finding.getMessage(), finding.getCause()));
            }
            System.out.printf("%-60s %s%n", function.signature(), totals);
            inputs += totals.values().stream().mapToLong(Long::longValue).sum();
        }
        System.out.printf("%s functions, %s inputs, %s findings%n", functions.size(), inputs, findings.size());
        assertThat(findings).isEmpty();
        assertThat(inputs).isGreaterThan(0);
    }

    private void fuzz(FuzzedFunction function, Map<Outcome.Kind, Long> totals)
    {
        Random random = new Random(SEED + function.signature().hashCode());
        List<byte[]> literals = literals(function);
        ValueGenerator values = new ValueGenerator(random, literals);
        List<List<Type>> types = new ArrayList<>();
        List<Called> bound = new ArrayList<>();
        long end = System.nanoTime() + MILLISECONDS * 1_000_000;
        int least = function.isAggregate() ? LEAST_CALLS_OF_AN_AGGREGATE : LEAST_CALLS_OF_A_SCALAR;
        for (int call = 0; call < least || System.nanoTime() < end; call++) {
            if (bound.isEmpty() || (bound.size() < TYPES && random.nextInt(50) == 0)) {
                List<Type> argumentTypes = Signatures.argumentTypes(function, random);
                try {
                    bound.add(called(function, argumentTypes));
                    types.add(argumentTypes);
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
            List<Object[]> rows = new ArrayList<>();
            for (int row = 0; row < count; row++) {
                Object[] arguments = new Object[types.get(chosen).size()];
                for (int i = 0; i < arguments.length; i++) {
                    Type type = types.get(chosen).get(i);
                    boolean parameter = repeating && row > 0 && type.getDisplayName().equals("double");
                    arguments[i] = parameter && random.nextInt(3) > 0 ? rows.getFirst()[i] : value(values, literals, type, random);
                    if (function.isAggregate() && random.nextInt(20) == 0) {
                        arguments[i] = null;
                    }
                }
                rows.add(arguments);
            }
            Input input = new Input(types.get(chosen), rows);
            try {
                Outcome outcome = outcome(bound.get(chosen), input, random);
                totals.merge(outcome.kind(), 1L, Long::sum);
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
        Outcome first = outcome(function, input, new Random(0), false);
        if (function.isAggregate() || random.nextInt(4) == 0) {
            Outcome again = outcome(function, input, random, true);
            if (first.kind() != again.kind()) {
                throw new Finding("gave %s and then %s".formatted(first, again));
            }
            if (!function.isAggregate() && !first.equals(again)) {
                throw new Finding("gave %s and then %s".formatted(first, again));
            }
        }
        return first;
    }

    private static Outcome outcome(Called function, Input input, Random random, boolean inParts)
    {
        Block result;
        try {
            result = function.call(input, random, inParts);
        }
        catch (Throwable thrown) {
            return Outcome.of(thrown, input);
        }
        return Outcome.of(function.resultType(), result, 0, input);
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
            AccumulatorFactory factory = AccumulatorCompiler.generateAccumulatorFactory(resolved.signature(), functions.getAggregationImplementation(resolved), resolved.functionNullability(), true);
            Type state = resolution.getPlannerContext().getTypeManager().getType(resolution.getMetadata().getAggregationFunctionMetadata(testSession(), resolved).getIntermediateTypes().getFirst());
            return new Aggregate(factory, state, result);
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
        return Stream.concat(Stream.of((AnnotatedElement) function.declaring()), Arrays.stream(function.declaring().getMethods()))
                .flatMap(element -> Arrays.stream(element.getAnnotationsByType(Example.class)))
                .filter(example -> example.sql().contains(function.name() + "("))
                .flatMap(example -> LITERAL.matcher(example.sql()).results())
                .map((MatchResult literal) -> literal.group(1).replace("''", "'").getBytes(UTF_8))
                .toList();
    }

    private static NamedKey key(KeyPurpose purpose)
    {
        return new NamedKey(purpose, 1, ImmutableMap.of(1L, VaultKey.of(purpose, new byte[32])));
    }

    private sealed interface Called
    {
        Type resultType();

        Block call(Input input, Random random, boolean inParts)
                throws Throwable;

        default boolean isAggregate()
        {
            return this instanceof Aggregate;
        }
    }

    private record Scalar(MethodHandle handle, Type resultType)
            implements Called
    {
        @Override
        public Block call(Input input, Random random, boolean inParts)
                throws Throwable
        {
            Object value = handle.invoke(input.rows().getFirst());
            if (value instanceof Slice text) {
                value = text.copy();
            }
            return writeNativeValue(resultType, value);
        }
    }

    private record Aggregate(AccumulatorFactory factory, Type stateType, Type resultType)
            implements Called
    {
        @Override
        public Block call(Input input, Random random, boolean inParts)
        {
            Accumulator total;
            if (inParts) {
                int parts = 1 + random.nextInt(4);
                int[] part = input.rows().stream().mapToInt(_ -> random.nextInt(parts)).toArray();
                total = factory.createIntermediateAccumulator(List.of());
                List<Block> states = new ArrayList<>();
                for (int i = 0; i < parts; i++) {
                    int chosen = i;
                    Accumulator partial = aggregated(input, IntStream.range(0, part.length).filter(row -> part[row] == chosen).toArray());
                    BlockBuilder state = stateType.createBlockBuilder(null, 1);
                    partial.evaluateIntermediate(state);
                    states.add(state.build());
                }
                Collections.shuffle(states, random);
                states.forEach(total::addIntermediate);
            }
            else {
                total = aggregated(input, input.allRows());
            }
            if (total.getEstimatedSize() <= 0) {
                throw new Finding("says that its state has no size");
            }
            BlockBuilder twice = resultType.createBlockBuilder(null, 2);
            total.evaluateFinal(twice);
            total.evaluateFinal(twice);
            Block results = twice.build();
            if (!Outcome.of(resultType, results, 0, input).equals(Outcome.of(resultType, results, 1, input))) {
                throw new Finding("gives another result when it is asked again");
            }
            return results;
        }

        private Accumulator aggregated(Input input, int[] positions)
        {
            Accumulator accumulator = factory.createAccumulator(List.of());
            Page page = new Page(positions.length, IntStream.range(0, input.types().size()).mapToObj(column -> input.column(column, positions)).toArray(Block[]::new));
            accumulator.addInput(page, factory.createAggregationMaskBuilder().buildAggregationMask(page, Optional.empty()));
            return accumulator;
        }
    }
}
