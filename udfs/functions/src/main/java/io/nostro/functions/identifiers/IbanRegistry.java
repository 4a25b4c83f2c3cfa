package io.nostro.functions.identifiers;

import com.google.common.base.Splitter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

/**
 * The structures of {@code iban-registry.csv} by country.
 */
final class IbanRegistry
{
    private static final String RESOURCE = "iban-registry.csv";
    private static final IbanStructure[] STRUCTURES = new IbanStructure[26 * 26];

    static {
        for (String row : readRows()) {
            Iterator<String> values = Splitter.on(',').split(row).iterator();
            String country = values.next();
            String bbanStructure = values.next();
            IbanStructure structure = new IbanStructure(
                    country,
                    bbanStructure,
                    nextRange(values).orElseThrow(),
                    nextRange(values).orElse(null),
                    nextRange(values).orElseThrow(),
                    Optional.of(values.next()).filter(method -> !method.isEmpty()).map(NationalCheckDigits::valueOf).orElse(null));
            STRUCTURES[Countries.index((byte) country.charAt(0), (byte) country.charAt(1))] = structure;
        }
    }

    private IbanRegistry() {}

    /**
     * The country's structure, or null when it is not in the registry.
     */
    static IbanStructure structure(byte first, byte second)
    {
        int index = Countries.index(first, second);
        return index < 0 ? null : STRUCTURES[index];
    }

    private static Optional<BbanRange> nextRange(Iterator<String> values)
    {
        String start = values.next();
        String end = values.next();
        return start.isEmpty() ? Optional.empty() : Optional.of(new BbanRange(Integer.parseInt(start), Integer.parseInt(end)));
    }

    private static List<String> readRows()
    {
        try (InputStream input = requireNonNull(IbanRegistry.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader reader = new BufferedReader(new InputStreamReader(input, UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("country,"))
                    .toList();
        }
        catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
