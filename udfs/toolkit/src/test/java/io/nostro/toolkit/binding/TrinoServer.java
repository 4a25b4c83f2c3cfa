package io.nostro.toolkit.binding;

import io.trino.connector.system.GlobalSystemConnector;
import io.trino.metadata.CatalogFunctionMetadata;
import io.trino.metadata.FunctionBinding;
import io.trino.metadata.Metadata;
import io.trino.metadata.TestingFunctionResolution;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import io.trino.sql.InterpretedFunctionInvoker;
import io.trino.sql.PlannerContext;
import io.trino.sql.analyzer.TypeSignatureProvider;
import io.trino.testing.TestingSession;
import io.trino.type.TypeCoercion;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;

import static com.google.common.base.Throwables.throwIfUnchecked;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static io.trino.sql.analyzer.TypeSignatureProvider.fromTypes;

/**
 * Trino's own answers to what this package answers without its server.
 */
final class TrinoServer
{
    private final PlannerContext context = new TestingFunctionResolution().getPlannerContext();
    private final InterpretedFunctionInvoker invoker = new InterpretedFunctionInvoker(context.getFunctionManager());
    private final TypeCoercion typeCoercion = new TypeCoercion(context.getTypeManager()::getType);
    private final ConnectorSession session = TestingSession.testSessionBuilder().setTimeZoneKey(UTC_KEY).build().toConnectorSession();
    private final Object functionBinder;
    private final Method bindFunction;
    private final Method functionBinding;

    TrinoServer()
            throws ReflectiveOperationException
    {
        Class<?> binderClass = Class.forName("io.trino.metadata.FunctionBinder");
        Constructor<?> constructor = binderClass.getDeclaredConstructor(Metadata.class, TypeManager.class);
        constructor.setAccessible(true);
        functionBinder = constructor.newInstance(context.getMetadata(), context.getTypeManager());
        bindFunction = binderClass.getDeclaredMethod("bindFunction", List.class, Collection.class, String.class);
        bindFunction.setAccessible(true);
        functionBinding = bindFunction.getReturnType().getDeclaredMethod("functionBinding");
        functionBinding.setAccessible(true);
    }

    ConnectorSession session()
    {
        return session;
    }

    TypeManager typeManager()
    {
        return context.getTypeManager();
    }

    FunctionBinding bind(String name, List<FunctionMetadata> candidates, List<Type> argumentTypes)
    {
        List<TypeSignatureProvider> signatures = fromTypes(argumentTypes);
        List<CatalogFunctionMetadata> catalogCandidates = candidates.stream()
                .map(candidate -> new CatalogFunctionMetadata(GlobalSystemConnector.CATALOG_HANDLE, "builtin", candidate))
                .collect(toImmutableList());
        try {
            return (FunctionBinding) functionBinding.invoke(bindFunction.invoke(functionBinder, signatures, catalogCandidates, name));
        }
        catch (InvocationTargetException e) {
            throwIfUnchecked(e.getCause());
            throw new IllegalStateException(e);
        }
        catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    boolean canCoerce(Type from, Type to)
    {
        return typeCoercion.canCoerce(from, to);
    }

    /**
     * The native value of a cast of a native value that is not null.
     */
    Object cast(Object value, Type from, Type to)
    {
        return invoker.invoke(context.getMetadata().getCoercion(from, to), session, value);
    }
}
