package io.nostro.trino.flight;

import com.google.common.collect.ImmutableSet;
import com.google.inject.Inject;
import io.airlift.bootstrap.LifeCycleManager;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorCapabilities;
import io.trino.spi.connector.ConnectorPageSinkProvider;
import io.trino.spi.connector.ConnectorPageSourceProvider;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorSplitManager;
import io.trino.spi.connector.ConnectorTransactionHandle;
import io.trino.spi.session.PropertyMetadata;
import io.trino.spi.transaction.IsolationLevel;

import java.util.List;
import java.util.Set;

import static io.trino.spi.connector.ConnectorCapabilities.NOT_NULL_COLUMN_CONSTRAINT;
import static java.util.Objects.requireNonNull;

public final class ArrowFlightConnector
        implements Connector
{
    private final LifeCycleManager lifeCycleManager;
    private final ArrowFlightTransactions transactions;
    private final ArrowFlightSplitManager splitManager;
    private final ArrowFlightPageSourceProvider pageSourceProvider;
    private final ArrowFlightPageSinkProvider pageSinkProvider;
    private final ArrowFlightSessionProperties sessionProperties;

    @Inject
    public ArrowFlightConnector(
            LifeCycleManager lifeCycleManager,
            ArrowFlightTransactions transactions,
            ArrowFlightSplitManager splitManager,
            ArrowFlightPageSourceProvider pageSourceProvider,
            ArrowFlightPageSinkProvider pageSinkProvider,
            ArrowFlightSessionProperties sessionProperties)
    {
        this.lifeCycleManager = requireNonNull(lifeCycleManager, "lifeCycleManager is null");
        this.transactions = requireNonNull(transactions, "transactions is null");
        this.splitManager = requireNonNull(splitManager, "splitManager is null");
        this.pageSourceProvider = requireNonNull(pageSourceProvider, "pageSourceProvider is null");
        this.pageSinkProvider = requireNonNull(pageSinkProvider, "pageSinkProvider is null");
        this.sessionProperties = requireNonNull(sessionProperties, "sessionProperties is null");
    }

    @Override
    public ConnectorTransactionHandle beginTransaction(IsolationLevel isolationLevel, boolean readOnly, boolean autoCommit)
    {
        return transactions.begin();
    }

    @Override
    public ConnectorMetadata getMetadata(ConnectorSession session, ConnectorTransactionHandle transaction)
    {
        return transactions.metadata(transaction);
    }

    @Override
    public ConnectorSplitManager getSplitManager()
    {
        return splitManager;
    }

    @Override
    public ConnectorPageSourceProvider getPageSourceProvider()
    {
        return pageSourceProvider;
    }

    @Override
    public ConnectorPageSinkProvider getPageSinkProvider()
    {
        return pageSinkProvider;
    }

    @Override
    public Set<ConnectorCapabilities> getCapabilities()
    {
        return ImmutableSet.of(NOT_NULL_COLUMN_CONSTRAINT);
    }

    /**
     * A write is committed when its statement ends, and not with a transaction of several.
     */
    @Override
    public boolean isSingleStatementWritesOnly()
    {
        return true;
    }

    @Override
    public void commit(ConnectorTransactionHandle transaction)
    {
        transactions.commit(transaction);
    }

    @Override
    public void rollback(ConnectorTransactionHandle transaction)
    {
        transactions.rollback(transaction);
    }

    @Override
    public List<PropertyMetadata<?>> getSessionProperties()
    {
        return sessionProperties.getSessionProperties();
    }

    @Override
    public void shutdown()
    {
        lifeCycleManager.stop();
    }
}
