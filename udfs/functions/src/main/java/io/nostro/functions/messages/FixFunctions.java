package io.nostro.functions.messages;

import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.RowType;

import java.util.Map;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The fields of FIX messages in the tag=value encoding, read on the message's bytes.
 */
public final class FixFunctions
{
    private static final String NAME = "fix_fields";
    private static final byte SOH = 1;
    private static final int BEGIN_STRING = 8;
    private static final int BODY_LENGTH = 9;
    private static final int CHECK_SUM = 10;
    static final RowType FIELD = anonymousRow(INTEGER, VARCHAR);

    /**
     * The fields of FIX 5.0 SP2 that hold any bytes, separators too, by the fields before them that hold their lengths.
     */
    private static final Map<Integer, Integer> DATA_BY_LENGTH = ImmutableMap.<Integer, Integer>builder()
            .put(90, 91).put(93, 89).put(95, 96).put(212, 213)
            .put(348, 349).put(350, 351).put(352, 353).put(354, 355).put(356, 357).put(358, 359).put(360, 361).put(362, 363).put(364, 365)
            .put(445, 446).put(618, 619).put(621, 622)
            .put(1277, 1278).put(1280, 1281).put(1282, 1283).put(1397, 1398).put(1401, 1402).put(1403, 1404).put(1468, 1469)
            .put(1525, 1527).put(1578, 1579).put(1620, 1621).put(1664, 1665).put(1678, 1697).put(1733, 1734)
            .put(2072, 2073).put(2074, 2075).put(2111, 2112).put(2179, 2180).put(2287, 2288).put(2351, 2352).put(2372, 2371)
            .put(2481, 2482).put(2494, 2493).put(2522, 2521).put(2637, 2638).put(2651, 2652).put(2665, 2666)
            .buildOrThrow();

    private FixFunctions() {}

