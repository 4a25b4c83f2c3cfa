package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * A source that the SDK serves in a process of its own: what a user of the connector has. The script prints the location,
 * and ends with its input.
 */
final class TestingPythonSource
        implements Closeable
{
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedReader output;
    private final String location;

    TestingPythonSource(String script, String... arguments)
    {
        Path root = repository();
        List<String> command = ImmutableList.<String>builder()
                .add(root.resolve(".venv/bin/python").toString())
                .add(root.resolve("trino-plugin/src/test/python").resolve(script).toString())
                .add(arguments)
                .build();
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().put("PYTHONPATH", root.resolve("python").toString());
            process = builder.start();
            output = process.inputReader(UTF_8);
            location = output.readLine();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        checkState(location != null, "The source did not start: %s", command);
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
     * Writes a line to the script.
     *
     * @return the line that it answers with
     */
    synchronized String ask(String line)
    {
        try {
            Writer input = process.outputWriter(UTF_8);
            input.write(line + "\n");
            input.flush();
            return output.readLine();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String location()
    {
        return location;
    }

    /**
     * {@return the lines of a request log, of an event and a table}
     */
    static List<JsonNode> requests(Path log, String event, String table)
    {
        try {
            return Files.readAllLines(log).stream()
                    .map(TestingPythonSource::parse)
                    .filter(line -> line.path("event").asText().equals(event) && line.path("table").asText().equals(table))
                    .collect(toImmutableList());
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parse(String line)
    {
        try {
            return JSON.readTree(line);
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive()
    {
        return process.isAlive();
    }

    /**
     * Ends the process as kill -9 does.
     */
    void kill()
    {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close()
    {
        process.destroy();
        try {
            if (!process.waitFor(20, SECONDS)) {
                process.destroyForcibly();
            }
        }
        catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
