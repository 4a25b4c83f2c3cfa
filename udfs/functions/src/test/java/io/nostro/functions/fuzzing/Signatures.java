package io.nostro.functions.fuzzing;

import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static io.trino.spi.type.VarcharType.UNBOUNDED_LENGTH;
import static io.trino.type.InternalTypeManager.TESTING_TYPE_MANAGER;

/**
 * Gives the variables of a signature values: lengths, precisions and scales.
 */
final class Signatures
{
    private static final int[] LENGTHS = {1, 3, 11, 34, 200};

    private Signatures() {}

    /**
     * The argument types with a length, precision or scale for each variable.
     */
    static List<Type> argumentTypes(FuzzedFunction function, Random random)
    {
        Map<String, Long> variables = new HashMap<>();
        return function.metadata().getSignature().getArgumentTypes().stream()
                .map(type -> TESTING_TYPE_MANAGER.getType(bound(type, variables, random)))
                .collect(toImmutableList());
    }

    private static TypeSignature bound(TypeSignature type, Map<String, Long> variables, Random random)
    {
        List<TypeSignatureParameter> parameters = new ArrayList<>();
        long before = MAX_PRECISION;
        for (TypeSignatureParameter parameter : type.getParameters()) {
            if (parameter.isVariable()) {
                long largest = before;
                before = variables.computeIfAbsent(parameter.getVariable(), _ -> switch (type.getBase()) {
                    case StandardTypes.VARCHAR -> random.nextInt(3) > 0 ? (long) UNBOUNDED_LENGTH : LENGTHS[random.nextInt(LENGTHS.length)];
                    // the precision, which is first, is at least one and at least the scale
                    case StandardTypes.DECIMAL -> parameters.isEmpty() ? 1 + random.nextLong(MAX_PRECISION) : random.nextInt(4) > 0 ? random.nextLong(Math.min(largest, 10) + 1) : random.nextLong(largest + 1);
                    default -> throw new Finding("can not be called: there is no value for the variable of " + type);
                });
                parameters.add(TypeSignatureParameter.numericParameter(before));
            }
            else if (parameter.isTypeSignature()) {
                parameters.add(TypeSignatureParameter.typeParameter(bound(parameter.getTypeSignature(), variables, random)));
            }
            else {
                parameters.add(parameter);
                before = parameter.isLongLiteral() ? parameter.getLongLiteral() : before;
            }
        }
        return new TypeSignature(type.getBase(), parameters);
    }
}
