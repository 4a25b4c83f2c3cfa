package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.net.PercentEscaper;
import com.google.inject.Inject;
import com.google.protobuf.ByteString;
import io.airlift.log.Logger;
import io.airlift.slice.Slices;
import io.airlift.units.Duration;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.nostro.trino.flight.ArrowFlightProtocol.AbortRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.BeginWriteRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.Capabilities;
import io.nostro.trino.flight.ArrowFlightProtocol.ChangeRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.ChangeResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.CommitRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.DescribeTableRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.DescribeTableResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.EndpointMetadata;
import io.nostro.trino.flight.ArrowFlightProtocol.HandshakeRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.HandshakeResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.ListSchemasRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.ListSchemasResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.ListTablesRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.ListTablesResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.ReadCommand;
import io.nostro.trino.flight.ArrowFlightProtocol.ReleaseRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.StagedStream;
import io.nostro.trino.flight.ArrowFlightProtocol.TableEntry;
import io.nostro.trino.flight.ArrowFlightProtocol.TableStatisticsRequest;
import io.nostro.trino.flight.ArrowFlightProtocol.TableStatisticsResponse;
import io.nostro.trino.flight.ArrowFlightProtocol.WriteCommand;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.predicate.TupleDomain;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.flight.impl.FlightServiceGrpc.FlightServiceBlockingStub;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.grpc.Metadata.ASCII_STRING_MARSHALLER;
import static io.grpc.Status.Code.DEADLINE_EXCEEDED;
import static io.grpc.Status.Code.NOT_FOUND;
import static io.grpc.Status.Code.UNAVAILABLE;
import static io.grpc.stub.MetadataUtils.newAttachHeadersInterceptor;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_PROTOCOL_MISMATCH;
import static io.nostro.trino.flight.ArrowFlightFailures.badResponse;
import static io.nostro.trino.flight.ArrowFlightFailures.refused;
import static io.nostro.trino.flight.ArrowFlightFailures.requestFailed;
import static io.nostro.trino.flight.ArrowFlightPredicates.toTupleDomain;
import static io.nostro.trino.flight.ArrowFlightProtocol.ABORT;
import static io.nostro.trino.flight.ArrowFlightProtocol.BEGIN_WRITE;
import static io.nostro.trino.flight.ArrowFlightProtocol.CHANGE;
import static io.nostro.trino.flight.ArrowFlightProtocol.COMMIT;
import static io.nostro.trino.flight.ArrowFlightProtocol.DESCRIBE_TABLE;
import static io.nostro.trino.flight.ArrowFlightProtocol.HANDSHAKE;
import static io.nostro.trino.flight.ArrowFlightProtocol.LIST_SCHEMAS;
import static io.nostro.trino.flight.ArrowFlightProtocol.LIST_TABLES;
import static io.nostro.trino.flight.ArrowFlightProtocol.RELEASE;
import static io.nostro.trino.flight.ArrowFlightProtocol.TABLE_STATISTICS;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * Asks the catalog's source what it has and how to read it, and opens its streams.
 */
public final class ArrowFlightClient
{
    private static final Logger log = Logger.get(ArrowFlightClient.class);

