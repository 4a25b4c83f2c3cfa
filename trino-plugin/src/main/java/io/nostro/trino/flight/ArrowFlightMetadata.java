package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.airlift.log.Logger;
import io.airlift.slice.Slice;
import io.nostro.trino.flight.ArrowFlightProtocol.BeginWriteRequest;
import io.nostro.trino.flight.ArrowFlightExpressions.PushedExpressions;
import io.nostro.trino.flight.ArrowFlightProtocol.Capabilities;
import io.nostro.trino.flight.ArrowFlightProtocol.StagedStream;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.nostro.trino.flight.ArrowFlightProtocol.TableEntry;
import io.nostro.trino.flight.ArrowFlightProtocol.UpdateCase;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.nostro.trino.versions.VersionedColumns;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.AggregateFunction;
import io.trino.spi.connector.AggregationApplicationResult;
import io.trino.spi.connector.Assignment;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.connector.ColumnPosition;
import io.trino.spi.connector.ConnectorInsertTableHandle;
import io.trino.spi.connector.ConnectorMergeTableHandle;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorOutputMetadata;
import io.trino.spi.connector.ConnectorOutputTableHandle;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableLayout;
import io.trino.spi.connector.ConnectorTableMetadata;
import io.trino.spi.connector.ConnectorTableVersion;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.ConstraintApplicationResult;
import io.trino.spi.connector.JoinApplicationResult;
import io.trino.spi.connector.JoinStatistics;
import io.trino.spi.connector.JoinType;
import io.trino.spi.connector.LimitApplicationResult;
import io.trino.spi.connector.ProjectionApplicationResult;
import io.trino.spi.connector.RelationColumnsMetadata;
import io.trino.spi.connector.RelationCommentMetadata;
import io.trino.spi.connector.RetryMode;
import io.trino.spi.connector.RowChangeParadigm;
import io.trino.spi.connector.SaveMode;
import io.trino.spi.connector.SchemaNotFoundException;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.connector.SortItem;
import io.trino.spi.connector.TopNApplicationResult;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.TupleDomain;
import io.trino.spi.security.TrinoPrincipal;
import io.trino.spi.statistics.ComputedStatistics;
import io.trino.spi.statistics.Estimate;
import io.trino.spi.statistics.TableStatistics;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_AMBIGUOUS_NAME;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_BAD_RESPONSE;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_UNSUPPORTED_TYPE;
import static io.nostro.trino.flight.ArrowFlightJoinPushdownStrategy.EAGER;
import static io.nostro.trino.flight.ArrowFlightExpressions.and;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasSameOrderEverywhere;
import static io.nostro.trino.flight.ArrowFlightPredicates.toColumnPredicate;
import static io.nostro.trino.flight.ArrowFlightPredicates.toPredicate;
import static io.nostro.trino.flight.ArrowFlightProtocol.COMMENT_METADATA;
import static io.nostro.trino.flight.ArrowFlightProtocol.HIDDEN_METADATA;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDomainCompactionThreshold;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getJoinPushdownStrategy;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getUnsupportedTypeHandling;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isAggregationPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isExpressionPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isJoinPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isLimitPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isPredicatePushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isStatisticsEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isTopNPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightUnsupportedTypeHandling.FAIL;
import static io.trino.spi.StandardErrorCode.NOT_SUPPORTED;
import static io.trino.spi.StandardErrorCode.SCHEMA_ALREADY_EXISTS;
import static io.trino.spi.connector.RowChangeParadigm.CHANGE_ONLY_UPDATED_COLUMNS;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;
import static java.util.UUID.randomUUID;

