package io.nostro.functions.kernels;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import java.util.List;
import java.util.concurrent.TimeUnit;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Time and memory of a call of each function's kernel, and of the Java libraries that do the same. Each has a JVM of its own,
 * so that what is compiled for one is not shaped by another. {@code benchmarks/kernels.py} runs it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BenchmarkKernels
{
    @Param("iban_is_valid/nostro")
    public String kernel;

    private Kernel measured;

    @Setup
    public void find()
    {
        measured = requireNonNull(Kernels.all().get(kernel), kernel);
    }

    @Benchmark
    @OperationsPerInvocation(Kernels.INPUTS)
    public void call(Blackhole result)
    {
        for (int input = 0; input < Kernels.INPUTS; input++) {
            measured.call(input, result);
        }
    }

    /**
     * Measures and writes a file.
     *
     * @param arguments the file that JMH's JSON is written to, and beginnings of the names of the functions to measure: none for all
     */
    public static void main(String[] arguments)
            throws RunnerException
    {
        checkArgument(arguments.length > 0, "The file to write to is not given");
        List<String> wanted = List.of(arguments).subList(1, arguments.length);
        String[] kernels = Kernels.all().keySet().stream()
                .filter(name -> wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith))
                .toArray(String[]::new);
        checkArgument(kernels.length > 0, "No function begins with any of %s", wanted);
        new Runner(new OptionsBuilder()
                .include(BenchmarkKernels.class.getName() + ".call")
                .param("kernel", kernels)
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(arguments[0])
                .build())
                .run();
    }
}
