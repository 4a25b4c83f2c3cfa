package io.nostro.functions.fuzzing;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.function.Supplier;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * Watches how much CPU time calls take: what takes too much is a finding, and what does not come back at all ends the
 * process, as a loop without bound can not be stopped otherwise.
 */
final class CallWatch
        implements AutoCloseable
{
    private static final long MOST_NANOSECONDS = 5_000_000_000L;
    private static final long HOPELESS_NANOSECONDS = 60_000_000_000L;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Thread caller = Thread.currentThread();
    private final Thread watcher = new Thread(this::watch, "call-watch");
    private volatile Call current;
    private long longest;

    private record Call(Supplier<String> description, long startedAt) {}

    CallWatch()
    {
        watcher.setDaemon(true);
        watcher.start();
    }

    /**
     * The CPU time of the longest call so far, in milliseconds.
     */
    long longestMilliseconds()
    {
        return longest / 1_000_000;
    }

    /**
     * @param description says what is called
     * @throws Finding when the call took too much
     */
    <T> T watched(Supplier<String> description, Supplier<T> call)
    {
        long startedAt = THREADS.getThreadCpuTime(caller.threadId());
        current = new Call(requireNonNull(description, "description is null"), startedAt);
        try {
            T result = call.get();
            long taken = THREADS.getThreadCpuTime(caller.threadId()) - startedAt;
            longest = Math.max(longest, taken);
            if (taken > MOST_NANOSECONDS) {
                throw new Finding("took %s ms of CPU time".formatted(taken / 1_000_000));
            }
            return result;
        }
        finally {
            current = null;
        }
    }

    private void watch()
    {
        try {
            while (true) {
                Thread.sleep(1_000);
                Call call = current;
                if (call != null && THREADS.getThreadCpuTime(caller.threadId()) - call.startedAt() > HOPELESS_NANOSECONDS) {
                    System.err.println("Does not come back: " + call.description().get());
                    System.err.println(Arrays.stream(caller.getStackTrace()).map(StackTraceElement::toString).collect(joining("\n    ", "    ", "")));
                    Runtime.getRuntime().halt(1);
                }
            }
        }
        catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close()
    {
        watcher.interrupt();
    }
}
