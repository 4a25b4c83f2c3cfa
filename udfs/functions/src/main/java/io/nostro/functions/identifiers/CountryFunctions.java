package io.nostro.functions.identifiers;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.Set;

/**
 * Functions of the two-letter country codes of ISO 3166-1.
 */
@Source("ISO 3166-1:2020, alpha-2 codes")
@Argument(name = "country", meaning = "the two letters, upper case")
public final class CountryFunctions
{
    private static final Countries COUNTRIES = new Countries(Set.of());

    private CountryFunctions() {}

    @ScalarFunction("country_is_valid")
    @Description("Whether a text is the two-letter code of a country (ISO 3166-1 alpha-2), in upper case")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "country_is_valid('DE')", result = "true")
    @Example(sql = "country_is_valid('XK')", result = "false")
    @Example(sql = "country_is_valid('de')", result = "false")
    public static boolean countryIsValid(@SqlType("varchar(x)") Slice country)
    {
        return country.length() == 2 && COUNTRIES.contains(country.getByte(0), country.getByte(1));
    }
}
