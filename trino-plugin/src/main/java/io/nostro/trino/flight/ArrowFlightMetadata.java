package io.nostro.trino.flight;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.inject.Inject;
import io.airlift.log.Logger;
import io.nostro.trino.flight.ArrowFlightExpressions.PushedExpressions;
import io.nostro.trino.flight.ArrowFlightProtocol.Capabilities;
import io.nostro.trino.flight.ArrowFlightProtocol.Support;
import io.nostro.trino.flight.ArrowFlightProtocol.TableEntry;
import io.nostro.trino.flight.ArrowFlightTypes.UnsupportedTypeException;
import io.trino.spi.TrinoException;
import io.trino.spi.connector.AggregateFunction;
import io.trino.spi.connector.AggregationApplicationResult;
import io.trino.spi.connector.Assignment;
import io.trino.spi.connector.ColumnHandle;
import io.trino.spi.connector.ColumnMetadata;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableMetadata;
import io.trino.spi.connector.ConnectorTableVersion;
import io.trino.spi.connector.Constraint;
import io.trino.spi.connector.ConstraintApplicationResult;
import io.trino.spi.connector.LimitApplicationResult;
import io.trino.spi.connector.ProjectionApplicationResult;
import io.trino.spi.connector.RelationColumnsMetadata;
import io.trino.spi.connector.RelationCommentMetadata;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.connector.SortItem;
import io.trino.spi.connector.TopNApplicationResult;
import io.trino.spi.expression.ConnectorExpression;
import io.trino.spi.predicate.Domain;
import io.trino.spi.predicate.TupleDomain;
import io.trino.spi.statistics.Estimate;
import io.trino.spi.statistics.TableStatistics;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.Schema;

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
import java.util.function.UnaryOperator;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_AMBIGUOUS_NAME;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_BAD_RESPONSE;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_UNSUPPORTED_TYPE;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasLiterals;
import static io.nostro.trino.flight.ArrowFlightPredicates.hasSameOrderEverywhere;
import static io.nostro.trino.flight.ArrowFlightPredicates.toColumnPredicate;
import static io.nostro.trino.flight.ArrowFlightProtocol.COMMENT_METADATA;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getDomainCompactionThreshold;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.getUnsupportedTypeHandling;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isAggregationPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isExpressionPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isLimitPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isPredicatePushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightSessionProperties.isTopNPushdownEnabled;
import static io.nostro.trino.flight.ArrowFlightUnsupportedTypeHandling.FAIL;
import static io.trino.spi.StandardErrorCode.NOT_SUPPORTED;
import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;

public final class ArrowFlightMetadata
        implements ConnectorMetadata
{
    private static final Logger log = Logger.get(ArrowFlightMetadata.class);

    private final ArrowFlightClient client;
    private final ArrowFlightTypes types;

    @Inject
    public ArrowFlightMetadata(ArrowFlightClient client, ArrowFlightTypes types)
    {
        this.client = requireNonNull(client, "client is null");
        this.types = requireNonNull(types, "types is null");
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
                ArrowFlightPushdown.of(capabilities));
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
                            ArrowFlightSchemas.metadata(field, COMMENT_METADATA));
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
        return ((ArrowFlightTableHandle) tableHandle).columns().stream()
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
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        Optional<ArrowFlightAggregation> aggregation = table.pushdown().aggregation();
        if (aggregation.isPresent()) {
            return aggregation.get().groupBy().isEmpty() ? TableStatistics.builder().setRowCount(Estimate.of(1)).build() : TableStatistics.empty();
        }
        // the source counts the table, not what a predicate leaves of it
        if (table.rowCount().isEmpty() || !table.constraint().isAll() || !table.pushdown().expressions().isEmpty()) {
            return TableStatistics.empty();
        }
        return TableStatistics.builder()
                .setRowCount(Estimate.of((double) Math.min(table.rowCount().getAsLong(), table.limit().orElse(Long.MAX_VALUE))))
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
                false));
    }

    @Override
    public Optional<ConstraintApplicationResult<ConnectorTableHandle>> applyFilter(ConnectorSession session, ConnectorTableHandle tableHandle, Constraint constraint)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        // what filters the rows of a limit or groups must not filter those that they are taken from
        if (!isPredicatePushdownEnabled(session) || table.predicateSupport() == Support.NONE || table.limit().isPresent() || table.pushdown().isWhole()) {
            return Optional.empty();
        }
        TupleDomain<ColumnHandle> wanted = table.constraint().intersect(constraint.getSummary());
        if (wanted.isNone()) {
            if (table.constraint().isNone()) {
                return Optional.empty();
            }
            return Optional.of(new ConstraintApplicationResult<>(table.withConstraint(wanted), TupleDomain.all(), constraint.getExpression(), false));
        }

        Map<ColumnHandle, Domain> sent = new HashMap<>();
        Map<ColumnHandle, Domain> remaining = new HashMap<>();
        wanted.getDomains().orElseThrow().forEach((handle, domain) -> {
            ArrowFlightColumnHandle column = (ArrowFlightColumnHandle) handle;
            Domain simplified = domain.simplify(getDomainCompactionThreshold(session));
            if (!column.predicate() || toColumnPredicate(column, simplified).isEmpty()) {
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
                false));
    }

    @Override
    public Optional<LimitApplicationResult<ConnectorTableHandle>> applyLimit(ConnectorSession session, ConnectorTableHandle tableHandle, long limit)
    {
        ArrowFlightTableHandle table = (ArrowFlightTableHandle) tableHandle;
        if (!isLimitPushdownEnabled(session) || table.limitSupport() == Support.NONE) {
            return Optional.empty();
        }
        if (table.limit().isPresent() && table.limit().getAsLong() <= limit) {
            return Optional.empty();
        }
        return Optional.of(new LimitApplicationResult<>(table.withLimit(limit), table.limitSupport() == Support.EXACT, false));
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
        if (!isTopNPushdownEnabled(session) || !table.pushdown().topNSupport() || table.limit().isPresent()) {
            return Optional.empty();
        }
        // what an aggregation gives, its source can compare
        boolean aggregated = table.pushdown().aggregation().isPresent();
        ImmutableList.Builder<ArrowFlightProtocol.SortItem> orderBy = ImmutableList.builder();
        for (SortItem item : sortItems) {
            ArrowFlightColumnHandle column = (ArrowFlightColumnHandle) assignments.get(item.getName());
            if (!(column.predicate() || aggregated) || !hasLiterals(column.type()) || !hasSameOrderEverywhere(column.type())) {
                return Optional.empty();
            }
            orderBy.add(new ArrowFlightProtocol.SortItem(column.name(), !item.getSortOrder().isAscending(), item.getSortOrder().isNullsFirst()));
        }
        return Optional.of(new TopNApplicationResult<>(table.withTopN(orderBy.build(), topNCount), true, false));
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
        return ArrowFlightAggregates.apply((ArrowFlightTableHandle) tableHandle, aggregates, assignments, groupingSets);
    }
}
