package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.apache.arrow.flight.impl.Flight;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A source of the Nostro Flight protocol that keeps its tables in memory and notes what it is asked. Its streams are
 * made of plain messages, so that a test can have them go wrong in any way.
 */
final class TestingFlightSource
        implements AutoCloseable
{
    static final String CAPABILITIES = "{\"projection\": true, \"predicate\": \"exact\", \"limit\": \"exact\", \"partitions\": true}";
    static final String ALL_CAPABILITIES = "{\"projection\": true, \"predicate\": \"exact\", \"limit\": \"exact\", \"partitions\": true, \"top_n\": \"exact\", " +
            "\"aggregates\": [\"count\", \"count_distinct\", \"sum\", \"min\", \"max\", \"avg\"], " +
            "\"expressions\": [\"column\", \"literal\", \"and\", \"or\", \"not\", \"is_null\", \"=\", \"<>\", \"<\", \"<=\", \">\", \">=\", \"is_distinct_from\", \"in\", \"like\", \"cast\", \"+\", \"-\", \"*\", \"/\", \"%\", \"negate\"], " +
            "\"joins\": [\"inner\", \"left\", \"right\", \"full\"], \"nested\": true}";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Context.Key<String> USER = Context.key("user");

    private final BufferAllocator allocator = new RootAllocator();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Map<String, Table> tables = new ConcurrentHashMap<>();
    private final Map<String, Stream> streams = new ConcurrentHashMap<>();
    private final AtomicInteger nextTicket = new AtomicInteger();

    final List<JsonNode> reads = new CopyOnWriteArrayList<>();
    final List<JsonNode> changes = new CopyOnWriteArrayList<>();
    final List<String> users = new CopyOnWriteArrayList<>();
    final List<String> describedTables = new CopyOnWriteArrayList<>();
    final AtomicInteger cancelledStreams = new AtomicInteger();
    final AtomicInteger openStreams = new AtomicInteger();
    volatile String handshake = "{\"protocol\": 1, \"source\": \"testing\", \"version\": \"1\", \"capabilities\": " + CAPABILITIES + "}";
    volatile boolean hang;
    volatile boolean divided;

    private Server server;

    TestingFlightSource()
    {
        start(0);
    }

    void start(int port)
    {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .addService(new Service())
                    .intercept(new UserInterceptor())
                    .executor(executor)
                    .maxInboundMessageSize(1 << 24)
                    .build()
                    .start();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String location()
    {
        return "grpc://127.0.0.1:" + server.getPort();
    }

    void stop()
    {
        try {
            server.shutdownNow().awaitTermination();
        }
        catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    int port()
    {
        return server.getPort();
    }

    @Override
    public void close()
    {
        stop();
        executor.shutdownNow();
        executor.close();
        allocator.close();
    }

    void add(Table table)
    {
        tables.put(table.schemaName() + "." + table.name(), table);
    }

    /**
     * Answers a {@code DoGet} in a way of its own.
     */
    interface StreamBehavior
    {
        void send(ServerCallStreamObserver<Flight.FlightData> observer, List<Flight.FlightData> messages)
                throws InterruptedException;
    }

    /**
     * @param predicateColumns JSON
     * @param locations of every endpoint
     */
    record Table(
            String schemaName,
            String name,
            Schema schema,
            List<List<Object>> rows,
            String capabilities,
            Optional<String> predicateColumns,
            Optional<Long> rowCount,
            Optional<String> comment,
            List<String> locations,
            Optional<StreamBehavior> behavior,
            Optional<String> snapshot)
    {
        static Table of(String name, Schema schema, List<List<Object>> rows)
        {
            return new Table("public", name, schema, rows, CAPABILITIES, Optional.empty(), Optional.of((long) rows.size()), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
        }

        Table inSchema(String schemaName)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, comment, locations, behavior, snapshot);
        }

        Table withCapabilities(String capabilities)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, comment, locations, behavior, snapshot);
        }

        Table withPredicateColumns(String predicateColumns)
        {
            return new Table(schemaName, name, schema, rows, capabilities, Optional.of(predicateColumns), rowCount, comment, locations, behavior, snapshot);
        }

        Table withComment(String comment)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, Optional.of(comment), locations, behavior, snapshot);
        }

        Table withLocations(List<String> locations)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, comment, locations, behavior, snapshot);
        }

        Table withBehavior(StreamBehavior behavior)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, comment, locations, Optional.of(behavior), snapshot);
        }

        Table withSnapshot(String snapshot)
        {
            return new Table(schemaName, name, schema, rows, capabilities, predicateColumns, rowCount, comment, locations, behavior, Optional.of(snapshot));
        }
    }

    private record Stream(Optional<StreamBehavior> behavior, Schema schema, List<List<Object>> rows) {}

    private static final class UserInterceptor
            implements ServerInterceptor
    {
        private static final Metadata.Key<String> HEADER = Metadata.Key.of("x-trino-user", Metadata.ASCII_STRING_MARSHALLER);

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next)
        {
            return Contexts.interceptCall(Context.current().withValue(USER, headers.get(HEADER)), call, headers, next);
        }
    }

    private final class Service
            extends FlightServiceGrpc.FlightServiceImplBase
    {
        @Override
        public void doAction(Flight.Action action, StreamObserver<Flight.Result> observer)
        {
            if (hang) {
                return;
            }
            try {
                JsonNode request = JSON.readTree(action.getBody().toByteArray());
                for (byte[] body : answer(action.getType(), request)) {
                    observer.onNext(Flight.Result.newBuilder().setBody(ByteString.copyFrom(body)).build());
                }
                observer.onCompleted();
            }
            catch (NoSuchTableException e) {
                observer.onError(Status.NOT_FOUND.withDescription(e.getMessage()).asException());
            }
            catch (IOException e) {
                observer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
            }
        }

        private List<byte[]> answer(String type, JsonNode request)
        {
            return switch (type) {
                case "nostro.handshake" -> List.of(handshake.getBytes(UTF_8));
                case "nostro.list_schemas" -> List.of(json("{\"schemas\": [%s]}".formatted(String.join(", ", tables.values().stream().map(table -> quoted(table.schemaName())).distinct().toList()))));
                case "nostro.list_tables" -> List.of(json("{\"tables\": [%s]}".formatted(String.join(", ", tables.values().stream()
                        .filter(table -> !request.hasNonNull("schema") || request.get("schema").asText().equals(table.schemaName()))
                        .map(TestingFlightSource::entry)
                        .toList()))));
                case "nostro.describe_table" -> {
                    describedTables.add(request.get("table").asText());
                    Table table = table(request);
                    yield List.of(
                            json("{\"table\": %s, \"capabilities\": %s, \"row_count\": %s%s%s}".formatted(
                                    entry(table),
                                    table.capabilities(),
                                    table.rowCount().map(String::valueOf).orElse("null"),
                                    table.predicateColumns().map(columns -> ", \"predicate_columns\": " + columns).orElse(""),
                                    table.snapshot().map(snapshot -> ", \"snapshot\": " + quoted(snapshot)).orElse(""))),
                            table.schema().serializeAsMessage());
                }
                case "nostro.change" -> {
                    changes.add(request);
                    yield List.of(json("{\"rows\": 0}"));
                }
                default -> throw new IllegalArgumentException(type);
            };
        }

        @Override
        public void getFlightInfo(Flight.FlightDescriptor descriptor, StreamObserver<Flight.FlightInfo> observer)
        {
            if (hang) {
                return;
            }
            users.add(USER.get());
            JsonNode command;
            Optional<Table> table;
            TestingRows answer;
            try {
                command = JSON.readTree(descriptor.getCmd().toByteArray());
                table = command.hasNonNull("table") ? Optional.of(table(command)) : Optional.empty();
                reads.add(command);
                answer = rows(command);
            }
            catch (IOException | NoSuchTableException e) {
                observer.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
                return;
            }
            catch (ArithmeticException e) {
                observer.onError(Status.INTERNAL.withDescription(e.getMessage()).asException());
                return;
            }
            int partitions = divided ? 2 : !command.get("limit").isNull() ? 1 : command.get("partitions").asInt();
            Schema schema = answer.schema();
            List<List<Object>> rows = answer.rows();
            Flight.FlightInfo.Builder info = Flight.FlightInfo.newBuilder()
                    .setSchema(ByteString.copyFrom(schema.serializeAsMessage()))
                    .setTotalRecords(-1)
                    .setTotalBytes(-1);
            for (int partition = 0; partition < partitions; partition++) {
                String ticket = "ticket-" + nextTicket.incrementAndGet();
                List<List<Object>> part = rows.subList(rows.size() * partition / partitions, rows.size() * (partition + 1) / partitions);
                streams.put(ticket, new Stream(table.flatMap(Table::behavior), schema, part));
                info.addEndpoint(Flight.FlightEndpoint.newBuilder()
                        .setTicket(Flight.Ticket.newBuilder().setTicket(ByteString.copyFromUtf8(ticket)))
                        .addAllLocation(table.map(Table::locations).orElse(List.of()).stream().map(uri -> Flight.Location.newBuilder().setUri(uri).build()).toList()));
            }
            observer.onNext(info.build());
            observer.onCompleted();
        }

        @Override
        public void doGet(Flight.Ticket ticket, StreamObserver<Flight.FlightData> observer)
        {
            Stream stream = streams.get(ticket.getTicket().toStringUtf8());
            ServerCallStreamObserver<Flight.FlightData> callObserver = (ServerCallStreamObserver<Flight.FlightData>) observer;
            // with a handler, what is sent after that is dropped and is no error
            callObserver.setOnCancelHandler(() -> {});
            openStreams.incrementAndGet();
            executor.execute(() -> {
                try {
                    List<Flight.FlightData> messages = messages(stream.schema(), stream.rows());
                    if (stream.behavior().isPresent()) {
                        stream.behavior().get().send(callObserver, messages);
                    }
                    else {
                        messages.forEach(callObserver::onNext);
                        callObserver.onCompleted();
                    }
                }
                catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                finally {
                    // here, as gRPC says that a call is cancelled before it calls the handler
                    if (callObserver.isCancelled()) {
                        cancelledStreams.incrementAndGet();
                    }
                    openStreams.decrementAndGet();
                }
            });
        }
    }

    private List<Flight.FlightData> messages(Schema schema, List<List<Object>> rows)
    {
        if (schema.getFields().isEmpty()) {
            try (VectorSchemaRoot root = new VectorSchemaRoot(schema, List.of(), rows.size())) {
                return TestingArrow.encode(root, new MapDictionaryProvider());
            }
        }
        // two batches, so that a stream has a middle
        int half = rows.size() / 2;
        return ImmutableList.<Flight.FlightData>builder()
                .addAll(TestingArrow.encode(allocator, schema, rows.subList(0, half)))
                .add(TestingArrow.encode(allocator, schema, rows.subList(half, rows.size())).getLast())
                .build();
    }

    private Table table(JsonNode request)
    {
        String name = request.get("schema").asText() + "." + request.get("table").asText();
        Table table = tables.get(name);
        if (table == null) {
            throw new NoSuchTableException("No table " + name);
        }
        return table;
    }

    private static String entry(Table table)
    {
        return "{\"schema\": %s, \"table\": %s, \"comment\": %s}".formatted(
                quoted(table.schemaName()),
                quoted(table.name()),
                table.comment().map(TestingFlightSource::quoted).orElse("null"));
    }

    private static String quoted(String text)
    {
        return "\"" + text + "\"";
    }

    private static byte[] json(String text)
    {
        return text.getBytes(UTF_8);
    }

    /**
     * Evaluates a read, or a relation within it.
     */
    private TestingRows rows(JsonNode relation)
    {
        TestingRows source;
        if (relation.hasNonNull("join")) {
            JsonNode join = relation.get("join");
            source = rows(join.get("left")).joined(rows(join.get("right")), join);
        }
        else if (relation.hasNonNull("relation")) {
            source = rows(relation.get("relation"));
        }
        else {
            Table table = table(relation);
            source = new TestingRows(table.schema(), table.rows());
        }
        TestingRows answer = new TestingRows(source.schema(), source.rows().stream()
                .filter(row -> matches(source.schema(), row, relation.get("predicate")))
                .toList());
        if (relation.hasNonNull("aggregation")) {
            answer = answer.aggregated(relation.get("aggregation"));
        }
        if (relation.hasNonNull("order_by")) {
            answer = answer.ordered(relation.get("order_by"));
        }
        if (!relation.get("limit").isNull()) {
            answer = answer.limited(relation.get("limit").asInt());
        }
        return answer.projected(relation.get("columns"));
    }

    private static boolean matches(Schema schema, List<Object> row, JsonNode predicate)
    {
        if (predicate.isNull()) {
            return true;
        }
        for (JsonNode column : predicate.get("columns")) {
            Field field = schema.findField(column.get("column").asText());
            Object value = row.get(schema.getFields().indexOf(field));
            if (value == null ? !column.get("null_allowed").asBoolean() : !matches(field, value, column)) {
                return false;
            }
        }
        return !predicate.hasNonNull("expression") || Boolean.TRUE.equals(TestingRows.evaluate(schema, row, predicate.get("expression")));
    }

    private static boolean matches(Field field, Object value, JsonNode column)
    {
        Object comparable = comparable(value);
        if (column.hasNonNull("values")) {
            for (JsonNode literal : column.get("values")) {
                if (compare(comparable, parse(field.getType(), literal.asText())) == 0 && !isNan(comparable)) {
                    return true;
                }
            }
            return false;
        }
        if (column.hasNonNull("ranges")) {
            for (JsonNode range : column.get("ranges")) {
                if (range.get("low").isNull() && range.get("high").isNull()) {
                    return true;
                }
                if (!isNan(comparable) && within(field, comparable, range.get("low"), 1) && within(field, comparable, range.get("high"), -1)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean within(Field field, Object value, JsonNode bound, int sign)
    {
        if (bound.isNull()) {
            return true;
        }
        int comparison = sign * compare(value, parse(field.getType(), bound.get("value").asText()));
        return comparison > 0 || (comparison == 0 && bound.get("inclusive").asBoolean());
    }

    static boolean isNan(Object value)
    {
        return value instanceof Double number && Double.isNaN(number);
    }

    static Object comparable(Object value)
    {
        return switch (value) {
            case String text -> text.getBytes(UTF_8);
            case Float number -> (double) number;
            case Byte _, Short _, Integer _, Long _ -> new BigDecimal(value.toString());
            default -> value;
        };
    }

    static Object parse(ArrowType type, String literal)
    {
        return switch (type) {
            case ArrowType.Bool _ -> Boolean.valueOf(literal);
            case ArrowType.Utf8 _ -> literal.getBytes(UTF_8);
            case ArrowType.Binary _ -> Base64.getDecoder().decode(literal);
            case ArrowType.FixedSizeBinary _ -> uuidBytes(literal);
            case ArrowType.FloatingPoint floatingPoint -> floatingPoint.getPrecision() == FloatingPointPrecision.SINGLE ? (double) Float.parseFloat(literal) : Double.parseDouble(literal);
            case ArrowType.Date _ -> BigDecimal.valueOf(LocalDate.parse(literal).toEpochDay());
            case ArrowType.Time _ -> BigDecimal.valueOf(LocalTime.parse(literal).toNanoOfDay() / 1000);
            case ArrowType.Timestamp timestamp -> {
                Instant instant = timestamp.getTimezone() == null ? LocalDateTime.parse(literal).toInstant(ZoneOffset.UTC) : Instant.parse(literal);
                yield BigDecimal.valueOf(instant.getEpochSecond()).movePointRight(6).add(BigDecimal.valueOf(instant.getNano(), 3));
            }
            default -> new BigDecimal(literal);
        };
    }

    private static byte[] uuidBytes(String literal)
    {
        String digits = literal.replace("-", "");
        byte[] bytes = new byte[16];
        IntStream.range(0, 16).forEach(i -> bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16));
        return bytes;
    }

    static int compare(Object left, Object right)
    {
        return switch (left) {
            case byte[] bytes -> Arrays.compareUnsigned(bytes, (byte[]) right);
            case Boolean value -> value.compareTo((Boolean) right);
            // as SQL has it: zeros are equal
            case Double value -> Double.compare(value + 0.0, (Double) right + 0.0);
            default -> ((BigDecimal) left).compareTo((BigDecimal) right);
        };
    }

    private static final class NoSuchTableException
            extends RuntimeException
    {
        private static final long serialVersionUID = 1;

        private NoSuchTableException(String message)
        {
            super(message);
        }
    }
}
