package io.nostro.functions.money;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.Int128;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntFunction;

import static io.nostro.functions.FunctionErrors.divisionByZero;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.Decimals.MAX_PRECISION;

/**
 * The division of an amount that loses nothing: by the largest remainder (Hamilton's method). Each part is rounded towards zero, and the
 * units that are left go to the parts that lost most, of equal ones to the first.
 */
public final class AllocationFunctions
{
    private static final String NAME = "allocate";

    private AllocationFunctions() {}

    @ScalarFunction(NAME)
    @Description("Divides an amount by weights into parts of its own scale that add up to it exactly: each is rounded towards zero, and the units left over go to the largest remainders, of equal ones to the first")
    @Source("The method of the largest remainder (Hamilton's)")
    @Argument(name = "weights", meaning = "the parts' weights, of zero and above, in any unit; one part is given for each")
    @Errors(
            invalidArgument = "a weight is NULL or negative",
            divisionByZero = "the weights are none or all zero")
    @LiteralParameters({"s", "ws"})
    @SqlType("array(decimal(38, s))")
    @Example(sql = "allocate(DECIMAL '100.00', ARRAY[DECIMAL '0.5', DECIMAL '0.25', DECIMAL '0.25'])", result = "[50.00,25.00,25.00]")
    @Example(sql = "allocate(DECIMAL '-0.05', ARRAY[DECIMAL '0.3', DECIMAL '0.7'])", result = "[-0.02,-0.03]")
    @Example(sql = "TRY(allocate(DECIMAL '1.00', ARRAY[DECIMAL '0.0']))", result = "null")
    public static Block allocateByDecimals(
            @LiteralParameter("s") long scale,
            @LiteralParameter("ws") long weightScale,
            @SqlType("decimal(38, s)") Int128 amount,
            @SqlType("array(decimal(38, ws))") Block weights)
    {
        DecimalType weightType = createDecimalType(MAX_PRECISION, (int) weightScale);
        return allocate(scale, amount, weights, position -> ((Int128) weightType.getObject(weights, position)).toBigInteger());
    }

    @ScalarFunction(NAME)
    @Description("Divides an amount by whole weights into parts of its own scale that add up to it exactly: each is rounded towards zero, and the units left over go to the largest remainders, of equal ones to the first")
    @LiteralParameters("s")
    @SqlType("array(decimal(38, s))")
    @Example(sql = "allocate(DECIMAL '100.00', ARRAY[1, 1, 1])", result = "[33.34,33.33,33.33]")
    @Example(sql = "allocate(DECIMAL '0.05', ARRAY[3, 0, 7])", result = "[0.02,0.00,0.03]")
    @Example(sql = "TRY(allocate(DECIMAL '100.00', ARRAY[2, -1]))", result = "null")
    public static Block allocateByIntegers(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 amount,
            @SqlType("array(bigint)") Block weights)
    {
        return allocate(scale, amount, weights, position -> BigInteger.valueOf(BIGINT.getLong(weights, position)));
    }

    private static Block allocate(long scale, Int128 amount, Block weights, IntFunction<BigInteger> weightAt)
    {
        int count = weights.getPositionCount();
        BigInteger[] weight = new BigInteger[count];
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < count; i++) {
            if (weights.isNull(i)) {
                throw invalidArgument("%s: weight %s is NULL; accepted are numbers of zero and above", NAME, i + 1);
            }
            weight[i] = weightAt.apply(i);
            if (weight[i].signum() < 0) {
                throw invalidArgument("%s: weight %s is negative; accepted are numbers of zero and above", NAME, i + 1);
            }
            sum = sum.add(weight[i]);
        }
        if (sum.signum() == 0) {
            throw divisionByZero("%s: the weights add up to zero; accepted are some of which one is above zero", NAME);
        }

        BigInteger unscaled = amount.toBigInteger();
        BigInteger size = unscaled.abs();
        BigInteger left = size;
        BigInteger[] parts = new BigInteger[count];
        BigInteger[] remainders = new BigInteger[count];
        for (int i = 0; i < count; i++) {
            BigInteger[] quotient = size.multiply(weight[i]).divideAndRemainder(sum);
            parts[i] = quotient[0];
            remainders[i] = quotient[1];
            left = left.subtract(quotient[0]);
        }
        if (left.signum() > 0) {
            Integer[] order = new Integer[count];
            Arrays.setAll(order, i -> i);
            // the sort is stable: of equal remainders the first comes first
            Arrays.sort(order, Comparator.comparing(i -> remainders[i], Comparator.reverseOrder()));
            for (int i = 0; i < left.intValueExact(); i++) {
                parts[order[i]] = parts[order[i]].add(BigInteger.ONE);
            }
        }

        DecimalType type = createDecimalType(MAX_PRECISION, (int) scale);
        BlockBuilder block = type.createBlockBuilder(null, count);
        for (BigInteger part : parts) {
            type.writeObject(block, Int128.valueOf(unscaled.signum() < 0 ? part.negate() : part));
        }
        return block.build();
    }
}
