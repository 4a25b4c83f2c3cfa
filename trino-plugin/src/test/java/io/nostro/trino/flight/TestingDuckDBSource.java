package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static com.google.common.base.Preconditions.checkState;
import static com.google.common.io.MoreFiles.deleteRecursively;
import static com.google.common.io.RecursiveDeleteOption.ALLOW_INSECURE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * A DuckDB database behind the SDK for sources, in a process of its own: what a user of the connector has.
 */
public final class TestingDuckDBSource
        implements Closeable
{
    private final Path directory;
    private final Process process;
    private final BufferedReader output;
    private final String location;

    public TestingDuckDBSource()
    {
        this("\"rowid\"");
    }

    /**
     * @param rowId the source's {@code row_id}, as JSON
     */
    public TestingDuckDBSource(String rowId)
    {
        Path root = repository();
        try {
            directory = Files.createTempDirectory("nostro-source");
            ProcessBuilder builder = new ProcessBuilder(command(root, rowId)).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("PYTHONPATH", root.resolve("python").toString());
            process = builder.start();
            output = process.inputReader(UTF_8);
            location = output.readLine();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (location == null) {
            throw new IllegalStateException("The source did not start");
        }
    }

    private List<String> command(Path root, String rowId)
    {
        return ImmutableList.of(
                root.resolve(".venv/bin/python").toString(),
                root.resolve("trino-plugin/src/test/python/duckdb_source.py").toString(),
                directory.resolve("store.duckdb").toString(),
                rowId);
    }

    private static Path repository()
    {
        Path directory = Path.of("").toAbsolutePath();
        while (directory != null) {
            if (Files.isExecutable(directory.resolve(".venv/bin/python"))) {
                return directory;
            }
            directory = directory.getParent();
        }
        throw new IllegalStateException("No .venv above the working directory: ./build.sh build makes it");
    }

    /**
     * Executes a statement in the database itself.
     */
    public synchronized void execute(String sql)
    {
        try {
            Writer input = process.outputWriter(UTF_8);
            input.write(sql.replace('\n', ' ') + "\n");
            input.flush();
            String answer = output.readLine();
            checkState("done".equals(answer), "%s: %s", sql, answer);
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String location()
    {
        return location;
    }

    @Override
    public void close()
    {
        process.destroy();
        try {
            if (!process.waitFor(20, SECONDS)) {
                process.destroyForcibly();
            }
            deleteRecursively(directory, ALLOW_INSECURE);
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
