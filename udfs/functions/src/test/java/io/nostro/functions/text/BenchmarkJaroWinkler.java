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

import java.util.Arrays;
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
    private static final int PAIRS = 6;

    private final String[] lefts = {"Deutsche Bank", "Deutsche Bnak AG", "Jonathan Smith", "Maria Gonzalez Lopez", "BNP Paribas SA", "Mueller"};
    private final String[] rights = {"Deutsche Bnak AG", "Deutsche Bank", "Smith, John", "Gonzales, Maria L.", "Banque Nationale", "Miller"};
    private final byte[][] leftBytes = bytes(lefts);
    private final byte[][] rightBytes = bytes(rights);
    private final JaroWinklerSimilarity commonsText = new JaroWinklerSimilarity();

    @Benchmark
    @OperationsPerInvocation(PAIRS)
    public double jaroWinkler()
    {
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            sum += JaroWinkler.similarity(leftBytes[i], 0, leftBytes[i].length, rightBytes[i], 0, rightBytes[i].length);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(PAIRS)
    public double jaroWinklerByCommonsText()
    {
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            sum += commonsText.apply(lefts[i], rights[i]);
        }
        return sum;
    }

    private static byte[][] bytes(String[] texts)
    {
        return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toArray(byte[][]::new);
    }
}
