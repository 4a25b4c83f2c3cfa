package io.nostro.trino.flight;

import com.google.common.collect.ImmutableMap;
import io.airlift.log.Logger;
import io.nostro.trino.TestedPlugin;
import io.trino.Session;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.QueryRunner;

import java.util.Map;

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
            queryRunner.createCatalog("flight", "arrow_flight", ImmutableMap.of(
                    "arrow-flight.location", location,
                    "arrow-flight.request-timeout", "5s",
                    "arrow-flight.stream-timeout", "3s"));
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
