package io.nostro.trino.flight;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;

import java.io.IOException;
import java.util.List;
import java.util.Objects;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_EMPTY;
import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;
import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS;
import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES;
import static com.google.common.collect.ImmutableList.toImmutableList;

/**
 * The JSON messages of the Nostro Flight protocol, version 1: bodies of Flight actions, and the command of a flight
 * descriptor. Fields that this version does not know are ignored.
 *
 * <p>Components that a source may leave out are nullable here, since a message is what came, not what should have come;
 * the methods beside them give what leaving them out means.
 */
public final class ArrowFlightProtocol
{
    public static final int VERSION = 1;

    public static final String HANDSHAKE = "nostro.handshake";
    public static final String LIST_SCHEMAS = "nostro.list_schemas";
    public static final String LIST_TABLES = "nostro.list_tables";
    public static final String DESCRIBE_TABLE = "nostro.describe_table";
    public static final String TABLE_STATISTICS = "nostro.table_statistics";
    public static final String CHANGE = "nostro.change";
    public static final String BEGIN_WRITE = "nostro.begin_write";
    public static final String COMMIT = "nostro.commit";
    public static final String ABORT = "nostro.abort";
    public static final String RELEASE = "nostro.release";

    /**
     * Key of an Arrow field's metadata that holds the SQL name of its Trino type.
     */
    public static final String TYPE_METADATA = "nostro.type";

    /**
     * Key of an Arrow field's metadata that is {@code true} for a column that is read only when it is named.
     */
    public static final String HIDDEN_METADATA = "nostro.hidden";

    /**
     * Key of an Arrow field's metadata that holds a column's comment.
     */
    public static final String COMMENT_METADATA = "nostro.comment";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(FAIL_ON_TRAILING_TOKENS)
            .build();

    private ArrowFlightProtocol() {}

    public static byte[] write(Object message)
    {
        try {
            return JSON.writeValueAsBytes(message);
        }
        catch (JsonProcessingException e) {
            throw new IllegalArgumentException("Message has no JSON form: " + message, e);
        }
    }

    /**
     * Reads a message.
     *
     * @throws IOException when the bytes are not the JSON of such a message
     */
    public static <T> T read(byte[] json, Class<T> type)
            throws IOException
    {
        T message = JSON.readValue(json, type);
        if (message == null) {
            throw new IOException("JSON is null");
        }
        return message;
    }

    public enum Support
    {
        NONE,
        /**
         * The source may return rows that were not asked for, but leaves out none.
         */
        PARTIAL,
        /**
         * The source returns exactly what was asked for, over all endpoints together.
         */
        EXACT;

        /**
         * Reads a capability.
         *
         * @param text null and words of a later version mean that nothing can be relied on
         */
        static Support parse(String text)
        {
            return switch (text) {
                case "exact" -> EXACT;
                case "partial" -> PARTIAL;
                case null, default -> NONE;
            };
        }
    }

    public record HandshakeRequest(List<Integer> protocol, String client) {}

    public record HandshakeResponse(Integer protocol, String source, String version, Capabilities capabilities) {}

    public record Capabilities(
            Boolean projection,
            String predicate,
            String limit,
            Boolean partitions,
            @JsonProperty("top_n") String topN,
            List<String> aggregates,
            List<String> expressions,
            List<String> changes,
            Boolean snapshots,
            List<String> joins,
            Boolean statistics,
            Boolean nested)
    {
        public static final Capabilities NONE = new Capabilities(null, null, null, null, null, null, null, null, null, null, null, null);

        public Capabilities
        {
            aggregates = known(aggregates);
            expressions = known(expressions);
            changes = known(changes);
            joins = known(joins);
        }

        private static List<String> known(List<String> names)
        {
            return names == null ? ImmutableList.of() : names.stream().filter(Objects::nonNull).collect(toImmutableList());
        }

        /**
         * {@return false when all columns of a table must be asked for}
         */
        public boolean projectionSupport()
        {
            return Boolean.TRUE.equals(projection);
        }

        public Support predicateSupport()
        {
            return Support.parse(predicate);
        }

        public Support limitSupport()
        {
            return Support.parse(limit);
        }

        /**
         * {@return whether a read may be of a relation's rows}
         */
        public boolean nestedSupport()
        {
            return Boolean.TRUE.equals(nested);
        }

        public Support topNSupport()
        {
            return Support.parse(topN);
        }

        public boolean snapshotSupport()
        {
            return Boolean.TRUE.equals(snapshots);
        }

        public boolean statisticsSupport()
        {
            return Boolean.TRUE.equals(statistics);
        }
    }

    public record ListSchemasRequest() {}

    public record ListSchemasResponse(List<String> schemas) {}

    @JsonInclude(NON_NULL)
    public record ListTablesRequest(String schema) {}

    public record ListTablesResponse(List<TableEntry> tables) {}

    public record TableEntry(String schema, String table, String comment) {}

    /**
     * A request for a table's columns, and a hold on its state.
     *
     * @param holder who holds the snapshot that the answer names
     */
    public record DescribeTableRequest(String schema, String table, @JsonInclude(NON_NULL) String holder) {}

    public record DescribeTableResponse(
            TableEntry table,
            Capabilities capabilities,
            @JsonProperty("predicate_columns") List<String> predicateColumns,
            @JsonProperty("row_count") Long rowCount,
            @JsonProperty("row_id") List<String> rowId,
            String snapshot) {}

