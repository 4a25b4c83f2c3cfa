package io.nostro.trino.vault;

import com.google.common.collect.ImmutableList;
import com.google.inject.Inject;
import io.nostro.functions.DeclaredFunction;
import io.trino.spi.connector.ConnectorMetadata;
import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.connector.ConnectorTableHandle;
import io.trino.spi.connector.ConnectorTableVersion;
import io.trino.spi.connector.SchemaTableName;
import io.trino.spi.function.BoundSignature;
import io.trino.spi.function.FunctionDependencyDeclaration;
import io.trino.spi.function.FunctionId;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.SchemaFunctionName;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.function.FunctionDependencyDeclaration.NO_DEPENDENCIES;

/**
 * One schema of functions, without tables.
 */
public final class VaultMetadata
        implements ConnectorMetadata
{
    static final String SCHEMA = "privacy";

    private final List<FunctionMetadata> functions;

    @Inject
    public VaultMetadata(VaultFunctionProvider provider)
    {
        this.functions = provider.functions().stream()
                .map(DeclaredFunction::metadata)
                .collect(toImmutableList());
    }

    @Override
    public List<String> listSchemaNames(ConnectorSession session)
    {
        return ImmutableList.of(SCHEMA);
    }

    @Override
    public ConnectorTableHandle getTableHandle(ConnectorSession session, SchemaTableName tableName, Optional<ConnectorTableVersion> startVersion, Optional<ConnectorTableVersion> endVersion)
    {
        return null;
    }

    @Override
    public Collection<FunctionMetadata> listFunctions(ConnectorSession session, String schemaName)
    {
        return schemaName.equals(SCHEMA) ? functions : ImmutableList.of();
    }

    @Override
    public Collection<FunctionMetadata> getFunctions(ConnectorSession session, SchemaFunctionName name)
    {
        // names are compared whole: their parts are read by other methods from Trino 480 on
        return functions.stream()
                .filter(function -> new SchemaFunctionName(SCHEMA, function.getCanonicalName()).equals(name))
                .collect(toImmutableList());
    }

    @Override
    public FunctionMetadata getFunctionMetadata(ConnectorSession session, FunctionId functionId)
    {
        return functions.stream()
                .filter(function -> function.getFunctionId().equals(functionId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No such function: " + functionId));
    }

    @Override
    public FunctionDependencyDeclaration getFunctionDependencies(ConnectorSession session, FunctionId functionId, BoundSignature boundSignature)
    {
        return NO_DEPENDENCIES;
    }
}
