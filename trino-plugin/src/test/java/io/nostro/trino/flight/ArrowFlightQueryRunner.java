package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.airlift.log.Logger;
import io.nostro.trino.TestedPlugin;
import io.trino.Session;
import io.trino.plugin.tpch.TpchPlugin;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.QueryRunner;
import io.trino.tpch.TpchTable;

import java.util.Map;
import java.util.function.Consumer;

import static io.trino.plugin.tpch.TpchMetadata.TINY_SCHEMA_NAME;
import static io.trino.testing.QueryAssertions.copyTpchTables;
import static io.trino.testing.TestingSession.testSessionBuilder;

/**
 * Starts a Trino with a catalog {@code flight} on a source that is already there.
 */
public final class ArrowFlightQueryRunner
{
    private ArrowFlightQueryRunner() {}

    static DistributedQueryRunner create(String location, Map<String, String> coordinatorProperties)
            throws Exception
    {
        return create(location, coordinatorProperties, ImmutableMap.of());
    }

    static DistributedQueryRunner create(String location, Map<String, String> coordinatorProperties, Map<String, String> catalogProperties)
            throws Exception
    {
        Session session = testSessionBuilder()
                .setCatalog("flight")
                .setSchema("public")
                .build();
        DistributedQueryRunner queryRunner = DistributedQueryRunner.builder(session)
                .setWorkerCount(0)
                .setCoordinatorProperties(coordinatorProperties)
                .build();
        try {
            TestedPlugin.install(queryRunner);
            queryRunner.createCatalog("flight", "arrow_flight", ImmutableMap.<String, String>builder()
                    .put("arrow-flight.location", location)
                    .put("arrow-flight.request-timeout", "5s")
                    .put("arrow-flight.stream-timeout", "3s")
                    .putAll(catalogProperties)
                    .buildOrThrow());
            return queryRunner;
        }
        catch (RuntimeException e) {
            queryRunner.close();
            throw e;
        }
    }

    /**
     * A server whose catalog {@code flight} writes to the source, with tables of TPC-H in its schema {@code tpch}.
     */
    static DistributedQueryRunner createWithTpch(TestingDuckDBSource source, Iterable<TpchTable<?>> tables)
            throws Exception
    {
        return createWithTpch(source, tables, _ -> {});
    }

    /**
     * @param configure changes how the server is made
     */
    static DistributedQueryRunner createWithTpch(TestingDuckDBSource source, Iterable<TpchTable<?>> tables, Consumer<DistributedQueryRunner.Builder<?>> configure)
            throws Exception
    {
        DistributedQueryRunner.Builder<?> builder = DistributedQueryRunner.builder(testSessionBuilder().setCatalog("flight").setSchema("tpch").build());
        configure.accept(builder);
        DistributedQueryRunner queryRunner = builder.build();
        try {
            queryRunner.installPlugin(new TpchPlugin());
            queryRunner.createCatalog("tpch", "tpch");
            TestedPlugin.install(queryRunner);
            queryRunner.createCatalog("flight", "arrow_flight", ImmutableMap.of("arrow-flight.location", source.location()));
            queryRunner.execute("CREATE SCHEMA IF NOT EXISTS flight.tpch");
            copyTpchTables(queryRunner, "tpch", TINY_SCHEMA_NAME, tables);
            return queryRunner;
        }
        catch (RuntimeException e) {
            queryRunner.close();
            throw e;
        }
    }

    /**
     * Serves until it is stopped.
     *
     * @param args the source's location: {@code grpc://host:port}
     */
    public static void main(String[] args)
            throws Exception
    {
        @SuppressWarnings("resource")
        QueryRunner queryRunner = create(args[0], ImmutableMap.of("http-server.http.port", "8080"));
        Logger.get(ArrowFlightQueryRunner.class).info("======== SERVER STARTED: %s ========", ((DistributedQueryRunner) queryRunner).getCoordinator().getBaseUrl());
    }
}
