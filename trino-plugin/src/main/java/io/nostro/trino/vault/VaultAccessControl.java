package io.nostro.trino.vault;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.inject.Inject;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.vault.VaultFunctions;
import io.trino.spi.connector.ConnectorAccessControl;
import io.trino.spi.connector.ConnectorSecurityContext;
import io.trino.spi.connector.SchemaRoutineName;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.function.SchemaFunctionName;
import io.trino.spi.security.ConnectorIdentity;

import java.util.Set;

import static com.google.common.collect.ImmutableSet.toImmutableSet;
import static io.nostro.trino.vault.VaultMetadata.SCHEMA;
import static io.trino.spi.security.AccessDeniedException.denySelectTable;

/**
 * Denies everything that is not granted in the catalog's configuration. What a user may not execute is not shown either, and
 * nobody can pass a function on by a view that runs with its owner's rights.
 */
public final class VaultAccessControl
        implements ConnectorAccessControl
{
    private static final String INFORMATION_SCHEMA = "information_schema";
    private static final Set<String> FUNCTIONS = DeclaredFunction.of(VaultFunctions.class).stream()
            .map(function -> function.metadata().getCanonicalName())
            .collect(toImmutableSet());

    private final Grantees encryption;
    private final Grantees decryption;

    @Inject
    public VaultAccessControl(VaultConfig config)
    {
        this.encryption = new Grantees(config.getEncryptionUsers(), config.getEncryptionGroups());
        this.decryption = new Grantees(config.getDecryptionUsers(), config.getDecryptionGroups());
    }

    @Override
    public boolean canExecuteFunction(ConnectorSecurityContext context, SchemaRoutineName function)
    {
        return canExecute(context, function.getRoutineName());
    }

    @Override
    public boolean canCreateViewWithExecuteFunction(ConnectorSecurityContext context, SchemaRoutineName function)
    {
        return false;
    }

    @Override
    public void checkCanShowFunctions(ConnectorSecurityContext context, String schemaName)
    {
        // filterFunctions leaves those that the user may execute
    }

    @Override
    public Set<SchemaFunctionName> filterFunctions(ConnectorSecurityContext context, Set<SchemaFunctionName> functionNames)
    {
        // names are compared whole: their parts are read by other methods from Trino 480 on
        Set<SchemaFunctionName> executable = FUNCTIONS.stream()
                .filter(function -> canExecute(context, function))
                .map(function -> new SchemaFunctionName(SCHEMA, function))
                .collect(toImmutableSet());
        return Sets.intersection(functionNames, executable).immutableCopy();
    }

    @Override
    public void checkCanShowSchemas(ConnectorSecurityContext context)
    {
        // filterSchemas leaves those that the user may see
    }

    @Override
    public Set<String> filterSchemas(ConnectorSecurityContext context, Set<String> schemaNames)
    {
        ConnectorIdentity identity = context.getIdentity();
        return encryption.include(identity) || decryption.include(identity) ? schemaNames : ImmutableSet.of();
    }

    @Override
    public void checkCanShowTables(ConnectorSecurityContext context, String schemaName)
    {
        // there are no tables but those of the information schema, in which every user sees what these methods leave
    }

    @Override
    public Set<SchemaTableName> filterTables(ConnectorSecurityContext context, Set<SchemaTableName> tableNames)
    {
        return tableNames.stream()
                .filter(VaultAccessControl::isInformation)
                .collect(toImmutableSet());
    }

    @Override
    public void checkCanSelectFromColumns(ConnectorSecurityContext context, SchemaTableName tableName, Set<String> columnNames)
    {
        if (!isInformation(tableName)) {
            denySelectTable(tableName.toString());
        }
    }

    private static boolean isInformation(SchemaTableName table)
    {
        return table.getSchemaName().equals(INFORMATION_SCHEMA);
    }

    private boolean canExecute(ConnectorSecurityContext context, String function)
    {
        Grantees grantees = VaultFunctions.reveals(function) ? decryption : encryption;
        return grantees.include(context.getIdentity());
    }

    private record Grantees(Set<String> users, Set<String> groups)
    {
        private Grantees
        {
            users = ImmutableSet.copyOf(users);
            groups = ImmutableSet.copyOf(groups);
        }

        private boolean include(ConnectorIdentity identity)
        {
            return users.contains(identity.getUser()) || !Sets.intersection(groups, identity.getGroups()).isEmpty();
        }
    }
}
