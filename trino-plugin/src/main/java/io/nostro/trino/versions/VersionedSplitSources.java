package io.nostro.trino.versions;

import com.google.common.collect.ImmutableList;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSplitSource;
import io.trino.spi.connector.DynamicFilter;
import io.trino.spi.predicate.TupleDomain;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import static com.google.common.base.Throwables.throwIfUnchecked;
import static java.lang.invoke.MethodType.methodType;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

/**
 * Hands out splits in the way of each version of Trino.
 */
public final class VersionedSplitSources
{
    private VersionedSplitSources() {}

    /**
     * Up to Trino 481 a split source is given the dynamic filter, and waits for it itself.
     */
    public static ConnectorSplitSource withDynamicFilter(PlannedSplits splits, DynamicFilter dynamicFilter)
    {
        return new WaitingSplitSource(splits, dynamicFilter);
    }

    /**
     * From Trino 482 on the engine waits, and each batch is asked for with a snapshot of the filter.
     */
    public static ConnectorSplitSource withSnapshots(PlannedSplits splits)
    {
        requireNonNull(splits, "splits is null");
        return (ConnectorSplitSource) Proxy.newProxyInstance(
                VersionedSplitSources.class.getClassLoader(),
                new Class<?>[] {ConnectorSplitSource.class},
                new SnapshotSplitSource(splits));
    }

    private static final class WaitingSplitSource
            implements ConnectorSplitSource
    {
        private final PlannedSplits splits;
        private final DynamicFilter dynamicFilter;
        private final long start = System.nanoTime();

        private WaitingSplitSource(PlannedSplits splits, DynamicFilter dynamicFilter)
        {
            this.splits = requireNonNull(splits, "splits is null");
            this.dynamicFilter = requireNonNull(dynamicFilter, "dynamicFilter is null");
        }

        @Override
        public CompletableFuture<ConnectorSplitBatch> getNextBatch(int maxSize)
        {
            long remaining = MILLISECONDS.toNanos(splits.dynamicFilterWaitMillis()) - (System.nanoTime() - start);
            if (remaining > 0 && dynamicFilter.isAwaitable()) {
                return dynamicFilter.isBlocked()
                        .thenApply(_ -> new ConnectorSplitBatch(ImmutableList.of(), false))
                        .completeOnTimeout(new ConnectorSplitBatch(ImmutableList.of(), false), remaining, NANOSECONDS);
            }
            // not through thenApply, which would wrap a failure
            CompletableFuture<ConnectorSplitBatch> batch = new CompletableFuture<>();
            var _ = splits.nextSplits(maxSize, dynamicFilter.getCurrentPredicate()).whenComplete((next, failure) -> {
                if (failure == null) {
                    batch.complete(new ConnectorSplitBatch(next, splits.isFinished()));
                }
                else {
                    batch.completeExceptionally(failure);
                }
            });
            return batch;
        }

        @Override
        public void close() {}

        @Override
        public boolean isFinished()
        {
            return splits.isFinished();
        }
    }

    /**
     * The snapshot's class is not there when this is compiled.
     */
    private record SnapshotSplitSource(PlannedSplits splits)
            implements InvocationHandler
    {
        private static final MethodHandle CURRENT_PREDICATE = currentPredicate();

        private static MethodHandle currentPredicate()
        {
            try {
                Class<?> snapshot = Arrays.stream(ConnectorSplitSource.class.getMethods())
                        .filter(method -> method.getName().equals("getNextBatch"))
                        .findFirst()
                        .orElseThrow(NoSuchMethodException::new)
                        .getParameterTypes()[1];
                return MethodHandles.publicLookup().findVirtual(snapshot, "currentPredicate", methodType(TupleDomain.class));
            }
            catch (ReflectiveOperationException e) {
                throw new LinkageError("Split sources of this version of Trino are unknown", e);
            }
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments)
                throws Throwable
        {
            return switch (method.getName()) {
                case "getNextBatch" -> splits.nextSplits((int) arguments[0], predicate(arguments[1]));
                case "getRequestedDynamicFilterWaitTimeoutMillis" -> splits.dynamicFilterWaitMillis();
                case "isFinished" -> splits.isFinished();
                case "close" -> null;
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                case "toString" -> splits.toString();
                default -> InvocationHandler.invokeDefault(proxy, method, arguments);
            };
        }

        @SuppressWarnings("unchecked")
        private static TupleDomain<ColumnHandle> predicate(Object snapshot)
        {
            try {
                return (TupleDomain<ColumnHandle>) CURRENT_PREDICATE.invoke(snapshot);
            }
            catch (Throwable e) {
                throwIfUnchecked(e);
                throw new IllegalStateException(e);
            }
        }
    }
}