    @ScalarFunction(NAME)
    @Description("The fields of a FIX message in their order, as rows of tag and value, which multimap_from_entries makes a map of; separators are SOH, as on the wire, and then BodyLength and CheckSum must be right, or |, as in logs")
    @Source("FIX Trading Community, FIX TagValue Encoding")
    @Argument(name = "message", meaning = "one message, separated by SOH (as on the wire) or | (as in logs)")
    @LiteralParameters("x")
    @SqlType("array(row(\"tag\" integer,\"value\" varchar))")
    @Example(sql = "fix_fields('8=FIX.4.2|9=12|35=0|112=T1|10=038|')", result = "[{\"tag\":8,\"value\":\"FIX.4.2\"},{\"tag\":9,\"value\":\"12\"},{\"tag\":35,\"value\":\"0\"},{\"tag\":112,\"value\":\"T1\"},{\"tag\":10,\"value\":\"038\"}]")
    @Example(sql = "multimap_from_entries(fix_fields(replace('8=FIX.4.2|9=12|35=0|112=T1|10=038|', '|', chr(1))))[112][1]", result = "\"T1\"")
    @Example(sql = "TRY(fix_fields(replace('8=FIX.4.2|9=12|35=0|112=T2|10=038|', '|', chr(1))))", result = "null")
    public static Block fixFields(@SqlType("varchar(x)") Slice message)
    {
        byte[] bytes = message.byteArray();
        int start = message.byteArrayOffset();
        int end = start + message.length();
        byte separator = separator(bytes, start, end);
        boolean onTheWire = separator == SOH;
        RowBlockBuilder rows = FIELD.createBlockBuilder(null, 32);
        int position = start;
        int bodyStart = -1;
        int bodyLength = -1;
        int dataTag = -1;
        int dataLength = 0;
        int tag = 0;
        for (int number = 1; position < end && tag != CHECK_SUM; number++) {
            int fieldStart = position;
            tag = 0;
            while (position < end && MessageSource.isDigit(bytes[position]) && tag < 100_000_000) {
                tag = tag * 10 + bytes[position] - '0';
                position++;
            }
            if (tag == 0 || bytes[fieldStart] == '0' || position == end || bytes[position] != '=') {
                throw malformed("field number " + number, fieldStart - start, "not a tag and an equals sign; accepted are up to nine digits, without zeros before them");
            }
            position++;
            if (number == 2 && tag != BODY_LENGTH) {
                throw malformed("field 9", fieldStart - start, "the second field is not BodyLength");
            }
            if (onTheWire && number == 3 && tag != 35) {
                throw malformed("field 35", fieldStart - start, "the third field is not MsgType");
            }
            int valueStart = position;
            if (tag == dataTag) {
                if (dataLength > end - position || (position + dataLength < end && bytes[position + dataLength] != separator)) {
                    throw malformed("field " + tag, fieldStart - start, "no separator after as many bytes as the field before it says");
                }
                position += dataLength;
            }
            else {
                while (position < end && bytes[position] != separator) {
                    position++;
                }
            }
            int valueLength = position - valueStart;
            if (valueLength == 0) {
                throw malformed("field " + tag, fieldStart - start, "the field has no value");
            }
            dataTag = DATA_BY_LENGTH.getOrDefault(tag, -1);
            if (dataTag >= 0) {
                dataLength = count(bytes, start, tag, valueStart, valueLength);
            }
            if (position < end) {
                position++;
            }
            else if (onTheWire) {
                throw malformed("field " + tag, fieldStart - start, "the message ends without a separator");
            }
            if (tag == BODY_LENGTH && number == 2) {
                bodyLength = count(bytes, start, tag, valueStart, valueLength);
                bodyStart = position;
            }
            if (tag == CHECK_SUM && onTheWire) {
                if (bodyLength != fieldStart - bodyStart) {
                    throw malformed("field 9", 0, "BodyLength is not the count of bytes from the third field to the last but one, which is %s".formatted(fieldStart - bodyStart));
                }
                if (valueLength != 3 || count(bytes, start, tag, valueStart, valueLength) != checkSum(bytes, start, fieldStart)) {
                    throw malformed("field 10", fieldStart - start, "CheckSum is not the sum of the bytes before it, modulo 256 in three digits");
                }
            }
            int fieldTag = tag;
            Slice value = message.slice(valueStart - start, valueLength);
            rows.buildEntry(fields -> {
                INTEGER.writeLong(fields.get(0), fieldTag);
                VARCHAR.writeSlice(fields.get(1), value);
            });
        }
        if (onTheWire && tag != CHECK_SUM) {
            throw malformed("field 10", position - start, "the message ends without CheckSum");
        }
        while (position < end) {
            if (bytes[position] != '\n' && bytes[position] != '\r' && bytes[position] != ' ') {
                throw malformed("the message", position - start, "text after CheckSum; accepted is one message");
            }
            position++;
        }
        return rows.build();
    }

    /**
     * What ends the first field: it must be BeginString, whose value has neither.
     */
    private static byte separator(byte[] bytes, int start, int end)
    {
        if (end - start > 2 && bytes[start] == '8' && bytes[start + 1] == '=') {
            for (int position = start + 2; position < end; position++) {
                if (bytes[position] == SOH || bytes[position] == '|') {
                    return bytes[position];
                }
            }
        }
        throw malformed("field " + BEGIN_STRING, 0, "the message does not begin with BeginString; accepted are 8= and a version before SOH or |");
    }

    private static int count(byte[] bytes, int start, int tag, int valueStart, int length)
    {
        int count = 0;
        for (int i = valueStart; i < valueStart + length; i++) {
            if (!MessageSource.isDigit(bytes[i]) || length > 9) {
                throw malformed("field " + tag, valueStart - start, "not a count; accepted are 1 to 9 digits");
            }
            count = count * 10 + bytes[i] - '0';
        }
        return count;
    }

    private static int checkSum(byte[] bytes, int start, int end)
    {
        int sum = 0;
        for (int i = start; i < end; i++) {
            sum += bytes[i];
        }
        return sum & 0xFF;
    }

    private static TrinoException malformed(String field, int offset, String problem)
    {
        return invalidArgument("%s: %s at byte %s: %s", NAME, field, offset + 1, problem);
    }
}
