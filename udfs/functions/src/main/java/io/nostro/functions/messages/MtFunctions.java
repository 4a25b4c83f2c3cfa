package io.nostro.functions.messages;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.StandardTypes;

import java.util.List;

import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * Functions of every MT message of SWIFT's FIN.
 */
@Source("SWIFT Standards MT, the format of FIN messages")
public final class MtFunctions
{
    private static final String FIELDS = "mt_fields";
    private static final String TYPE = "mt_type";
    static final RowType FIELD = anonymousRow(VARCHAR, VARCHAR);

    private MtFunctions() {}

    @ScalarFunction(FIELDS)
    @Description("The fields of a SWIFT MT message's text block (4) in their order, as rows of tag and value, whose lines are joined by line feeds; multimap_from_entries makes a map of them")
    @Argument(name = "block", meaning = "the block whose fields are given: 3, the user header, or 4, the text; 4 when left out")
    @Errors(invalidArgument = "the message is malformed, of more than one message, or has no text block, or block is neither 3 nor 4: the error names the field and where it is")
    @LiteralParameters("x")
    @SqlType("array(row(\"tag\" varchar,\"value\" varchar))")
    @Example(sql = "mt_fields('{1:F01BANKDEFFAXXX0000000000}{2:I199BANKFRPPXXXXN}{4:' || chr(10) || ':20:REF1' || chr(10) || ':79:FIRST' || chr(10) || 'SECOND' || chr(10) || '-}')", result = "[{\"tag\":\"20\",\"value\":\"REF1\"},{\"tag\":\"79\",\"value\":\"FIRST\\nSECOND\"}]")
    @Example(sql = "multimap_from_entries(mt_fields(':20:REF1' || chr(10) || ':21:A' || chr(10) || ':21:B'))['21']", result = "[\"A\",\"B\"]")
    @Example(sql = "TRY(mt_fields('{1:F01BANKDEFFAXXX0000000000}{4:'))", result = "null")
    public static Block mtFields(@SqlType("varchar(x)") Slice message)
    {
        return fields(message, 4);
    }

    @ScalarFunction(FIELDS)
    @Description("The fields of a block of a SWIFT MT message in their order, as rows of tag and value: 3 is the user header, with the UETR in 121, and 4 the text")
    @LiteralParameters("x")
    @SqlType("array(row(\"tag\" varchar,\"value\" varchar))")
    @Example(sql = "multimap_from_entries(mt_fields('{1:F01BANKDEFFAXXX0000000000}{2:I199BANKFRPPXXXXN}{3:{108:MUR1}{121:eb6305c9-1f7f-49de-aed0-16487c27b42d}}{4:' || chr(10) || ':20:REF1' || chr(10) || '-}', 3))['121'][1]", result = "\"eb6305c9-1f7f-49de-aed0-16487c27b42d\"")
    @Example(sql = "TRY(mt_fields(':20:REF1', 1))", result = "null")
    public static Block mtFields(@SqlType("varchar(x)") Slice message, @SqlType(StandardTypes.BIGINT) long block)
    {
        return fields(message, block);
    }

    @ScalarFunction(TYPE)
    @Description("The three digits of a SWIFT MT message's type, from its application header (2)")
    @LiteralParameters("x")
    @SqlType("varchar(3)")
    @Example(sql = "mt_type('{1:F01BANKDEFFAXXX0000000000}{2:I103BANKFRPPXXXXN}{4:' || chr(10) || ':20:REF1' || chr(10) || '-}')", result = "\"103\"")
    @Example(sql = "TRY(mt_type(':20:REF1'))", result = "null")
    public static Slice mtType(@SqlType("varchar(x)") Slice message)
    {
        MessageSource source = MessageSource.of(TYPE, message);
        MtMessage parsed = MtMessage.parseOne(source);
        String type = parsed.type(source);
        if (type == null) {
            throw source.malformed("block 2", parsed.offset(), "the message has no application header, which holds its type");
        }
        return utf8Slice(type);
    }

    private static Block fields(Slice message, long block)
    {
        if (block != 3 && block != 4) {
            throw invalidArgument("%s: block is %s; accepted are 3, the user header, and 4, the text", FIELDS, block);
        }
        MessageSource source = MessageSource.of(FIELDS, message);
        MtMessage parsed = MtMessage.parseOne(source);
        if (parsed.fields().isEmpty()) {
            throw source.malformed("block 4", parsed.offset(), "the message has no field in its text block");
        }
        List<MtField> fields = block == 3 ? parsed.userHeader() : parsed.fields();
        RowBlockBuilder rows = FIELD.createBlockBuilder(null, fields.size());
        for (MtField field : fields) {
            RowFields.appendRow(rows, row -> row.text(field.tag()).text(field.value()));
        }
        return rows.build();
    }
}
