package io.nostro.functions.text;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Functions that compare names.
 */
public final class SimilarityFunctions
{
    private SimilarityFunctions() {}

    @ScalarFunction("jaro_winkler")
    @Description("The Jaro-Winkler similarity of two texts, from 0 (nothing in common) to 1 (the same); upper and lower case differ")
    @Source("W. E. Winkler, String Comparator Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage (1990)")
    @Argument(name = "left", meaning = "one text")
    @Argument(name = "right", meaning = "the other text")
    @Errors
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(jaro_winkler('MARTHA', 'MARHTA'), 6)", result = "0.961111")
    @Example(sql = "round(jaro_winkler('DIXON', 'DICKSONX'), 6)", result = "0.813333")
    @Example(sql = "jaro_winkler('', 'A')", result = "0.0")
    public static double jaroWinkler(@SqlType("varchar(x)") Slice left, @SqlType("varchar(y)") Slice right)
    {
        return JaroWinkler.similarity(
                left.byteArray(),
                left.byteArrayOffset(),
                left.length(),
                right.byteArray(),
                right.byteArrayOffset(),
                right.length());
    }
}