    /**
     * A request for statistics of some columns.
     *
     * @param snapshot the state that is going to be read
     */
    public record TableStatisticsRequest(String schema, String table, List<String> columns, @JsonInclude(NON_NULL) String snapshot) {}

    public record TableStatisticsResponse(@JsonProperty("row_count") Long rowCount, List<ColumnStatisticsMessage> columns) {}

    /**
     * What is known of a column's values.
     *
     * @param low a literal, as is {@code high}
     */
    public record ColumnStatisticsMessage(
            String column,
            @JsonProperty("distinct_values") Long distinctValues,
            @JsonProperty("null_fraction") Double nullFraction,
            String low,
            String high,
            @JsonProperty("data_size") Long dataSize) {}

    /**
     * A relation of whose rows endpoints are wanted.
     */
    public record ReadCommand(int protocol, String type, @JsonUnwrapped Relation relation, int partitions, @JsonInclude(NON_NULL) String snapshot, boolean dictionaries)
    {
        public ReadCommand(Relation relation, int partitions, String snapshot)
        {
            this(VERSION, "read", relation, partitions, snapshot, true);
        }
    }

    /**
     * Rows of a table, of a join, or of a relation's rows.
     *
     * @param join null for another
     * @param relation null for another
     */
    public record Relation(
            @JsonInclude(NON_NULL) String schema,
            @JsonInclude(NON_NULL) String table,
            @JsonInclude(NON_NULL) Join join,
            @JsonInclude(NON_NULL) Relation relation,
            List<String> columns,
            Predicate predicate,
            Long limit,
            @JsonInclude(NON_NULL) Aggregation aggregation,
            @JsonInclude(NON_EMPTY) @JsonProperty("order_by") List<SortItem> orderBy)
    {
        public Relation(String schema, String table, List<String> columns)
        {
            this(schema, table, null, null, columns, null, null, null, ImmutableList.of());
        }
    }

    /**
     * Rows of two relations that go together.
     *
     * @param outputs names of the left's columns, then of the right's
     */
    public record Join(String kind, Relation left, Relation right, List<String> outputs, Expression condition) {}

    /**
     * What an endpoint's {@code app_metadata} says: all of its rows satisfy the predicate.
     */
    public record EndpointMetadata(Predicate predicate) {}

    /**
     * A row for each group of rows.
     */
    public record Aggregation(@JsonProperty("group_by") List<String> groupBy, List<Aggregate> aggregates) {}

    public record Aggregate(String function, String column, String output) {}

    public record SortItem(String column, boolean descending, @JsonProperty("nulls_first") boolean nullsFirst) {}

    /**
     * All columns' conditions hold, and the expression.
     */
    public record Predicate(List<ColumnPredicate> columns, @JsonInclude(NON_NULL) Expression expression) {}

    /**
     * A tree; of columns, literals and casts only some components are there.
     */
    @JsonInclude(NON_NULL)
    public record Expression(String kind, List<Expression> arguments, String column, String type, String value)
    {
        static Expression of(String kind, List<Expression> arguments)
        {
            return new Expression(kind, arguments, null, null, null);
        }

        static Expression column(String column)
        {
            return new Expression("column", null, column, null, null);
        }

        static Expression literal(String type, String value)
        {
            return new Expression("literal", null, null, type, value);
        }

        static Expression cast(String type, Expression argument)
        {
            return new Expression("cast", ImmutableList.of(argument), null, type, null);
        }
    }

    /**
     * The column has one of the values, or lies in one of the ranges, or is NULL where that is allowed.
     */
    @JsonInclude(NON_NULL)
    public record ColumnPredicate(String column, @JsonProperty("null_allowed") boolean nullAllowed, List<String> values, List<ValueRange> ranges) {}

    public record ValueRange(Bound low, Bound high) {}

    public record Bound(String value, boolean inclusive) {}

    /**
     * A change of a schema or table; what its type does not need is null.
     *
     * @param columns an encapsulated Arrow schema in base64
     */
    @JsonInclude(NON_NULL)
    public record ChangeRequest(
            int protocol,
            String operation,
            String type,
            String schema,
            String table,
            String column,
            @JsonProperty("new_schema") String newSchema,
            @JsonProperty("new_table") String newTable,
            @JsonProperty("new_column") String newColumn,
            String columns,
            String comment,
            Boolean cascade,
            Boolean replace,
            Predicate predicate) {}

    /**
     * A write whose rows are staged.
     *
     * @param columns an encapsulated Arrow schema in base64
     */
    @JsonInclude(NON_NULL)
    public record BeginWriteRequest(
            int protocol,
            String operation,
            String type,
            String schema,
            String table,
            String columns,
            String comment,
            Boolean replace,
            @JsonProperty("row_id") List<String> rowId,
            List<UpdateCase> updates,
            String snapshot) {}

    /**
     * The columns that one of a statement's updates sets.
     */
    public record UpdateCase(@JsonProperty("case") int number, List<String> columns) {}

    public record WriteCommand(int protocol, String type, String operation, String stream)
    {
        public WriteCommand(String operation, String stream)
        {
            this(VERSION, "write", operation, stream);
        }
    }

    public record StreamEnd(long rows, long crc32) {}

    public record StagedStream(String stream, long rows, long crc32) {}

    public record CommitRequest(int protocol, String operation, List<StagedStream> streams) {}

    public record AbortRequest(int protocol, String operation) {}

    public record ReleaseRequest(int protocol, String holder) {}

    /**
     * What became of a change.
     *
     * @param refused null when the change was made
     */
    public record ChangeResponse(long rows, Refusal refused) {}

    public record Refusal(String reason, String message) {}
}
