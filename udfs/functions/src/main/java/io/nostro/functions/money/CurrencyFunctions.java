package io.nostro.functions.money;

import io.airlift.slice.Slice;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Functions of ISO 4217's currencies.
 */
@Source("ISO 4217:2015, Codes for the representation of currencies")
public final class CurrencyFunctions
{
    private CurrencyFunctions() {}

    @ScalarFunction("currency_minor_units")
    @Description("The number of decimal places of a currency's amounts: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217)")
    @Errors(invalidArgument = "the currency is not a code of ISO 4217, or has no minor units there, as XAU")
    @LiteralParameters("x")
    @SqlType(StandardTypes.INTEGER)
    @Example(sql = "currency_minor_units('EUR')", result = "2")
    @Example(sql = "currency_minor_units('JPY')", result = "0")
    @Example(sql = "currency_minor_units('KWD')", result = "3")
    @Example(sql = "TRY(currency_minor_units('XAU'))", result = "null")
    public static long currencyMinorUnits(@SqlType("varchar(x)") Slice currency)
    {
        return Currencies.minorUnits("currency_minor_units", currency);
    }

    @ScalarFunction("currency_numeric_code")
    @Description("The three digits of a currency's numeric code, with leading zeros (ISO 4217)")
    @Errors(invalidArgument = "the currency is not a code of ISO 4217, or has no numeric code there")
    @LiteralParameters("x")
    @SqlType("varchar(3)")
    @Example(sql = "currency_numeric_code('EUR')", result = "\"978\"")
    @Example(sql = "currency_numeric_code('AUD')", result = "\"036\"")
    @Example(sql = "TRY(currency_numeric_code('eur'))", result = "null")
    public static Slice currencyNumericCode(@SqlType("varchar(x)") Slice currency)
    {
        return Currencies.numericCode("currency_numeric_code", currency);
    }

    @ScalarFunction("currency_is_valid")
    @Description("Whether a text is a code of ISO 4217 that is in force, in upper case: a currency, a fund, a metal or a unit of account")
    @LiteralParameters("x")
    @SqlType(StandardTypes.BOOLEAN)
    @Example(sql = "currency_is_valid('EUR')", result = "true")
    @Example(sql = "currency_is_valid('XAU')", result = "true")
    @Example(sql = "currency_is_valid('DEM')", result = "false")
    @Example(sql = "currency_is_valid('eur')", result = "false")
    public static boolean currencyIsValid(@SqlType("varchar(x)") Slice currency)
    {
        return Currencies.isInForce(currency);
    }
}
