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
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

import static com.google.common.base.Strings.emptyToNull;
import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.messages.MessageSource.AMOUNT_SCALE;
import static io.nostro.functions.messages.MessageSource.isDigits;
import static io.nostro.functions.messages.RowFields.AMOUNT;
import static io.nostro.functions.money.Currencies.findMinorUnits;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static java.util.Objects.requireNonNull;

/**
 * The transactions of cash management reports in the BAI2 format (Bank Administration Institute, version 2), whose control totals
 * and counts of records must be right.
 */
public final class Bai2Functions
{
    private static final String NAME = "bai2_transactions";
    private static final RowType AVAILABILITY = anonymousRow(BIGINT, AMOUNT);
    static final RowType TRANSACTION = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, DATE, VARCHAR, VARCHAR, VARCHAR, VARCHAR, AMOUNT, AMOUNT, VARCHAR, DATE, new ArrayType(AVAILABILITY), VARCHAR, VARCHAR, VARCHAR);

    private Bai2Functions() {}

    @ScalarFunction(NAME)
    @Description("The transactions (records 16) of a BAI2 file, as rows with what their group and account say; amounts are in units of the currency (USD where none is named); signed_amount is negative for a debit and NULL for a type code that is neither; the control totals and counts of the file must be right")
    @Source("Bank Administration Institute (BAI), Cash Management Balance Reporting Specifications, version 2")
    @Argument(name = "message", meaning = "the whole file as text")
    @Errors(invalidArgument = "the file is malformed, or a control total or count is wrong: the error names the record and field and where it is, and what is accepted")
    @LiteralParameters("x")
    @SqlType("array(row(\"file_identification_number\" varchar,\"originator_identification\" varchar,\"group_status\" varchar,\"as_of_date\" date,\"customer_account_number\" varchar,\"currency\" varchar," +
            "\"type_code\" varchar,\"credit_debit\" varchar,\"amount\" decimal(23,5),\"signed_amount\" decimal(23,5),\"funds_type\" varchar,\"value_date\" date,\"availability\" array(row(\"days\" bigint,\"amount\" decimal(23,5)))," +
            "\"bank_reference_number\" varchar,\"customer_reference_number\" varchar,\"text\" varchar))")
    @Example(sql = "SELECT signed_amount FROM UNNEST(bai2_transactions('01,122099999,123456789,250103,0200,1,80,,2/' || chr(10) || '02,031001234,122099999,1,250102,2359,USD,2/' || chr(10) || '03,5765432,,,,,/' || chr(10) || '16,475,1250,0,BANK-9,CHECK-7,PAID CHECK' || chr(10) || '49,1250,3/' || chr(10) || '98,1250,1,5/' || chr(10) || '99,1250,1,7/'))", result = "-12.50000")
    @Example(sql = "TRY(bai2_transactions('01,122099999,123456789,250103,0200,1,80,,2/' || chr(10) || '02,031001234,122099999,1,250102,2359,USD,2/' || chr(10) || '03,5765432,,,,,/' || chr(10) || '16,475,1250,0,BANK-9,CHECK-7,PAID CHECK' || chr(10) || '49,9999,3/' || chr(10) || '98,9999,1,5/' || chr(10) || '99,9999,1,7/'))", result = "null")
    public static Block bai2Transactions(@SqlType("varchar(x)") Slice message)
    {
        RowBlockBuilder rows = TRANSACTION.createBlockBuilder(null, 16);
        new Parser(MessageSource.of(NAME, message), rows).parse();
        return rows.build();
    }

    /**
     * A record with its continuations.
     *
     * @param offset where it starts in the text
     * @param lines how many physical records it takes
     */
    private record Bai2Record(String code, int offset, List<String> fields, int lines) {}

    /**
     * What trailers add up: amounts in minor units, whatever their currencies, and physical records.
     */
    private static final class Totals
    {
        private BigInteger amount = BigInteger.ZERO;
        private int parts;
        private int records;

        private void add(Totals part)
        {
            amount = amount.add(part.amount);
            parts++;
            records += part.records;
        }
    }

    private record Availability(long days, BigDecimal amount)
    {
        private void write(RowFields row)
        {
            row.bigint(days).amount(amount);
        }
    }

    private static final class Parser
    {
        private final MessageSource source;
        private final RowBlockBuilder rows;
        private final List<Bai2Record> records;
        private int next;

        private String fileIdentification;
        private String originator;
        private String groupStatus;
        private LocalDate asOfDate;
        private String groupCurrency;
        private String account;
        private String currency;
        private int minorUnits;

        private Parser(MessageSource source, RowBlockBuilder rows)
        {
            this.source = requireNonNull(source, "source is null");
            this.rows = requireNonNull(rows, "rows is null");
            this.records = records(source);
        }

        private void parse()
        {
            Totals file = new Totals();
            Bai2Record header = take("01", file);
            fileIdentification = optional(header, 4);
            if (!"2".equals(optional(header, 7))) {
                throw malformed(header, 7, "version number", "another version; accepted is 2");
            }
            while (nextIs("02")) {
                file.add(group());
            }
            checkTrailer(take("99", file), file, "groups");
            if (next < records.size()) {
                throw malformed(records.get(next), 0, "record code", "a record after the file's trailer (99)");
            }
        }

        private Totals group()
        {
            Totals group = new Totals();
            Bai2Record header = take("02", group);
            originator = optional(header, 1);
            groupStatus = optional(header, 2);
            String date = optional(header, 3);
            if (date == null) {
                throw malformed(header, 3, "as-of date", "there is none; accepted are the six digits of YYMMDD");
            }
            asOfDate = source.date(described(header, 3, "as-of date"), header.offset(), date);
            groupCurrency = optional(header, 5);
            while (nextIs("03")) {
                group.add(account());
            }
            checkTrailer(take("98", group), group, "accounts");
            return group;
        }

        private Totals account()
        {
            Totals totals = new Totals();
            Bai2Record identifier = take("03", totals);
            account = optional(identifier, 0);
            currency = optional(identifier, 1);
            if (currency == null) {
                currency = groupCurrency == null ? "USD" : groupCurrency;
            }
            minorUnits = findMinorUnits(utf8Slice(currency)).orElseThrow(() -> malformed(identifier, 1, "currency", "not a currency with minor units; accepted are the three upper case letters of ISO 4217"));
            int field = 2;
            // what follows the last summary may be one empty field
            while (field < identifier.fields().size() - 1) {
                BigInteger amount = integer(identifier, field + 1, "amount");
                totals.amount = totals.amount.add(amount == null ? BigInteger.ZERO : amount);
                field = afterAvailability(identifier, field + 3);
            }
            while (nextIs("16")) {
                BigInteger amount = transaction(take("16", totals));
                totals.amount = totals.amount.add(amount == null ? BigInteger.ZERO : amount);
            }
            checkTrailer(take("49", totals), totals, null);
            return totals;
        }

        /**
         * Writes the transaction's row; gives its amount in minor units, or null.
         */
        private BigInteger transaction(Bai2Record detail)
        {
            String typeCode = optional(detail, 0);
            if (typeCode == null || typeCode.length() != 3 || !isDigits(typeCode)) {
                throw malformed(detail, 0, "type code", "not a type code; accepted are three digits");
            }
            BigInteger minor = integer(detail, 1, "amount");
            BigDecimal amount = amount(detail, 1, minor);
            String fundsType = optional(detail, 2);
            int field = afterAvailability(detail, 2);
            LocalDate valueDate = null;
            List<Availability> availability = new ArrayList<>();
            switch (fundsType) {
                case "0", "1", "2" -> {
                    if (amount != null) {
                        availability.add(new Availability(fundsType.charAt(0) - '0', amount));
                    }
                }
                case "S" -> {
                    for (int days = 0; days < 3; days++) {
                        availability.add(new Availability(days, amount(detail, 3 + days, integer(detail, 3 + days, "availability"))));
                    }
                }
                case "V" -> {
                    String date = optional(detail, 3);
                    valueDate = date == null ? null : source.date(described(detail, 3, "value date"), detail.offset(), date);
                }
                case "D" -> {
                    for (int part = 4; part < field; part += 2) {
                        String days = optional(detail, part);
                        availability.add(new Availability(
                                source.count(described(detail, part, "days of availability"), detail.offset(), days == null ? "" : days),
                                amount(detail, part + 1, integer(detail, part + 1, "availability"))));
                    }
                }
                case null, default -> {}
            }
            int type = Integer.parseInt(typeCode);
            boolean credit = (type >= 100 && type < 400) || (type >= 920 && type < 960);
            boolean debit = (type >= 400 && type < 700) || type >= 960;
            LocalDate valued = valueDate;
            // the text may have commas
            String text = field + 2 < detail.fields().size() ? String.join(",", detail.fields().subList(field + 2, detail.fields().size())) : "";
            RowFields.appendRow(rows, row -> row
                    .text(fileIdentification)
                    .text(originator)
                    .text(groupStatus)
                    .date(asOfDate)
                    .text(account)
                    .text(currency)
                    .text(typeCode)
                    .text(credit ? "credit" : debit ? "debit" : null)
                    .amount(amount)
                    .amount(amount == null || !(credit || debit) ? null : debit ? amount.negate() : amount)
                    .text(fundsType)
                    .date(valued)
                    .rows(availability, (fields, part) -> part.write(fields))
                    .text(optional(detail, field))
                    .text(optional(detail, field + 1))
                    .text(emptyToNull(text)));
            return minor;
        }

        /**
         * The field after the funds type and what it asks for.
         */
        private int afterAvailability(Bai2Record bai2Record, int fundsType)
        {
            String type = optional(bai2Record, fundsType);
            return fundsType + 1 + switch (type) {
                case "S" -> 3;
                case "V" -> 2;
                case "D" -> {
                    String parts = optional(bai2Record, fundsType + 1);
                    int count = source.count(described(bai2Record, fundsType + 1, "number of distributions"), bai2Record.offset(), parts == null ? "" : parts);
                    if (count > bai2Record.fields().size()) {
                        throw malformed(bai2Record, fundsType + 1, "number of distributions", "more than the record holds");
                    }
                    yield 1 + 2 * count;
                }
                case "0", "1", "2", "Z" -> 0;
                case null -> 0;
                default -> throw malformed(bai2Record, fundsType, "funds type", "not a funds type; accepted are 0, 1, 2, S, V, D and Z");
            };
        }

        private BigInteger integer(Bai2Record bai2Record, int field, String name)
        {
            String text = optional(bai2Record, field);
            if (text == null) {
                return null;
            }
            String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
            if (digits.isEmpty() || digits.length() > 18 || !isDigits(digits)) {
                throw malformed(bai2Record, field, name, "not an amount in minor units; accepted are 1 to 18 digits, with a sign before them or none");
            }
            BigInteger value = new BigInteger(digits);
            return text.startsWith("-") ? value.negate() : value;
        }

        private BigDecimal amount(Bai2Record bai2Record, int field, BigInteger minor)
        {
            if (minor == null) {
                return null;
            }
            BigDecimal amount = new BigDecimal(minor, minorUnits).setScale(AMOUNT_SCALE);
            if (amount.precision() > AMOUNT.getPrecision()) {
                throw malformed(bai2Record, field, "amount", "more than 18 digits before the decimal point");
            }
            return amount;
        }

        private void checkTrailer(Bai2Record trailer, Totals totals, String parts)
        {
            BigInteger total = integer(trailer, 0, "control total");
            if (total == null || !total.equals(totals.amount)) {
                throw malformed(trailer, 0, "control total", "it is not the sum of the amounts, %s".formatted(totals.amount));
            }
            int field = 1;
            if (parts != null) {
                checkCount(trailer, field, "number of " + parts, totals.parts);
                field++;
            }
            checkCount(trailer, field, "number of records", totals.records);
        }

        private void checkCount(Bai2Record trailer, int field, String name, int expected)
        {
            String count = optional(trailer, field);
            if (source.count(described(trailer, field, name), trailer.offset(), count == null ? "" : count) != expected) {
                throw malformed(trailer, field, name, "there are %s".formatted(expected));
            }
        }

        private boolean nextIs(String code)
        {
            return next < records.size() && records.get(next).code().equals(code);
        }

        private Bai2Record take(String code, Totals totals)
        {
            if (!nextIs(code)) {
                throw source.malformed("record " + code, next < records.size() ? records.get(next).offset() : source.text().length(), "there is none where it must be");
            }
            Bai2Record taken = records.get(next);
            next++;
            totals.records += taken.lines();
            return taken;
        }

        /**
         * A field's text, or null when it is empty or not there; the first after the record code is 0.
         */
        private static String optional(Bai2Record bai2Record, int field)
        {
            return field < bai2Record.fields().size() ? emptyToNull(bai2Record.fields().get(field).strip()) : null;
        }

        private TrinoException malformed(Bai2Record bai2Record, int field, String name, String problem)
        {
            return source.malformed(described(bai2Record, field, name), bai2Record.offset(), problem);
        }

        private static String described(Bai2Record bai2Record, int field, String name)
        {
            return "record %s, field %s (%s)".formatted(bai2Record.code(), field + 2, name);
        }

        /**
         * A slash ends a physical record's last field; without it the field, a text, goes on in the continuation (88).
         */
        private static List<Bai2Record> records(MessageSource source)
        {
            List<Bai2Record> records = new ArrayList<>();
            String text = source.text();
            String code = null;
            int start = 0;
            int lines = 0;
            StringBuilder content = new StringBuilder();
            boolean ended = true;
            int lineStart = 0;
            while (lineStart < text.length()) {
                int lineEnd = text.indexOf('\n', lineStart);
                lineEnd = lineEnd < 0 ? text.length() : lineEnd;
                String line = text.substring(lineStart, lineEnd).stripTrailing();
                if (!line.isEmpty()) {
                    if (line.length() < 3 || line.charAt(2) != ',' || !isDigits(line.substring(0, 2))) {
                        throw source.malformed("record code", lineStart, "accepted are two digits and a comma");
                    }
                    if (line.startsWith("88")) {
                        if (code == null) {
                            throw source.malformed("record 88", lineStart, "it continues no record");
                        }
                        content.append(ended ? "," : " ");
                    }
                    else {
                        if (code != null) {
                            records.add(new Bai2Record(code, start, List.of(content.toString().split(",", -1)), lines));
                        }
                        code = line.substring(0, 2);
                        start = lineStart;
                        lines = 0;
                        content.setLength(0);
                    }
                    lines++;
                    ended = line.endsWith("/");
                    content.append(line, 3, line.length() - (ended ? 1 : 0));
                }
                lineStart = lineEnd + 1;
            }
            if (code != null) {
                records.add(new Bai2Record(code, start, List.of(content.toString().split(",", -1)), lines));
            }
            return records;
        }
    }
}
