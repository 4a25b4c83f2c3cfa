package io.nostro.toolkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.nostro.functions.NostroFunctions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Writes the catalogue of Nostro's functions to a file, when the project is built.
 */
public final class CatalogueWriter
{
    private CatalogueWriter() {}

    public static void main(String[] arguments)
            throws IOException
    {
        checkArgument(arguments.length == 2, "Two arguments are wanted: Trino's version and the file to write");
        write(
                CatalogueReader.read(arguments[0], NostroFunctions.FUNCTIONS, Map.of("nostro_vault", NostroFunctions.VAULT_FUNCTIONS)),
                Path.of(arguments[1]).toAbsolutePath());
    }

    static void write(FunctionCatalogue catalogue, Path file)
            throws IOException
    {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(catalogue) + "\n");
    }
}
