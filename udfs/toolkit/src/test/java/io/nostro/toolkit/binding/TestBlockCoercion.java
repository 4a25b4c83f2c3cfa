package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.ValueBlock;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import static io.trino.spi.StandardErrorCode.INVALID_CAST_ARGUMENT;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.TypeUtils.readNativeValue;
import static io.trino.spi.type.TypeUtils.writeNativeValue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestBlockCoercion
{
    private static final int POSITIONS = 12;

    private final TrinoServer trino = new TrinoServer();

    TestBlockCoercion()
            throws ReflectiveOperationException {}

    @Test
    void testTypesCoerceAsInTrino()
    {
        Random random = new Random(8);
        RandomTypes types = new RandomTypes(random);
        int coercible = 0;
        for (int i = 0; i < 100_000; i++) {
            Type from = types.next();
            Type to = random.nextInt(3) == 0 ? types.next() : types.like(from.getTypeSignature());
            boolean expected = trino.canCoerce(from, to);
            assertThat(TypeCompatibility.canCoerce(from, to)).as("%s to %s", from, to).isEqualTo(expected);
            if (expected) {
                coercible++;
            }
            else {
                assertThatThrownBy(() -> BlockCoercion.coerce(from.createBlockBuilder(null, 0).build(), from, to))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("the type %s is not coerced to %s implicitly", from, to);
            }
        }
        assertThat(coercible).isGreaterThan(10_000);
    }

    @Test
    void testValuesCoerceAsInTrino()
    {
        Random random = new Random(9);
        RandomTypes types = new RandomTypes(random);
        RandomBlocks blocks = new RandomBlocks(random);
        Set<String> bases = new HashSet<>();
        int failures = 0;
        for (int i = 0; i < 1_500; i++) {
            Type from = types.next(1);
            Type to = wider(from, random, types);
            if (from.equals(to) || !trino.canCoerce(from, to)) {
                continue;
            }
            bases.add(from.getBaseName() + " to " + to.getBaseName());
            failures += assertCoercesAsTrino(blocks.next(from, POSITIONS), from, to, random);
        }
        assertThat(failures).isGreaterThan(10);
        assertThat(bases).contains(
                "tinyint to smallint",
                "smallint to integer",
                "integer to bigint",
                "bigint to real",
                "bigint to double",
                "bigint to decimal",
                "real to double",
                "decimal to decimal",
                "decimal to real",
                "decimal to double",
                "varchar to varchar",
                "varchar to char",
                "char to char",
                "date to timestamp",
                "date to timestamp with time zone",
                "timestamp to timestamp",
                "timestamp to timestamp with time zone",
                "timestamp with time zone to timestamp with time zone",
                "time to time",
                "time to time with time zone",
                "time with time zone to time with time zone",
                "array to array",
                "map to map",
                "row to row");
    }

    /**
     * All pairs of precisions and scales that can be coerced, at the edges of what the stored forms hold.
     */
    @Test
    void testDecimals()
    {
        Random random = new Random(10);
        RandomBlocks blocks = new RandomBlocks(random);
        int failures = 0;
        for (int precision : new int[] {1, 9, 17, 18, 19, 20, 37, 38}) {
            for (int scale = 0; scale <= precision; scale++) {
                DecimalType from = DecimalType.createDecimalType(precision, scale);
                for (int toPrecision : new int[] {18, 19, 28, 38}) {
                    for (int toScale = scale; toScale <= toPrecision; toScale++) {
                        DecimalType to = DecimalType.createDecimalType(toPrecision, toScale);
                        if (!from.equals(to) && trino.canCoerce(from, to)) {
                            failures += assertCoercesAsTrino(blocks.next(from, POSITIONS), from, to, random);
                        }
                    }
                }
            }
        }
        assertThat(failures).isGreaterThan(100);
    }

    @Test
    void testDatesThatTimestampsDoNotHold()
    {
        for (long date : new long[] {Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            for (Type to : List.of(Types.parse("timestamp(0)"), Types.parse("timestamp(12)"))) {
                Block coerced = BlockCoercion.coerce(writeNativeValue(DATE, date), DATE, to);
                assertThat(readNativeValue(to, coerced, 0)).isEqualTo(trino.cast(date, DATE, to));
            }
        }
    }

    @Test
    void testSameBlockWhenValuesAreStoredAlike()
    {
        RandomBlocks blocks = new RandomBlocks(new Random(11));
        for (List<String> pair : List.of(
                List.of("varchar(3)", "varchar(10)"),
                List.of("varchar(3)", "varchar"),
                List.of("char(3)", "char(5)"),
                List.of("decimal(5,2)", "decimal(18,2)"),
                List.of("decimal(19,2)", "decimal(38,2)"),
                List.of("timestamp(0)", "timestamp(6)"),
                List.of("timestamp(7)", "timestamp(12)"),
                List.of("time(0)", "time(12)"),
                List.of("array(varchar(3))", "array(varchar)"),
                List.of("row(a varchar(3))", "row(b varchar(4))"),
                List.of("map(varchar(3), decimal(3,1))", "map(varchar(4), decimal(4,1))"))) {
            Type from = Types.parse(pair.getFirst());
            Block block = blocks.next(from, POSITIONS);
            assertThat(BlockCoercion.coerce(block, from, Types.parse(pair.getLast()))).isSameAs(block);
        }
    }

    @Test
    void testEncodedBlocksStayEncoded()
    {
        ValueBlock values = new RandomBlocks(new Random(12)).next(BIGINT, 3);
        assertThat(BlockCoercion.coerce(RunLengthEncodedBlock.create(values.getSingleValueBlock(1), 5), BIGINT, DOUBLE)).isInstanceOf(RunLengthEncodedBlock.class);
        assertThat(BlockCoercion.coerce(DictionaryBlock.create(5, values, new int[] {0, 1, 2, 1, 0}), BIGINT, DOUBLE)).isInstanceOf(DictionaryBlock.class);
    }

    @Test
    void testValuesThatNoPositionHasDoNotFail()
    {
        Type to = Types.parse("decimal(38,38)");
        BlockBuilder builder = BIGINT.createBlockBuilder(null, 2);
        BIGINT.writeLong(builder, 7);
        BIGINT.writeLong(builder, 0);
        ValueBlock values = builder.buildValueBlock();
        Block coerced = BlockCoercion.coerce(DictionaryBlock.create(3, values, new int[] {1, 1, 1}), BIGINT, to);
        assertThat(coerced.getPositionCount()).isEqualTo(3);
        assertThatThrownBy(() -> BlockCoercion.coerce(values, BIGINT, to))
                .isInstanceOf(TrinoException.class)
                .hasMessage("Cannot cast BIGINT '7' to DECIMAL(38,38)");
    }

    @Test
    void testKeysThatBecomeTheSameFail()
    {
        MapType from = Types.map(BIGINT, BIGINT);
        MapType to = Types.map(DOUBLE, BIGINT);
        BlockBuilder keys = BIGINT.createBlockBuilder(null, 2);
        BIGINT.writeLong(keys, Long.MAX_VALUE);
        BIGINT.writeLong(keys, Long.MAX_VALUE - 1);
        ValueBlock keyBlock = keys.buildValueBlock();
        Block map = from.createBlockFromKeyValue(Optional.empty(), new int[] {0, 2}, keyBlock, keyBlock);
        assertThatThrownBy(() -> trino.cast(readNativeValue(from, map, 0), from, to)).hasMessage("duplicate keys");
        assertThatThrownBy(() -> BlockCoercion.coerce(map, from, to))
                .isInstanceOfSatisfying(TrinoException.class, exception -> assertThat(exception.getErrorCode()).isEqualTo(INVALID_CAST_ARGUMENT.toErrorCode()))
                .hasMessage("duplicate keys");
    }

    /**
     * The number of values that neither coerces.
     */
    private int assertCoercesAsTrino(ValueBlock block, Type from, Type to, Random random)
    {
        BlockBuilder expected = to.createBlockBuilder(null, POSITIONS);
        List<Integer> positions = new ArrayList<>();
        int failures = 0;
        for (int position = 0; position < block.getPositionCount(); position++) {
            if (block.isNull(position)) {
                expected.appendNull();
                positions.add(position);
                continue;
            }
            try {
                Object value = trino.cast(readNativeValue(from, block, position), from, to);
                BlockBuilder single = to.createBlockBuilder(null, 1);
                writeNativeValue(to, single, value);
                expected.append(single.buildValueBlock(), 0);
                positions.add(position);
            }
            catch (RuntimeException e) {
                failures++;
                // Trino's casts to timestamps with time zone that are out of range fail with an internal error
                boolean isRangeError = e instanceof TrinoException trinoException && trinoException.getErrorCode().equals(INVALID_CAST_ARGUMENT.toErrorCode());
                assertThat(isRangeError || e.getMessage().startsWith("Millis overflow")).as("%s to %s: %s", from, to, e).isTrue();
                ValueBlock single = block.getSingleValueBlock(position);
                assertThatThrownBy(() -> BlockCoercion.coerce(single, from, to))
                        .isInstanceOfSatisfying(TrinoException.class, exception -> assertThat(exception.getErrorCode()).isEqualTo(INVALID_CAST_ARGUMENT.toErrorCode()));
            }
        }
        int[] kept = positions.stream().mapToInt(Integer::intValue).toArray();
        ValueBlock good = block.copyPositions(kept, 0, kept.length);
        ValueBlock expectedBlock = expected.buildValueBlock();
        assertSame(BlockCoercion.coerce(good, from, to), expectedBlock, from, to);
        if (kept.length > 1) {
            assertSame(BlockCoercion.coerce(good.getRegion(1, kept.length - 1), from, to), expectedBlock.getRegion(1, kept.length - 1), from, to);
            assertSame(
                    BlockCoercion.coerce(RunLengthEncodedBlock.create(good.getSingleValueBlock(0), 3), from, to),
                    RunLengthEncodedBlock.create(expectedBlock.getSingleValueBlock(0), 3),
                    from,
                    to);
            int[] ids = random.ints(8, 0, kept.length).toArray();
            for (int i = 0; i < ids.length; i++) {
                ids[i] = kept[ids[i]];
            }
            // the dictionary still has the values that cannot be coerced
            Block dictionary = DictionaryBlock.create(ids.length, block, ids);
            int[] expectedIds = new int[ids.length];
            for (int i = 0; i < ids.length; i++) {
                expectedIds[i] = positions.indexOf(ids[i]);
            }
            assertSame(BlockCoercion.coerce(dictionary, from, to), expectedBlock.copyPositions(expectedIds, 0, ids.length), from, to);
            assertSame(
                    BlockCoercion.coerce(dictionary.getRegion(2, 5), from, to),
                    expectedBlock.copyPositions(expectedIds, 2, 5),
                    from,
                    to);
        }
        return failures;
    }

    private void assertSame(Block actual, Block expected, Type from, Type to)
    {
        assertThat(values(actual, to)).as("%s to %s", from, to).isEqualTo(values(expected, to));
    }

    private List<Object> values(Block block, Type type)
    {
        List<Object> values = new ArrayList<>();
        for (int position = 0; position < block.getPositionCount(); position++) {
            values.add(type.getObjectValue(trino.session(), block, position));
        }
        return values;
    }

    private static Type wider(Type from, Random random, RandomTypes types)
    {
        return switch (from) {
            case ArrayType array -> new ArrayType(wider(array.getElementType(), random, types));
            case MapType map -> Types.map(wider(map.getKeyType(), random, types), wider(map.getValueType(), random, types));
            case RowType row -> RowType.from(row.getFields().stream()
                    .map(field -> new RowType.Field(field.getName(), wider(field.getType(), random, types)))
                    .collect(ImmutableList.toImmutableList()));
            default -> {
                String base = switch (from.getBaseName()) {
                    case StandardTypes.TINYINT, StandardTypes.SMALLINT, StandardTypes.INTEGER, StandardTypes.BIGINT, StandardTypes.DECIMAL -> List.of("smallint", "integer", "bigint", "real", "double", "decimal", "decimal").get(random.nextInt(7));
                    case StandardTypes.REAL -> "double";
                    case StandardTypes.DATE -> List.of("timestamp", "timestamp with time zone").get(random.nextInt(2));
                    case StandardTypes.TIMESTAMP -> List.of("timestamp", "timestamp with time zone").get(random.nextInt(2));
                    case StandardTypes.TIME -> List.of("time", "time with time zone").get(random.nextInt(2));
                    case StandardTypes.VARCHAR -> List.of("varchar", "char").get(random.nextInt(2));
                    default -> from.getBaseName();
                };
                for (int attempt = 0; attempt < 50; attempt++) {
                    Type to = types.next(0);
                    if (to.getBaseName().equals(base) && TypeCompatibility.canCoerce(from, to)) {
                        yield to;
                    }
                }
                Type to = base.equals(StandardTypes.UUID) ? from : Types.of(new TypeSignature(base));
                yield TypeCompatibility.canCoerce(from, to) ? to : from;
            }
        };
    }
}
