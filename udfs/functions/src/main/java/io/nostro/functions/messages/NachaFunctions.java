package io.nostro.functions.messages;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.TrinoException;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

import static com.google.common.base.Strings.emptyToNull;
import static io.nostro.functions.messages.MessageSource.isDigits;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * The entries of ACH files in Nacha's format: records of 94 characters, whose control totals, hashes and counts must be right.
 */
public final class NachaFunctions
{
    private static final String NAME = "nacha_entries";
    private static final int RECORD_LENGTH = 94;
    private static final long HASH_MODULUS = 10_000_000_000L;
    // ten digits of cents
    private static final DecimalType CENTS = createDecimalType(10, 2);
    private static final RowType ADDENDA = anonymousRow(VARCHAR, VARCHAR);
    static final RowType ENTRY = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, DATE, VARCHAR, BIGINT,
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, CENTS, VARCHAR, VARCHAR, VARCHAR, VARCHAR, new ArrayType(ADDENDA));

    private NachaFunctions() {}

    @ScalarFunction(NAME)
    @Description("The entries of an ACH file in Nacha's format (every class but ADV), as rows with what their batch says and an array of each entry's addenda; amounts are in dollars; the control totals, hashes and counts of the file must be right")
    @Source("Nacha Operating Rules, ACH record format specifications")
    @Argument(name = "message", meaning = "the whole file as text, of records of 94 characters")
    @Errors(invalidArgument = "the file is malformed, or a control total, hash or count is wrong: the error names the record and field and where it is, and what is accepted")
    @LiteralParameters("x")
    @SqlType("array(row(\"company_name\" varchar,\"company_identification\" varchar,\"standard_entry_class_code\" varchar,\"company_entry_description\" varchar,\"effective_entry_date\" date,\"originating_dfi_identification\" varchar,\"batch_number\" bigint," +
            "\"transaction_code\" varchar,\"credit_debit\" varchar,\"receiving_routing_number\" varchar,\"dfi_account_number\" varchar,\"amount\" decimal(10,2),\"identification_number\" varchar,\"receiver_name\" varchar,\"discretionary_data\" varchar,\"trace_number\" varchar," +
            "\"addenda\" array(row(\"type_code\" varchar,\"information\" varchar))))")
    @Example(sql = "SELECT amount FROM UNNEST(nacha_entries('101 07640125107640125102501031200A094101FEDERAL BANK           ACME BANK                      ' || chr(10) || '5220ACME CORP                           1234567890PPDPAYROLL         250104   1076401250000001' || chr(10) || '6221020010171234567          0000012550EMP-1          JANE DOE                0076401250000001' || chr(10) || '82200000010010200101000000000000000000012550' || rpad('1234567890', 35, ' ') || '076401250000001' || chr(10) || '9000001000001000000010010200101000000000000000000012550'))", result = "125.50")
    @Example(sql = "TRY(nacha_entries('101 076401251076401251'))", result = "null")
    public static Block nachaEntries(@SqlType("varchar(x)") Slice message)
    {
        RowBlockBuilder rows = ENTRY.createBlockBuilder(null, 16);
        new Parser(MessageSource.of(NAME, message), rows).parse();
        return rows.build();
    }

    /**
     * One line.
     *
     * @param offset where it starts in the text
     * @param text its 94 characters
     */
    private record NachaRecord(int offset, String text)
    {
        private char type()
        {
            return text.charAt(0);
        }

        /**
         * The characters from one position to another, as Nacha counts: from 1, both included.
         */
        private String part(int first, int last)
        {
            return text.substring(first - 1, last);
        }

        private String stripped(int first, int last)
        {
            return emptyToNull(part(first, last).strip());
        }
    }

    private record Addenda(String typeCode, String information)
    {
        private void write(RowFields row)
        {
            row.text(typeCode).text(information);
        }
    }

    private static final class Totals
    {
        private long batches;
        private long records;
        private long hash;
        private long debits;
        private long credits;

        private void add(Totals batch)
        {
            batches++;
            records += batch.records;
            hash = (hash + batch.hash) % HASH_MODULUS;
            debits += batch.debits;
            credits += batch.credits;
        }
    }

    private static final class Parser
    {
        private final MessageSource source;
        private final RowBlockBuilder rows;
        private final List<NachaRecord> records;
        private int next;

        private Parser(MessageSource source, RowBlockBuilder rows)
        {
            this.source = requireNonNull(source, "source is null");
            this.rows = requireNonNull(rows, "rows is null");
            this.records = records(source);
        }

        private void parse()
        {
            take('1', "the file header");
            Totals file = new Totals();
            while (nextIs('5')) {
                file.add(batch());
            }
            NachaRecord control = take('9', "the file control");
            check(control, 2, 7, "batch count", file.batches);
            check(control, 14, 21, "entry and addenda count", file.records);
            check(control, 22, 31, "entry hash", file.hash);
            check(control, 32, 43, "total debit amount in cents", file.debits);
            check(control, 44, 55, "total credit amount in cents", file.credits);
            while (next < records.size()) {
                // blocks of ten records are filled with nines
                if (!records.get(next).text().equals("9".repeat(RECORD_LENGTH))) {
                    throw malformed(records.get(next), 1, 1, "record type code", "a record after the file control");
                }
                next++;
            }
        }

        private Totals batch()
        {
            NachaRecord header = take('5', "the batch header");
            String entryClass = header.part(51, 53);
            if (entryClass.equals("ADV")) {
                throw malformed(header, 51, 53, "standard entry class code", "accounting advices are laid out differently; accepted is every class but ADV");
            }
            LocalDate effectiveDate = header.stripped(70, 75) == null
                    ? null
                    : source.date(described(header, 70, 75, "effective entry date"), header.offset() + 69, header.part(70, 75));
            long batchNumber = number(header, 88, 94, "batch number");
            Totals totals = new Totals();
            while (nextIs('6')) {
                entry(header, entryClass, effectiveDate, batchNumber, totals);
            }
            NachaRecord control = take('8', "the batch control");
            check(control, 5, 10, "entry and addenda count", totals.records);
            check(control, 11, 20, "entry hash", totals.hash);
            check(control, 21, 32, "total debit amount in cents", totals.debits);
            check(control, 33, 44, "total credit amount in cents", totals.credits);
            check(control, 88, 94, "batch number", batchNumber);
            return totals;
        }

        private void entry(NachaRecord header, String entryClass, LocalDate effectiveDate, long batchNumber, Totals totals)
        {
            NachaRecord entry = take('6', "an entry detail");
            String transactionCode = entry.part(2, 3);
            if (!isDigits(transactionCode) || transactionCode.charAt(0) < '2' || transactionCode.charAt(0) > '5' || transactionCode.charAt(1) == '0') {
                throw malformed(entry, 2, 3, "transaction code", "not a transaction code; accepted are 21 to 59 without 30, 40 and 50");
            }
            boolean credit = transactionCode.charAt(1) <= '4';
            long cents = number(entry, 30, 39, "amount");
            totals.hash = (totals.hash + number(entry, 4, 11, "receiving DFI identification")) % HASH_MODULUS;
            number(entry, 12, 12, "check digit");
            totals.records++;
            if (credit) {
                totals.credits += cents;
            }
            else {
                totals.debits += cents;
            }
            List<Addenda> addenda = new ArrayList<>();
            String receiver = switch (entryClass) {
                // there the name has a record of its own
                case "IAT" -> null;
                case "CTX" -> entry.stripped(59, 74);
                default -> entry.stripped(55, 76);
            };
            while (nextIs('7')) {
                NachaRecord addition = take('7', "an addenda");
                totals.records++;
                addenda.add(new Addenda(addition.part(2, 3), addition.stripped(4, entryClass.equals("IAT") || addition.part(2, 3).startsWith("9") ? 87 : 83)));
                if (entryClass.equals("IAT") && addition.part(2, 3).equals("10")) {
                    receiver = addition.stripped(47, 81);
                }
            }
            boolean international = entryClass.equals("IAT");
            String receiverName = receiver;
            RowFields.appendRow(rows, row -> row
                    .text(header.stripped(5, 20))
                    .text(header.stripped(41, 50))
                    .text(entryClass)
                    .text(header.stripped(54, 63))
                    .date(effectiveDate)
                    .text(header.stripped(80, 87))
                    .bigint(batchNumber)
                    .text(transactionCode)
                    .text(credit ? "credit" : "debit")
                    .text(entry.part(4, 12))
                    .text(international ? entry.stripped(40, 74) : entry.stripped(13, 29))
                    .decimal(CENTS, BigDecimal.valueOf(cents, 2))
                    .text(international ? null : entry.stripped(40, 54))
                    .text(receiverName)
                    .text(international ? null : entry.stripped(77, 78))
                    .text(entry.stripped(80, 94))
                    .rows(addenda, (fields, addition) -> addition.write(fields)));
        }

        private boolean nextIs(char type)
        {
            return next < records.size() && records.get(next).type() == type;
        }

        private NachaRecord take(char type, String name)
        {
            if (!nextIs(type)) {
                throw source.malformed("record " + type, next < records.size() ? records.get(next).offset() : source.text().length(), "%s is not where it must be".formatted(name));
            }
            next++;
            return records.get(next - 1);
        }

        private long number(NachaRecord nachaRecord, int first, int last, String name)
        {
            String digits = nachaRecord.part(first, last);
            if (!isDigits(digits)) {
                throw malformed(nachaRecord, first, last, name, "not a number; accepted are %s digits".formatted(last - first + 1));
            }
            return Long.parseLong(digits);
        }

        private void check(NachaRecord control, int first, int last, String name, long expected)
        {
            if (number(control, first, last, name) != expected) {
                throw malformed(control, first, last, name, "it is not what the records make, %s".formatted(expected));
            }
        }

        private TrinoException malformed(NachaRecord nachaRecord, int first, int last, String name, String problem)
        {
            return source.malformed(described(nachaRecord, first, last, name), nachaRecord.offset(), first - 1, problem);
        }

        private static String described(NachaRecord nachaRecord, int first, int last, String name)
        {
            return "record %s, positions %s to %s (%s)".formatted(nachaRecord.type(), first, last, name);
        }

        private static List<NachaRecord> records(MessageSource source)
        {
            List<NachaRecord> records = new ArrayList<>();
            String text = source.text();
            int position = 0;
            int lineEnd = 0;
            while (position < text.length()) {
                if (lineEnd >= 0) {
                    lineEnd = text.indexOf('\n', position);
                }
                // files of mainframes have no line ends
                int end = lineEnd < 0 ? Math.min(text.length(), position + RECORD_LENGTH) : lineEnd;
                String line = text.substring(position, end).stripTrailing();
                if (line.length() > RECORD_LENGTH) {
                    throw source.malformed("a record", position + RECORD_LENGTH, "longer than 94 characters");
                }
                if (!line.isEmpty()) {
                    char type = line.charAt(0);
                    if (type < '1' || type > '9' || type == '2' || type == '3' || type == '4') {
                        throw source.malformed("record type code", position, "not a record type; accepted are 1, 5, 6, 7, 8 and 9");
                    }
                    // blanks at the end are often lost
                    records.add(new NachaRecord(position, line + " ".repeat(RECORD_LENGTH - line.length())));
                }
                position = lineEnd < 0 ? end : lineEnd + 1;
            }
            return records;
        }
    }
}