    private static final Metadata.Key<String> USER_HEADER = Metadata.Key.of("x-trino-user", ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> QUERY_HEADER = Metadata.Key.of("x-trino-query-id", ASCII_STRING_MARSHALLER);
    private static final PercentEscaper HEADER_ESCAPER = new PercentEscaper("-_.~!*'()@+:/,;=&$ ", false);

    private static final String REUSE_CONNECTION = "arrow-flight-reuse-connection:";
    private static final int MAX_RESULTS = 16;

    private final ArrowFlightChannels channels;
    private final ArrowFlightLocation location;
    private final Duration requestTimeout;
    private final Duration commitTimeout;
    private final long prefetchBytes;
    private final AtomicReference<HandshakeResponse> handshake = new AtomicReference<>();
    private final Set<String> holders = ConcurrentHashMap.newKeySet();

    @Inject
    public ArrowFlightClient(ArrowFlightChannels channels, ArrowFlightConfig config)
    {
        this.channels = requireNonNull(channels, "channels is null");
        location = ArrowFlightLocation.parse(config.getLocation());
        requestTimeout = config.getRequestTimeout();
        commitTimeout = config.getCommitTimeout();
        prefetchBytes = config.getPrefetchSize().toBytes();
    }

    public ArrowFlightLocation location()
    {
        return location;
    }

    public List<String> listSchemas(ConnectorSession session)
    {
        ListSchemasResponse response = jsonAction(session, LIST_SCHEMAS, new ListSchemasRequest(), ListSchemasResponse.class, "list its schemas");
        List<String> schemas = required(response.schemas(), "schemas", "list its schemas");
        schemas.forEach(schema -> required(schema, "a schema's name", "list its schemas"));
        return schemas;
    }

    /**
     * Lists the names of tables.
     *
     * @param remoteSchema as the source spells it; tables of all schemas when empty
     */
    public List<TableEntry> listTables(ConnectorSession session, Optional<String> remoteSchema)
    {
        String action = remoteSchema.map(schema -> "list the tables of " + schema).orElse("list its tables");
        ListTablesResponse response = jsonAction(session, LIST_TABLES, new ListTablesRequest(remoteSchema.orElse(null)), ListTablesResponse.class, action);
        List<TableEntry> tables = required(response.tables(), "tables", action);
        tables.forEach(table -> {
            required(table, "a table", action);
            required(table.schema(), "a table's schema", action);
            required(table.table(), "a table's name", action);
        });
        return tables;
    }

    /**
     * {@return empty when the source has no such table}
     */
    Optional<ArrowFlightTableDescription> describeTable(ConnectorSession session, String remoteSchema, String remoteTable)
    {
        String action = "describe %s.%s".formatted(remoteSchema, remoteTable);
        List<ByteString> results;
        try {
            results = action(session, DESCRIBE_TABLE, new DescribeTableRequest(remoteSchema, remoteTable, holder(session)));
        }
        catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw requestFailed(location, action, e.getStatus());
        }
        if (results.size() != 2) {
            throw badResponse(location, action, "%s results, expected 2".formatted(results.size()));
        }
        DescribeTableResponse response = parseJson(results.getFirst(), DescribeTableResponse.class, action);
        TableEntry table = required(response.table(), "table", action);
        required(table.schema(), "table.schema", action);
        required(table.table(), "table.table", action);
        try {
            return Optional.of(new ArrowFlightTableDescription(response, capabilities(session, response), ArrowFlightSchemas.readEncapsulated(results.get(1).toByteArray())));
        }
        catch (IllegalArgumentException e) {
            throw badResponse(location, action, "Arrow schema: " + e.getMessage());
        }
    }

    /**
     * Asks what is known of the values of some columns.
     *
     * @return empty when the source has no statistics
     */
    Optional<TableStatisticsResponse> tableStatistics(ConnectorSession session, String remoteSchema, String remoteTable, List<String> columns, Optional<String> snapshot)
    {
        if (!sourceCapabilities(session).statisticsSupport()) {
            return Optional.empty();
        }
        return Optional.of(jsonAction(
                session,
                TABLE_STATISTICS,
                new TableStatisticsRequest(remoteSchema, remoteTable, columns, snapshot.orElse(null)),
                TableStatisticsResponse.class,
                "tell statistics of %s.%s".formatted(remoteSchema, remoteTable)));
    }

    private Capabilities sourceCapabilities(ConnectorSession session)
    {
        return Optional.ofNullable(ensureHandshake(session).capabilities()).orElse(Capabilities.NONE);
    }

    private Capabilities capabilities(ConnectorSession session, DescribeTableResponse response)
    {
        return Optional.ofNullable(response.capabilities()).orElseGet(() -> sourceCapabilities(session));
    }

    /**
     * Asks for a flight.
     *
     * @param name what is read, for errors
     * @param columns of which the source may say something
     * @return its endpoints
     */
    public List<ArrowFlightSplit> plan(ConnectorSession session, String name, ReadCommand command, List<ArrowFlightColumnHandle> columns)
    {
        String action = "plan the reading of " + name;
        Flight.FlightDescriptor descriptor = Flight.FlightDescriptor.newBuilder()
                .setType(Flight.FlightDescriptor.DescriptorType.CMD)
                .setCmd(ByteString.copyFrom(ArrowFlightProtocol.write(command)))
                .build();
        Flight.FlightInfo info;
        try {
            info = call(session, stub -> stub.getFlightInfo(descriptor), requestTimeout);
        }
        catch (StatusRuntimeException e) {
            throw requestFailed(location, action, e.getStatus());
        }
        return info.getEndpointList().stream()
                .map(endpoint -> new ArrowFlightSplit(
                        Slices.wrappedBuffer(endpoint.getTicket().getTicket().toByteArray()),
                        locations(endpoint, action),
                        rows(endpoint, columns)))
                .collect(toImmutableList());
    }

    private static TupleDomain<ColumnHandle> rows(Flight.FlightEndpoint endpoint, List<ArrowFlightColumnHandle> columns)
    {
        if (endpoint.getAppMetadata().isEmpty()) {
            return TupleDomain.all();
        }
        try {
            EndpointMetadata metadata = ArrowFlightProtocol.read(endpoint.getAppMetadata().toByteArray(), EndpointMetadata.class);
            return metadata.predicate() == null ? TupleDomain.all() : toTupleDomain(metadata.predicate(), columns);
        }
        catch (IOException | IllegalArgumentException e) {
            // the source may have written something for itself there
            return TupleDomain.all();
        }
    }

