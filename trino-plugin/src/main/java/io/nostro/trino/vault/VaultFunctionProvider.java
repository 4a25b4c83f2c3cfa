package io.nostro.trino.vault;

import com.google.common.collect.ImmutableMap;
import com.google.inject.Inject;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.vault.VaultFunctions;
import io.nostro.functions.vault.VaultKeys;
import io.trino.spi.function.BoundSignature;
import io.trino.spi.function.FunctionDependencies;
import io.trino.spi.function.FunctionId;
import io.trino.spi.function.FunctionProvider;
import io.trino.spi.function.InvocationConvention;
import io.trino.spi.function.ScalarFunctionImplementation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;

import static com.google.common.base.Preconditions.checkArgument;
import static io.trino.spi.function.InvocationConvention.InvocationArgumentConvention.NEVER_NULL;
import static io.trino.spi.function.InvocationConvention.InvocationReturnConvention.FAIL_ON_NULL;
import static io.trino.spi.function.ScalarFunctionAdapter.adapt;
import static java.util.Collections.nCopies;

/**
 * The declared functions, with the keys of this catalog.
 */
public final class VaultFunctionProvider
        implements FunctionProvider
{
    private final List<DeclaredFunction> functions = DeclaredFunction.of(VaultFunctions.class);
    private final Map<FunctionId, MethodHandle> methods;

    @Inject
    public VaultFunctionProvider(VaultKeys keys)
    {
        VaultFunctions instance = new VaultFunctions(keys);
        ImmutableMap.Builder<FunctionId, MethodHandle> builder = ImmutableMap.builder();
        for (DeclaredFunction function : functions) {
            builder.put(function.metadata().getFunctionId(), method(function).bindTo(instance));
        }
        this.methods = builder.buildOrThrow();
    }

    List<DeclaredFunction> functions()
    {
        return functions;
    }

    @Override
    public ScalarFunctionImplementation getScalarFunctionImplementation(
            FunctionId functionId,
            BoundSignature boundSignature,
            FunctionDependencies functionDependencies,
            InvocationConvention invocationConvention)
    {
        MethodHandle method = methods.get(functionId);
        checkArgument(method != null, "No such function: %s", functionId);
        InvocationConvention declared = new InvocationConvention(nCopies(boundSignature.getArity(), NEVER_NULL), FAIL_ON_NULL, false, false);
        return ScalarFunctionImplementation.builder()
                .methodHandle(adapt(method, boundSignature.getReturnType(), boundSignature.getArgumentTypes(), declared, invocationConvention))
                .build();
    }

    private static MethodHandle method(DeclaredFunction function)
    {
        try {
            return MethodHandles.publicLookup().unreflect(function.method());
        }
        catch (IllegalAccessException e) {
            throw new IllegalArgumentException("Not public: " + function.method(), e);
        }
    }
}
