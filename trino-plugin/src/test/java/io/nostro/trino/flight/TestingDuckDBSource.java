package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static com.google.common.base.Preconditions.checkState;
import static com.google.common.io.MoreFiles.deleteRecursively;
import static com.google.common.io.RecursiveDeleteOption.ALLOW_INSECURE;

/**
 * A DuckDB database behind the SDK for sources.
 */
public final class TestingDuckDBSource
        implements Closeable
{
    private final Path directory;
    private final Path requestLog;
    private final TestingPythonSource source;

    public TestingDuckDBSource()
    {
        this("\"rowid\"");
    }

    /**
     * @param rowId the source's {@code row_id}, as JSON
     */
    public TestingDuckDBSource(String rowId)
    {
        try {
            directory = Files.createTempDirectory("nostro-source");
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requestLog = directory.resolve("requests.jsonl");
        source = new TestingPythonSource("duckdb_source.py", directory.resolve("store.duckdb").toString(), requestLog.toString(), rowId);
    }

    /**
     * Executes a statement in the database itself.
     */
    public void execute(String sql)
    {
        String answer = source.ask(sql.replace('\n', ' '));
        checkState("done".equals(answer), "%s: %s", sql, answer);
    }

    public String location()
    {
        return source.location();
    }

    /**
     * {@return the reads of a table that were planned, the first one first}
     */
    List<JsonNode> reads(String table)
    {
        return TestingPythonSource.requests(requestLog, "read", table);
    }

    @Override
    public void close()
    {
        source.close();
        try {
            deleteRecursively(directory, ALLOW_INSECURE);
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