    /**
     * {@return who holds the states that a query reads: the query}
     */
    private String holder(ConnectorSession session)
    {
        if (!sourceCapabilities(session).snapshotSupport()) {
            return null;
        }
        holders.add(session.getQueryId());
        return session.getQueryId();
    }

    /**
     * {@return the kinds of change that the source makes}
     */
    List<String> changes(ConnectorSession session)
    {
        return sourceCapabilities(session).changes();
    }

    /**
     * Tells the source that the query has ended, if it holds anything there.
     */
    void release(ConnectorSession session)
    {
        if (!holders.remove(session.getQueryId())) {
            return;
        }
        Thread.startVirtualThread(() -> {
            try {
                action(session, RELEASE, new ReleaseRequest(ArrowFlightProtocol.VERSION, session.getQueryId()));
            }
            catch (RuntimeException e) {
                // the source lets go by itself after a while
                log.debug(e, "Snapshots of query %s were not released", session.getQueryId());
            }
        });
    }

    /**
     * Changes a schema or table.
     *
     * @param action what is done, as in "create public.trades"
     * @return how many rows were changed
     * @throws TrinoException when the source refuses
     */
    long change(ConnectorSession session, ChangeRequest request, String action)
    {
        ChangeResponse response = writeAction(session, CHANGE, request, action);
        checkDone(response, action);
        return response.rows();
    }

    void beginWrite(ConnectorSession session, BeginWriteRequest request)
    {
        String action = "begin to write to %s.%s".formatted(request.schema(), request.table());
        checkDone(writeAction(session, BEGIN_WRITE, request, action), action);
    }

    void commit(ConnectorSession session, String operation, List<StagedStream> streams, String action)
    {
        checkDone(writeAction(session, COMMIT, new CommitRequest(ArrowFlightProtocol.VERSION, operation, streams), action), action);
    }

    void abort(ConnectorSession session, String operation)
    {
        jsonAction(session, ABORT, new AbortRequest(ArrowFlightProtocol.VERSION, operation), ChangeResponse.class, "forget a write");
    }

    /**
     * Waits for as long as a source may need to store rows, or to let others store theirs before: a commit that is not
     * waited for is made all the same.
     */
    private ChangeResponse writeAction(ConnectorSession session, String type, Object request, String action)
    {
        return jsonAction(session, type, request, ChangeResponse.class, action, commitTimeout);
    }

    private void checkDone(ChangeResponse response, String action)
    {
        if (response.refused() != null) {
            throw refused(location, action, response.refused());
        }
    }

    ArrowFlightPutStream openPutStream(ConnectorSession session, ArrowFlightOutputTableHandle output, String stream)
    {
        Flight.FlightDescriptor descriptor = Flight.FlightDescriptor.newBuilder()
                .setType(Flight.FlightDescriptor.DescriptorType.CMD)
                .setCmd(ByteString.copyFrom(ArrowFlightProtocol.write(new WriteCommand(output.operation(), stream))))
                .build();
        return ArrowFlightPutStream.open(channels.get(location), descriptor, ArrowFlightSchemaEncoder.message(output.columns()), headers(session));
    }

    ArrowFlightStream openStream(ConnectorSession session, ArrowFlightLocation location, ByteString ticket)
    {
        return ArrowFlightStream.open(channels.get(location), ticket, headers(session), prefetchBytes);
    }

    /**
     * To be called when a stream could not reach its server.
     */
    void connectionFailed(ArrowFlightLocation location, ManagedChannel channel)
    {
        // not the channel of now: another stream may have connected anew
        channels.discard(location, channel);
        handshake.set(null);
    }

    private List<ArrowFlightLocation> locations(Flight.FlightEndpoint endpoint, String action)
    {
        if (endpoint.getLocationCount() == 0) {
            return ImmutableList.of(location);
        }
        ImmutableList.Builder<ArrowFlightLocation> locations = ImmutableList.builder();
        for (Flight.Location endpointLocation : endpoint.getLocationList()) {
            String uri = endpointLocation.getUri();
            if (uri.startsWith(REUSE_CONNECTION)) {
                locations.add(location);
            }
            else {
                try {
                    locations.add(ArrowFlightLocation.parse(uri));
                }
                catch (IllegalArgumentException e) {
                    throw badResponse(location, action, e.getMessage());
                }
            }
        }
        return locations.build();
    }

