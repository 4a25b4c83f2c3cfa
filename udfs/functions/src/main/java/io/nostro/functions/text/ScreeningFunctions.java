package io.nostro.functions.text;

import com.anyascii.AnyAscii;
import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.NameCase;
import io.nostro.functions.Source;
import io.trino.spi.block.ArrayBlockBuilder;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.block.SqlRow;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlNullable;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;
import org.apache.commons.codec.language.DoubleMetaphone;

import static com.google.common.base.Strings.nullToEmpty;
import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.block.RowValueBuilder.buildRowValue;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * Functions that find a name among others, however it is written.
 */
public final class ScreeningFunctions
{
    private static final RowType CODES = anonymousRow(VARCHAR, VARCHAR);
    private static final RowType TOKENS = anonymousRow(VARCHAR, VARCHAR, DOUBLE);
    private static final RowType MATCH = anonymousRow(VARCHAR, BIGINT, DOUBLE, new ArrayType(TOKENS));
    private static final DoubleMetaphone DOUBLE_METAPHONE = new DoubleMetaphone();

    private ScreeningFunctions() {}

    @ScalarFunction("transliterate")
    @Description("A text in ASCII: letters of every script by their sounds, without diacritics (AnyAscii's tables)")
    @Source("The tables of AnyAscii")
    @Argument(name = "text", meaning = "the text, in any script")
    @Errors
    @LiteralParameters("x")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "transliterate('Łukasz Gößmann')", result = "\"Lukasz Gossmann\"")
    @Example(sql = "transliterate('Дмитрий Шостакович')", result = "\"Dmitriy Shostakovich\"")
    @Example(sql = "transliterate('深圳')", result = "\"ShenZhen\"")
    public static Slice transliterate(@SqlType("varchar(x)") Slice text)
    {
        for (int i = 0; i < text.length(); i++) {
            if (text.getByte(i) < 0) {
                return utf8Slice(AnyAscii.transliterate(text.toStringUtf8()));
            }
        }
        return text;
    }

    @ScalarFunction("double_metaphone")
    @Description("The primary and the alternate code of a name's sound in English and other European languages, of at most four characters (Philips 2000); the two are the same for most names; transliterate other scripts before")
    @Source("L. Philips, The Double Metaphone Search Algorithm (2000), as commons-codec has it")
    @Argument(name = "name", meaning = "one name, in Latin letters")
    @Errors
    @LiteralParameters("x")
    @SqlType("row(\"primary\" varchar,\"alternate\" varchar)")
    @Example(sql = "double_metaphone('Schmidt')", result = "{\"primary\":\"XMT\",\"alternate\":\"SMT\"}")
    @Example(sql = "double_metaphone('Smith').alternate = double_metaphone('Schmidt').primary", result = "true")
    @Example(sql = "double_metaphone('')", result = "{\"primary\":\"\",\"alternate\":\"\"}")
    public static SqlRow doubleMetaphone(@SqlType("varchar(x)") Slice name)
    {
        // commons-codec does so too, but not in linear time
        String text = NameCase.upperCaseOfText(name.toStringUtf8());
        String primary = nullToEmpty(DOUBLE_METAPHONE.doubleMetaphone(text, false));
        String alternate = nullToEmpty(DOUBLE_METAPHONE.doubleMetaphone(text, true));
        return buildRowValue(CODES, fields -> {
            VARCHAR.writeSlice(fields.get(0), utf8Slice(primary));
            VARCHAR.writeSlice(fields.get(1), utf8Slice(alternate));
        });
    }

    @ScalarFunction("name_similarity")
    @Description("The similarity of two names, from 0 to 1, whatever the order of their words, their script, case and punctuation: words are transliterated and paired so that the Jaro-Winkler similarities, weighted by the words' lengths, sum to the most; words left over count as unlike")
    @Source("W. E. Winkler's similarity (1990) of words that are transliterated by AnyAscii and paired to the greatest sum; no standard")
    @Argument(name = "left", meaning = "one name, of up to 64 words, in any script, case and order")
    @Argument(name = "right", meaning = "the other name")
    @Errors(invalidArgument = "a name has more than 64 words")
    @LiteralParameters({"x", "y"})
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "name_similarity('PUTIN, Vladimir', 'Владимир Путин')", result = "1.0")
    @Example(sql = "round(name_similarity('Jon Smith', 'Smith, John'), 4)", result = "0.9725")
    @Example(sql = "round(name_similarity('Acme Trading Ltd', 'Acme Trading'), 4)", result = "0.88")
    public static double nameSimilarity(@SqlType("varchar(x)") Slice left, @SqlType("varchar(y)") Slice right)
    {
        return NameComparison.compare(PersonName.of(left), PersonName.of(right)).score();
    }

    @ScalarFunction("screen_name")
    @Description("The best match of a name in an array of names: the name, its position from 1, the score by name_similarity, and the pairs of words that made it; of equal scores the first; NULL when the array has no name")
    @Source("W. E. Winkler's similarity (1990) of words that are transliterated by AnyAscii and paired to the greatest sum; no standard")
    @Argument(name = "name", meaning = "the name to screen, of up to 64 words")
    @Argument(name = "names", meaning = "the names to compare it with, such as those of a sanctions list; NULL is left out")
    @Errors(invalidArgument = "a name has more than 64 words")
    @LiteralParameters({"x", "y"})
    @SqlNullable
    @SqlType("row(\"best_match\" varchar,\"position\" bigint,\"score\" double,\"tokens\" array(row(\"name_token\" varchar,\"match_token\" varchar,\"similarity\" double)))")
    @Example(sql = "screen_name('Al-Asad, Bashar', ARRAY['Saddam Hussein', 'Bashar al-Asad'])", result = "{\"best_match\":\"Bashar al-Asad\",\"position\":2,\"score\":1.0,\"tokens\":[{\"name_token\":\"al\",\"match_token\":\"al\",\"similarity\":1.0},{\"name_token\":\"asad\",\"match_token\":\"asad\",\"similarity\":1.0},{\"name_token\":\"bashar\",\"match_token\":\"bashar\",\"similarity\":1.0}]}")
    @Example(sql = "screen_name('Jane Doe', ARRAY['John Smith', NULL, 'Jane Dow']).position", result = "3")
    @Example(sql = "screen_name('Jane Doe', ARRAY[])", result = "null")
    public static SqlRow screenName(@SqlType("varchar(x)") Slice name, @SqlType("array(varchar(y))") Block names)
    {
        PersonName screened = PersonName.of(name);
        int best = -1;
        NameComparison bestComparison = null;
        for (int i = 0; i < names.getPositionCount(); i++) {
            if (names.isNull(i)) {
                continue;
            }
            NameComparison comparison = NameComparison.compare(screened, PersonName.of(VARCHAR.getSlice(names, i)));
            if (bestComparison == null || comparison.score() > bestComparison.score()) {
                best = i;
                bestComparison = comparison;
            }
        }
        if (bestComparison == null) {
            return null;
        }
        int position = best;
        NameComparison comparison = bestComparison;
        Slice match = VARCHAR.getSlice(names, position);
        PersonName matched = PersonName.of(match);
        return buildRowValue(MATCH, fields -> {
            VARCHAR.writeSlice(fields.get(0), match);
            BIGINT.writeLong(fields.get(1), position + 1L);
            DOUBLE.writeDouble(fields.get(2), comparison.score());
            ((ArrayBlockBuilder) fields.get(3)).buildEntry(tokens -> {
                for (int i = 0; i < comparison.words(); i++) {
                    int pair = comparison.pair(i);
                    if (pair >= 0) {
                        String nameToken = screened.word(i);
                        double similarity = comparison.similarity(i);
                        ((RowBlockBuilder) tokens).buildEntry(token -> {
                            VARCHAR.writeSlice(token.get(0), utf8Slice(nameToken));
                            VARCHAR.writeSlice(token.get(1), utf8Slice(matched.word(pair)));
                            DOUBLE.writeDouble(token.get(2), similarity);
                        });
                    }
                }
            });
        });
    }
}
