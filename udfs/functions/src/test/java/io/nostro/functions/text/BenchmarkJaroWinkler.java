package io.nostro.functions.text;

import org.apache.commons.text.similarity.JaroWinklerSimilarity;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

import static java.nio.charset.StandardCharsets.UTF_8;

@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BenchmarkJaroWinkler
{
    private static final int PAIRS = 2;

    private final String[] texts = {"Deutsche Bank", "Deutsche Bnak AG"};
    private final byte[][] bytes = {texts[0].getBytes(UTF_8), texts[1].getBytes(UTF_8)};
    private final JaroWinklerSimilarity commonsText = new JaroWinklerSimilarity();

    @Benchmark
    @OperationsPerInvocation(PAIRS)
    public double jaroWinkler()
    {
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            sum += JaroWinkler.similarity(bytes[i], 0, bytes[i].length, bytes[1 - i], 0, bytes[1 - i].length);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(PAIRS)
    public double jaroWinklerByCommonsText()
    {
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            sum += commonsText.apply(texts[i], texts[1 - i]);
        }
        return sum;
    }
}