public final class ArrowFlightMetadata
        implements ConnectorMetadata
{
    private static final Logger log = Logger.get(ArrowFlightMetadata.class);

    private static final String MODIFYING_ROWS_MESSAGE = "This connector does not support modifying table rows";

    private final ArrowFlightClient client;
    private final ArrowFlightTypes types;
    private final boolean mergeWithoutSnapshots;
    private final ArrowFlightStatistics statistics;
    private final Map<String, ConnectorSession> openWrites = new ConcurrentHashMap<>();

    ArrowFlightMetadata(ArrowFlightClient client, ArrowFlightTypes types, ArrowFlightConfig config)
    {
        this.client = requireNonNull(client, "client is null");
        this.types = requireNonNull(types, "types is null");
        mergeWithoutSnapshots = config.isMergeWithoutSnapshots();
        statistics = new ArrowFlightStatistics(client);
    }

    /**
     * Has the source forget the writes that were begun and not committed.
     */
    void rollback()
    {
        openWrites.forEach((operation, session) -> {
            try {
                client.abort(session, operation);
            }
            catch (RuntimeException e) {
                // the source sweeps it after a while
                log.warn("Write %s of query %s was not aborted: %s", operation, session.getQueryId(), e.getMessage());
            }
        });
        openWrites.clear();
    }

    @Override
    public void cleanupQuery(ConnectorSession session)
    {
        client.release(session);
    }

    @Override
    public List<String> listSchemaNames(ConnectorSession session)
    {
        return client.listSchemas(session).stream()
                .map(schema -> schema.toLowerCase(ENGLISH))
                .distinct()
                .collect(toImmutableList());
    }

    @Override
    public List<SchemaTableName> listTables(ConnectorSession session, Optional<String> schemaName)
    {
        return listRemoteTables(session, schemaName).stream()
                .map(ArrowFlightMetadata::toTrinoName)
                .distinct()
                .collect(toImmutableList());
    }

    private static SchemaTableName toTrinoName(TableEntry table)
    {
        return new SchemaTableName(table.schema().toLowerCase(ENGLISH), table.table().toLowerCase(ENGLISH));
    }

    /**
     * A source may spell the schema otherwise than Trino does, so it is asked for that spelling when it knows no tables
     * in Trino's.
     */
    private List<TableEntry> listRemoteTables(ConnectorSession session, Optional<String> schemaName)
    {
        if (schemaName.isEmpty()) {
            return client.listTables(session, Optional.empty());
        }
        ImmutableList.Builder<TableEntry> tables = ImmutableList.builder();
        for (String remoteSchema : client.listSchemas(session)) {
            if (remoteSchema.toLowerCase(ENGLISH).equals(schemaName.get())) {
                tables.addAll(client.listTables(session, Optional.of(remoteSchema)));
            }
        }
        return tables.build();
    }

    @Override
    public ConnectorTableHandle getTableHandle(
            ConnectorSession session,
            SchemaTableName tableName,
            Optional<ConnectorTableVersion> startVersion,
            Optional<ConnectorTableVersion> endVersion)
    {
        if (startVersion.isPresent() || endVersion.isPresent()) {
            throw new TrinoException(NOT_SUPPORTED, "This connector does not support versioned tables");
        }
        return describe(session, tableName)
                .map(description -> toHandle(session, tableName, description))
                .orElse(null);
    }

    /**
     * Most sources spell names in lower case; only of one that doesn't know the name so are all names asked for.
     */
    private Optional<ArrowFlightTableDescription> describe(ConnectorSession session, SchemaTableName name)
    {
        Optional<ArrowFlightTableDescription> description = client.describeTable(session, name.getSchemaName(), name.getTableName());
        if (description.isPresent()) {
            return description;
        }
        List<TableEntry> candidates = listRemoteTables(session, Optional.of(name.getSchemaName())).stream()
                .filter(table -> toTrinoName(table).equals(name))
                .distinct()
                .toList();
        if (candidates.size() > 1) {
            throw new TrinoException(ARROW_FLIGHT_AMBIGUOUS_NAME, "The Flight source at %s has several tables whose names differ from %s only in case: %s".formatted(
                    client.location(),
                    name,
                    candidates.stream().map(table -> table.schema() + "." + table.table()).sorted().toList()));
        }
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        return client.describeTable(session, candidates.getFirst().schema(), candidates.getFirst().table());
    }

    private ArrowFlightTableHandle toHandle(ConnectorSession session, SchemaTableName name, ArrowFlightTableDescription description)
    {
        TableEntry table = description.response().table();
        Capabilities capabilities = description.capabilities();
        Long rowCount = description.response().rowCount();
        return new ArrowFlightTableHandle(
                name,
                table.schema(),
                table.table(),
                Optional.ofNullable(table.comment()).filter(comment -> !comment.isEmpty()),
                toColumns(session, name, description),
                capabilities.projectionSupport(),
                capabilities.predicateSupport(),
                capabilities.limitSupport(),
                rowCount == null || rowCount < 0 ? OptionalLong.empty() : OptionalLong.of(rowCount),
                Optional.empty(),
                TupleDomain.all(),
                OptionalLong.empty(),
                ArrowFlightPushdown.of(capabilities),
                Optional.ofNullable(description.response().rowId()).orElse(ImmutableList.of()),
                Optional.ofNullable(description.response().snapshot()),
                ImmutableSet.copyOf(capabilities.changes()));
    }

    private List<ArrowFlightColumnHandle> toColumns(ConnectorSession session, SchemaTableName tableName, ArrowFlightTableDescription description)
    {
        Schema schema = description.schema();
        boolean predicates = description.capabilities().predicateSupport() != Support.NONE;
        Optional<Set<String>> predicateColumns = Optional.ofNullable(description.response().predicateColumns())
                .map(columns -> columns.stream().filter(Objects::nonNull).collect(ImmutableSet.toImmutableSet()));
        Map<String, ArrowFlightColumnHandle> columns = new LinkedHashMap<>();
        try {
            for (int i = 0; i < schema.fieldsLength(); i++) {
                Field field = schema.fields(i);
                String name = field.name();
                try {
                    ArrowFlightColumnHandle column = new ArrowFlightColumnHandle(
                            name,
                            types.toTrinoType(field),
                            field.nullable(),
                            predicates && predicateColumns.map(set -> set.contains(name)).orElse(true),
                            ArrowFlightSchemas.metadata(field, COMMENT_METADATA),
                            ArrowFlightSchemas.metadata(field, HIDDEN_METADATA).map(Boolean::parseBoolean).orElse(false));
                    ArrowFlightColumnHandle other = columns.putIfAbsent(column.trinoName(), column);
                    if (other != null) {
                        throw new TrinoException(ARROW_FLIGHT_AMBIGUOUS_NAME, "Table %s of the Flight source at %s has columns whose names differ only in case: '%s' and '%s'".formatted(
                                tableName, client.location(), other.name(), name));
                    }
                }
                catch (UnsupportedTypeException e) {
                    String message = "Column '%s' of %s at the Flight source %s: %s".formatted(name, tableName, client.location(), e.getMessage());
                    if (getUnsupportedTypeHandling(session) == FAIL) {
                        throw new TrinoException(ARROW_FLIGHT_UNSUPPORTED_TYPE, message);
                    }
                    log.warn("Hidden: %s", message);
                }
            }
        }
        catch (IndexOutOfBoundsException | IllegalArgumentException | NullPointerException e) {
            throw new TrinoException(ARROW_FLIGHT_BAD_RESPONSE, "The Flight source at %s described %s by a malformed Arrow schema".formatted(client.location(), tableName));
        }
        return ImmutableList.copyOf(columns.values());
    }

    @Override
    public ConnectorTableMetadata getTableMetadata(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        return new ConnectorTableMetadata(table.name(), columnMetadata(table), ImmutableMap.of(), table.comment());
    }

    private static List<ColumnMetadata> columnMetadata(ArrowFlightTableHandle table)
    {
        return table.columns().stream()
                .map(ArrowFlightColumnHandle::toColumnMetadata)
                .collect(toImmutableList());
    }

    @Override
    public Map<String, ColumnHandle> getColumnHandles(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        return ((ArrowFlightTableHandle) tableHandle).readableColumns().stream()
                .collect(toImmutableMap(ArrowFlightColumnHandle::trinoName, column -> column));
    }

    @Override
    public ColumnMetadata getColumnMetadata(ConnectorSession session, ConnectorTableHandle tableHandle, ColumnHandle columnHandle)
    {
        return ((ArrowFlightColumnHandle) columnHandle).toColumnMetadata();
    }

    @Override
    public Iterator<RelationColumnsMetadata> streamRelationColumns(
            ConnectorSession session,
            Optional<String> schemaName,
            UnaryOperator<Set<SchemaTableName>> relationFilter)
    {
        Map<SchemaTableName, TableEntry> tables = tablesByName(session, schemaName);
        return relationFilter.apply(tables.keySet()).stream()
                .flatMap(name -> describeListed(session, name, tables.get(name)).stream())
                .map(table -> RelationColumnsMetadata.forTable(table.name(), columnMetadata(table)))
                .iterator();
    }

    /**
     * A table that can't be described must not keep a listing from showing the others.
     */
    private Optional<ArrowFlightTableHandle> describeListed(ConnectorSession session, SchemaTableName name, TableEntry table)
    {
        try {
            return client.describeTable(session, table.schema(), table.table())
                    .map(description -> toHandle(session, name, description));
        }
        catch (TrinoException e) {
            log.warn("Columns of %s are not listed: %s", name, e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Iterator<RelationCommentMetadata> streamRelationComments(
            ConnectorSession session,
            Optional<String> schemaName,
            UnaryOperator<Set<SchemaTableName>> relationFilter)
    {
        Map<SchemaTableName, TableEntry> tables = tablesByName(session, schemaName);
        return relationFilter.apply(tables.keySet()).stream()
                .map(name -> RelationCommentMetadata.forRelation(name, Optional.ofNullable(tables.get(name).comment())))
                .iterator();
    }

    private Map<SchemaTableName, TableEntry> tablesByName(ConnectorSession session, Optional<String> schemaName)
    {
        Map<SchemaTableName, TableEntry> tables = new HashMap<>();
        for (TableEntry table : listRemoteTables(session, schemaName)) {
            SchemaTableName name = toTrinoName(table);
            // the table that a query on an ambiguous name reads
            tables.merge(name, table, (first, second) -> second.table().equals(name.getTableName()) ? second : first);
        }
        return tables;
    }

    @Override
    public TableStatistics getTableStatistics(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        if (!isStatisticsEnabled(session)) {
            return TableStatistics.empty();
        }
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        Optional<ArrowFlightAggregation> aggregation = table.pushdown().aggregation();
        if (aggregation.isPresent()) {
            return aggregation.get().groupBy().isEmpty() ? TableStatistics.builder().setRowCount(Estimate.of(1)).build() : TableStatistics.empty();
        }
        // the source knows the table, not what a predicate leaves of it, or a join: that the engine computes before it is pushed down
        if (!table.isTable() || !table.constraint().isAll() || !table.pushdown().expressions().isEmpty()) {
            return TableStatistics.empty();
        }
        TableStatistics whole = statistics.get(session, table);
        if (table.limit().isEmpty() || whole.getRowCount().isUnknown()) {
            return whole;
        }
        return TableStatistics.builder()
                .setRowCount(Estimate.of(Math.min(whole.getRowCount().getValue(), (double) table.limit().getAsLong())))
                .build();
    }

    @Override
    public Optional<ProjectionApplicationResult<ConnectorTableHandle>> applyProjection(
            ConnectorSession session,
            ConnectorTableHandle tableHandle,
            List<ConnectorExpression> projections,
            Map<String, ColumnHandle> assignments)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        Set<ColumnHandle> wanted = new HashSet<>(assignments.values());
        if (wanted.stream().anyMatch(column -> ((ArrowFlightColumnHandle) column).isRowId())) {
            wanted.addAll(table.rowIdColumns());
        }
        List<ArrowFlightColumnHandle> columns = table.readableColumns().stream()
                .filter(wanted::contains)
                .collect(toImmutableList());
        boolean projected = table.projectionSupport() || table.pushdown().aggregation().isPresent();
        if (!projected || table.flightColumns().equals(columns)) {
            return Optional.empty();
        }
        return Optional.of(new ProjectionApplicationResult<>(
                table.withProjection(columns),
                projections,
                assignments.entrySet().stream()
                        .map(entry -> new Assignment(entry.getKey(), entry.getValue(), ((ArrowFlightColumnHandle) entry.getValue()).type()))
                        .collect(toImmutableList()),
                isStatisticsEnabled(session)));
    }

    @Override
    public Optional<ConstraintApplicationResult<ConnectorTableHandle>> applyFilter(ConnectorSession session, ConnectorTableHandle tableHandle, Constraint constraint)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (!isPredicatePushdownEnabled(session) || table.predicateSupport() == Support.NONE) {
            return Optional.empty();
        }
        if (table.limit().isPresent() || table.pushdown().isWhole()) {
            // what filters the rows of a limit or groups must not filter those that they are taken from
            return table.nest().flatMap(relation -> applyFilter(session, relation, constraint));
        }
        TupleDomain<ColumnHandle> wanted = table.constraint().intersect(constraint.getSummary());
        if (wanted.isNone()) {
            if (table.constraint().isNone()) {
                return Optional.empty();
            }
            return Optional.of(new ConstraintApplicationResult<>(table.withConstraint(wanted), TupleDomain.all(), constraint.getExpression(), isStatisticsEnabled(session)));
        }

        Map<ColumnHandle, Domain> sent = new HashMap<>();
        Map<ColumnHandle, Domain> remaining = new HashMap<>();
        wanted.getDomains().orElseThrow().forEach((handle, domain) -> {
            ArrowFlightColumnHandle column = (ArrowFlightColumnHandle) handle;
            Domain simplified = domain.simplify(getDomainCompactionThreshold(session));
            if (!table.isComparable(column) || toColumnPredicate(column, simplified).isEmpty()) {
                remaining.put(column, domain);
                return;
            }
            sent.put(column, simplified);
            if (table.predicateSupport() != Support.EXACT || !simplified.equals(domain)) {
                remaining.put(column, domain);
            }
        });

        TupleDomain<ColumnHandle> newConstraint = TupleDomain.withColumnDomains(sent);
        PushedExpressions expressions = ArrowFlightExpressions.push(
                constraint.getExpression(),
                constraint.getAssignments(),
                isExpressionPushdownEnabled(session) ? table.pushdown().expressionSupport() : ImmutableSet.of());
        if (newConstraint.equals(table.constraint()) && expressions.pushed().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ConstraintApplicationResult<>(
                table.withConstraint(newConstraint).withExpressions(expressions.pushed()),
                TupleDomain.withColumnDomains(remaining),
                expressions.remaining(),
                isStatisticsEnabled(session)));
    }

    @Override
    public Optional<LimitApplicationResult<ConnectorTableHandle>> applyLimit(ConnectorSession session, ConnectorTableHandle tableHandle, long limit)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (!isLimitPushdownEnabled(session) || table.limitSupport() == Support.NONE) {
            return Optional.empty();
        }
        if (table.isFiltered() && table.predicateSupport() != Support.EXACT) {
            return Optional.empty();
        }
        if (table.limit().isPresent() && table.limit().getAsLong() <= limit) {
            return Optional.empty();
        }
        return Optional.of(new LimitApplicationResult<>(table.withLimit(limit), table.limitSupport() == Support.EXACT, isStatisticsEnabled(session)));
    }

    @Override
    public void createSchema(ConnectorSession session, String schemaName, Map<String, Object> properties, TrinoPrincipal owner)
    {
        checkSupported(session, "create_schema", "creating schemas");
        if (!remoteSchemas(session, schemaName).isEmpty()) {
            throw new TrinoException(SCHEMA_ALREADY_EXISTS, "Schema '%s' already exists".formatted(schemaName));
        }
        change(session, ArrowFlightChange.of("create_schema").schema(schemaName), "create schema " + schemaName);
    }

    @Override
    public void dropSchema(ConnectorSession session, String schemaName, boolean cascade)
    {
        checkSupported(session, "drop_schema", "dropping schemas");
        change(session, ArrowFlightChange.of("drop_schema").schema(remoteSchema(session, schemaName)).cascade(cascade), "drop schema " + schemaName);
    }

    @Override
    public void renameSchema(ConnectorSession session, String source, String target)
    {
        checkSupported(session, "rename_schema", "renaming schemas");
        change(session, ArrowFlightChange.of("rename_schema").schema(remoteSchema(session, source)).newSchema(target), "rename schema " + source);
    }

    private List<String> remoteSchemas(ConnectorSession session, String schemaName)
    {
        return client.listSchemas(session).stream()
                .filter(schema -> schema.toLowerCase(ENGLISH).equals(schemaName))
                .collect(toImmutableList());
    }

    private String remoteSchema(ConnectorSession session, String schemaName)
    {
        return remoteSchemas(session, schemaName).stream()
                .findFirst()
                .orElseThrow(() -> new SchemaNotFoundException(schemaName));
    }

    @Override
    public void createTable(ConnectorSession session, ConnectorTableMetadata tableMetadata, SaveMode saveMode)
    {
        checkSupported(session, "create_table", "creating tables");
        SchemaTableName name = tableMetadata.getTable();
        if (saveMode == SaveMode.IGNORE && describe(session, name).isPresent()) {
            return;
        }
        change(
                session,
                ArrowFlightChange.of("create_table")
                        .schema(remoteSchema(session, name.getSchemaName()))
                        .table(newRemoteTable(session, name, saveMode == SaveMode.REPLACE))
                        .columns(ArrowFlightSchemaEncoder.encapsulated(writeColumns(tableMetadata)))
                        .comment(tableMetadata.getComment())
                        .replace(saveMode == SaveMode.REPLACE),
                "create " + name);
    }

    /**
     * {@return a new table's name, which is that of the table whose place it takes, as the source spells it}
     */
    private String newRemoteTable(ConnectorSession session, SchemaTableName name, boolean replace)
    {
        return Optional.of(name)
                .filter(_ -> replace)
                .flatMap(replaced -> describe(session, replaced))
                .map(description -> description.response().table().table())
                .orElse(name.getTableName());
    }

    private static List<ArrowFlightWriteColumn> writeColumns(ConnectorTableMetadata table)
    {
        return table.getColumns().stream()
                .map(ArrowFlightMetadata::writeColumn)
                .collect(toImmutableList());
    }

    private static ArrowFlightWriteColumn writeColumn(ColumnMetadata column)
    {
        return new ArrowFlightWriteColumn(column.getName(), column.getType(), column.isNullable(), VersionedColumns.comment(column));
    }

    @Override
    public void dropTable(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        changeTable(session, tableHandle, "drop_table", "dropping tables", "drop", UnaryOperator.identity());
    }

    @Override
    public void truncateTable(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        changeTable(session, tableHandle, "truncate", "truncating tables", "truncate", UnaryOperator.identity());
    }

    @Override
    public void renameTable(ConnectorSession session, ConnectorTableHandle tableHandle, SchemaTableName newTableName)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (newTableName.getSchemaName().equals(table.name().getSchemaName())) {
            changeTable(session, tableHandle, "rename_table", "renaming tables", "rename", change -> change.newTable(newTableName.getTableName()));
            return;
        }
        checkSupported(table, "move_table", "renaming tables across schemas");
        String newSchema = remoteSchema(session, newTableName.getSchemaName());
        changeTable(session, tableHandle, "move_table", "renaming tables across schemas", "move", change -> change.newSchema(newSchema).newTable(newTableName.getTableName()));
    }

    @Override
    public void setTableComment(ConnectorSession session, ConnectorTableHandle tableHandle, Optional<String> comment)
    {
        changeTable(session, tableHandle, "comment_table", "setting table comments", "comment on", change -> change.comment(comment));
    }

    @Override
    public void setColumnComment(ConnectorSession session, ConnectorTableHandle tableHandle, ColumnHandle column, Optional<String> comment)
    {
        changeTable(session, tableHandle, "comment_column", "setting column comments", "comment on", change -> change
                .column(((ArrowFlightColumnHandle) column).name())
                .comment(comment));
    }

    @Override
    public void addColumn(ConnectorSession session, ConnectorTableHandle tableHandle, ColumnMetadata column, ColumnPosition position)
    {
        if (!(position instanceof ColumnPosition.Last)) {
            throw new TrinoException(NOT_SUPPORTED, position instanceof ColumnPosition.First
                    ? "This connector does not support adding columns with FIRST clause"
                    : "This connector does not support adding columns with AFTER clause");
        }
        changeTable(session, tableHandle, "add_column", "adding columns", "add a column to", change -> change
                .columns(ArrowFlightSchemaEncoder.encapsulated(ImmutableList.of(writeColumn(column)))));
    }

    @Override
    public void dropColumn(ConnectorSession session, ConnectorTableHandle tableHandle, ColumnHandle column)
    {
        changeTable(session, tableHandle, "drop_column", "dropping columns", "drop a column of", change -> change
                .column(((ArrowFlightColumnHandle) column).name()));
    }

    @Override
    public void renameColumn(ConnectorSession session, ConnectorTableHandle tableHandle, ColumnHandle source, String target)
    {
        changeTable(session, tableHandle, "rename_column", "renaming columns", "rename a column of", change -> change
                .column(((ArrowFlightColumnHandle) source).name())
                .newColumn(target));
    }

    private void changeTable(ConnectorSession session, ConnectorTableHandle tableHandle, String type, String ability, String verb, UnaryOperator<ArrowFlightChange> details)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        checkSupported(table, type, ability);
        change(session, details.apply(ArrowFlightChange.of(type).schema(table.remoteSchema()).table(table.remoteTable())), verb + " " + table.name());
    }

    private void change(ConnectorSession session, ArrowFlightChange change, String action)
    {
        client.change(session, change.toRequest(newOperation()), action);
    }

    private void checkSupported(ConnectorSession session, String change, String ability)
    {
        if (!client.changes(session).contains(change)) {
            throw new TrinoException(NOT_SUPPORTED, "This connector does not support " + ability);
        }
    }

    private void checkSupported(ArrowFlightTableHandle table, String change, String ability)
    {
        if (!table.changes().contains(change)) {
            throw new TrinoException(NOT_SUPPORTED, "This connector does not support " + ability);
        }
    }

    private static String newOperation()
    {
        return randomUUID().toString();
    }

    @Override
    public ConnectorOutputTableHandle beginCreateTable(ConnectorSession session, ConnectorTableMetadata tableMetadata, Optional<ConnectorTableLayout> layout, RetryMode retryMode, boolean replace)
    {
        checkSupported(session, "create_table_as", "creating tables with data");
        SchemaTableName name = tableMetadata.getTable();
        return beginWrite(session, new BeginWriteRequest(
                ArrowFlightProtocol.VERSION,
                newOperation(),
                "create_table_as",
                remoteSchema(session, name.getSchemaName()),
                newRemoteTable(session, name, replace),
                ArrowFlightSchemaEncoder.encapsulated(writeColumns(tableMetadata)),
                tableMetadata.getComment().orElse(null),
                replace,
                null,
                null,
                null), writeColumns(tableMetadata));
    }

    @Override
    public Optional<ConnectorOutputMetadata> finishCreateTable(ConnectorSession session, ConnectorOutputTableHandle tableHandle, Collection<Slice> fragments, Collection<ComputedStatistics> computedStatistics)
    {
        commit(session, (ArrowFlightOutputTableHandle) tableHandle, fragments);
        return Optional.empty();
    }

    @Override
    public ConnectorInsertTableHandle beginInsert(ConnectorSession session, ConnectorTableHandle tableHandle, List<ColumnHandle> columns, RetryMode retryMode)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        checkSupported(table, "insert", "inserts");
        List<ArrowFlightWriteColumn> writeColumns = columns.stream()
                .map(ArrowFlightColumnHandle.class::cast)
                .map(column -> new ArrowFlightWriteColumn(column.name(), column.type(), column.nullable()))
                .collect(toImmutableList());
        return beginWrite(session, new BeginWriteRequest(
                ArrowFlightProtocol.VERSION,
                newOperation(),
                "insert",
                table.remoteSchema(),
                table.remoteTable(),
                ArrowFlightSchemaEncoder.encapsulated(writeColumns),
                null,
                null,
                null,
                null,
                null), writeColumns);
    }

    @Override
    public boolean supportsMissingColumnsOnInsert()
    {
        return true;
    }

    @Override
    public Optional<ConnectorOutputMetadata> finishInsert(
            ConnectorSession session,
            ConnectorInsertTableHandle insertHandle,
            List<ConnectorTableHandle> sourceTableHandles,
            Collection<Slice> fragments,
            Collection<ComputedStatistics> computedStatistics)
    {
        commit(session, (ArrowFlightOutputTableHandle) insertHandle, fragments);
        return Optional.empty();
    }

    @Override
    public RowChangeParadigm getRowChangeParadigm(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        checkMergeable((ArrowFlightTableHandle) tableHandle);
        return CHANGE_ONLY_UPDATED_COLUMNS;
    }

    @Override
    public ColumnHandle getMergeRowIdColumnHandle(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        checkMergeable(table);
        return ArrowFlightColumnHandle.rowId(table.rowIdColumns());
    }

    private void checkMergeable(ArrowFlightTableHandle table)
    {
        if (!table.changes().contains("merge") || table.rowIdColumns().isEmpty()) {
            throw new TrinoException(NOT_SUPPORTED, MODIFYING_ROWS_MESSAGE);
        }
        if (table.snapshot().isEmpty() && !mergeWithoutSnapshots) {
            throw new TrinoException(NOT_SUPPORTED, "The Flight source at %s has no snapshots of %s, so that rows which others change meanwhile would be changed wrongly; arrow-flight.merge-without-snapshots.enabled allows it".formatted(client.location(), table.name()));
        }
    }

    @Override
    public Optional<ConnectorTableHandle> applyDelete(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        boolean rows = table.limit().isEmpty() && !table.pushdown().isWhole();
        // the source finds the rows by itself: nothing may be left to filter in Trino
        return rows && table.changes().contains("delete") && table.predicateSupport() == Support.EXACT ? Optional.of(table) : Optional.empty();
    }

    @Override
    public OptionalLong executeDelete(ConnectorSession session, ConnectorTableHandle tableHandle)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (table.constraint().isNone()) {
            return OptionalLong.of(0);
        }
        ArrowFlightChange delete = ArrowFlightChange.of("delete")
                .schema(table.remoteSchema())
                .table(table.remoteTable())
                .predicate(toPredicate(table.constraint(), and(table.pushdown().expressions())));
        return OptionalLong.of(client.change(session, delete.toRequest(newOperation()), "delete from " + table.name()));
    }

    @Override
    public ConnectorMergeTableHandle beginMerge(ConnectorSession session, ConnectorTableHandle tableHandle, Map<Integer, Collection<ColumnHandle>> updateCaseColumns, RetryMode retryMode)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        checkMergeable(table);
        List<ArrowFlightColumnHandle> columns = table.visibleColumns();
        List<ArrowFlightWriteColumn> tableColumns = columns.stream()
                .map(column -> new ArrowFlightWriteColumn(column.name(), column.type(), column.nullable()))
                .collect(toImmutableList());
        List<UpdateCase> updates = updateCaseColumns.entrySet().stream()
                .map(entry -> new UpdateCase(entry.getKey(), entry.getValue().stream().map(column -> ((ArrowFlightColumnHandle) column).name()).collect(toImmutableList())))
                .collect(toImmutableList());
        ArrowFlightOutputTableHandle output = beginWrite(session, new BeginWriteRequest(
                ArrowFlightProtocol.VERSION,
                newOperation(),
                "merge",
                table.remoteSchema(),
                table.remoteTable(),
                ArrowFlightSchemaEncoder.encapsulated(tableColumns),
                null,
                null,
                table.rowIdColumns().stream().map(ArrowFlightColumnHandle::name).collect(toImmutableList()),
                updates,
                table.snapshot().orElse(null)), ArrowFlightMergeSink.columns(columns, table.rowIdColumns()));
        return new ArrowFlightMergeTableHandle(table, output);
    }

    @Override
    public void finishMerge(
            ConnectorSession session,
            ConnectorMergeTableHandle mergeTableHandle,
            List<ConnectorTableHandle> sourceTableHandles,
            Collection<Slice> fragments,
            Collection<ComputedStatistics> computedStatistics)
    {
        commit(session, ((ArrowFlightMergeTableHandle) mergeTableHandle).output(), fragments);
    }

    private ArrowFlightOutputTableHandle beginWrite(ConnectorSession session, BeginWriteRequest request, List<ArrowFlightWriteColumn> columns)
    {
        openWrites.put(request.operation(), session);
        client.beginWrite(session, request);
        return new ArrowFlightOutputTableHandle(request.operation(), request.schema(), request.table(), columns);
    }

    private void commit(ConnectorSession session, ArrowFlightOutputTableHandle output, Collection<Slice> fragments)
    {
        String action = "commit the rows of %s.%s".formatted(output.remoteSchema(), output.remoteTable());
        List<StagedStream> streams = fragments.stream()
                .map(fragment -> {
                    try {
                        return ArrowFlightProtocol.read(fragment.getBytes(), StagedStream.class);
                    }
                    catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .collect(toImmutableList());
        client.commit(session, output.operation(), streams, action);
        openWrites.remove(output.operation());
    }

    @Override
    public Optional<TopNApplicationResult<ConnectorTableHandle>> applyTopN(
            ConnectorSession session,
            ConnectorTableHandle tableHandle,
            long topNCount,
            List<SortItem> sortItems,
            Map<String, ColumnHandle> assignments)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (!isTopNPushdownEnabled(session) || !table.pushdown().topNSupport()) {
            return Optional.empty();
        }
        ImmutableList.Builder<ArrowFlightProtocol.SortItem> builder = ImmutableList.builder();
        for (SortItem item : sortItems) {
            ArrowFlightColumnHandle column = (ArrowFlightColumnHandle) assignments.get(item.getName());
            if (!table.isComparable(column) || !hasSameOrderEverywhere(column.type())) {
                return Optional.empty();
            }
            builder.add(new ArrowFlightProtocol.SortItem(column.name(), !item.getSortOrder().isAscending(), item.getSortOrder().isNullsFirst()));
        }
        List<ArrowFlightProtocol.SortItem> orderBy = builder.build();
        if (table.limit().isPresent() && !table.pushdown().orderBy().equals(orderBy)) {
            return table.nest().flatMap(relation -> applyTopN(session, relation, topNCount, sortItems, assignments));
        }
        // in the same order the first of the first are the first: Trino may ask for them in two steps
        long count = Math.min(topNCount, table.limit().orElse(topNCount));
        return Optional.of(new TopNApplicationResult<>(table.withTopN(orderBy, count), true, isStatisticsEnabled(session)));
    }

    @Override
    public Optional<AggregationApplicationResult<ConnectorTableHandle>> applyAggregation(
            ConnectorSession session,
            ConnectorTableHandle tableHandle,
            List<AggregateFunction> aggregates,
            Map<String, ColumnHandle> assignments,
            List<List<ColumnHandle>> groupingSets)
    {
        if (!isAggregationPushdownEnabled(session)) {
            return Optional.empty();
        }
        return ArrowFlightAggregates.apply((ArrowFlightTableHandle) tableHandle, aggregates, assignments, groupingSets, isStatisticsEnabled(session));
    }

    @Override
    public Optional<JoinApplicationResult<ConnectorTableHandle>> applyJoin(
            ConnectorSession session,
            JoinType joinType,
            ConnectorTableHandle left,
            ConnectorTableHandle right,
            ConnectorExpression joinCondition,
            Map<String, ColumnHandle> leftAssignments,
            Map<String, ColumnHandle> rightAssignments,
            JoinStatistics statistics)
    {
        if (!isJoinPushdownEnabled(session)) {
            return Optional.empty();
        }
        return ArrowFlightJoins.apply(joinType, (ArrowFlightTableHandle) left, (ArrowFlightTableHandle) right, joinCondition, leftAssignments, rightAssignments)
                .filter(_ -> getJoinPushdownStrategy(session) == EAGER || ArrowFlightJoins.isResultSmall(statistics));
    }
}