    private <T> T jsonAction(ConnectorSession session, String type, Object request, Class<T> responseType, String action)
    {
        return jsonAction(session, type, request, responseType, action, requestTimeout);
    }

    private <T> T jsonAction(ConnectorSession session, String type, Object request, Class<T> responseType, String action, Duration timeout)
    {
        List<ByteString> results;
        try {
            results = action(session, type, request, timeout);
        }
        catch (StatusRuntimeException e) {
            throw requestFailed(location, action, e.getStatus());
        }
        if (results.size() != 1) {
            throw badResponse(location, action, "%s results, expected 1".formatted(results.size()));
        }
        return parseJson(results.getFirst(), responseType, action);
    }

    private List<ByteString> action(ConnectorSession session, String type, Object request)
    {
        return action(session, type, request, requestTimeout);
    }

    private List<ByteString> action(ConnectorSession session, String type, Object request, Duration timeout)
    {
        ensureHandshake(session);
        return call(session, stub -> doAction(stub, type, request), timeout);
    }

    private HandshakeResponse ensureHandshake(ConnectorSession session)
    {
        HandshakeResponse known = handshake.get();
        if (known != null) {
            return known;
        }
        String action = "agree on a protocol version";
        HandshakeRequest request = new HandshakeRequest(ImmutableList.of(ArrowFlightProtocol.VERSION), "trino nostro");
        List<ByteString> results;
        try {
            results = call(session, stub -> doAction(stub, HANDSHAKE, request), requestTimeout);
        }
        catch (StatusRuntimeException e) {
            throw requestFailed(location, action, e.getStatus());
        }
        if (results.size() != 1) {
            throw badResponse(location, action, "%s results, expected 1".formatted(results.size()));
        }
        HandshakeResponse response = parseJson(results.getFirst(), HandshakeResponse.class, action);
        if (response.protocol() == null || response.protocol() != ArrowFlightProtocol.VERSION) {
            throw new TrinoException(ARROW_FLIGHT_PROTOCOL_MISMATCH, "The Flight source at %s speaks version %s of the protocol, this connector version %s".formatted(
                    location, response.protocol(), ArrowFlightProtocol.VERSION));
        }
        log.debug("Source %s is %s %s", location, response.source(), response.version());
        handshake.set(response);
        return response;
    }

    private static List<ByteString> doAction(FlightServiceBlockingStub stub, String type, Object request)
    {
        Flight.Action action = Flight.Action.newBuilder()
                .setType(type)
                .setBody(ByteString.copyFrom(ArrowFlightProtocol.write(request)))
                .build();
        ImmutableList.Builder<ByteString> results = ImmutableList.builder();
        int count = 0;
        Iterator<Flight.Result> iterator = stub.doAction(action);
        while (iterator.hasNext()) {
            results.add(iterator.next().getBody());
            count++;
            if (count > MAX_RESULTS) {
                throw new StatusRuntimeException(Status.DATA_LOSS.withDescription("more than %s results".formatted(MAX_RESULTS)));
            }
        }
        return results.build();
    }

    /**
     * A request that finds its connection broken is made once more on a new one, as the source may have been restarted
     * since the last: one that changes something has an id by which the source knows that it was made.
     */
    private <T> T call(ConnectorSession session, Function<FlightServiceBlockingStub, T> request, Duration timeout)
    {
        try {
            return callOnce(session, request, timeout);
        }
        catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != UNAVAILABLE) {
                throw e;
            }
            return callOnce(session, request, timeout);
        }
    }

    private <T> T callOnce(ConnectorSession session, Function<FlightServiceBlockingStub, T> request, Duration timeout)
    {
        ManagedChannel channel = channels.get(location);
        FlightServiceBlockingStub stub = FlightServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(timeout.toMillis(), MILLISECONDS)
                .withInterceptors(newAttachHeadersInterceptor(headers(session)));
        try {
            return request.apply(stub);
        }
        catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            if (code == UNAVAILABLE || code == DEADLINE_EXCEEDED) {
                channels.discard(location, channel);
                handshake.set(null);
            }
            throw e;
        }
    }

    private static Metadata headers(ConnectorSession session)
    {
        Metadata headers = new Metadata();
        headers.put(USER_HEADER, HEADER_ESCAPER.escape(session.getUser()));
        headers.put(QUERY_HEADER, session.getQueryId());
        return headers;
    }

    private <T> T parseJson(ByteString json, Class<T> type, String action)
    {
        try {
            return ArrowFlightProtocol.read(json.toByteArray(), type);
        }
        catch (IOException e) {
            throw badResponse(location, action, "not the expected JSON");
        }
    }

    private <T> T required(T value, String name, String action)
    {
        if (value == null) {
            throw badResponse(location, action, name + " is missing");
        }
        return value;
    }
}
