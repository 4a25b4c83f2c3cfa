package io.nostro.functions.messages;

import io.airlift.slice.Slice;
import io.nostro.functions.Argument;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.block.Block;
import io.trino.spi.block.RowBlockBuilder;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import static io.nostro.functions.messages.MessageSource.isDigit;
import static io.nostro.functions.messages.MessageSource.isUpperCaseLetter;
import static io.nostro.functions.messages.RowFields.AMOUNT;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The statement lines (61) of SWIFT's customer statements, each with the information to the account owner (86) that follows it.
 */
public final class Mt940Functions
{
    private static final String NAME = "mt940_transactions";
    private static final Set<String> TYPES = Set.of("940", "942", "950");
    private static final String STATEMENT_LINE = "field 61";
    static final RowType TRANSACTION = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, DATE, DATE, VARCHAR, VARCHAR, AMOUNT, AMOUNT, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR);

    private Mt940Functions() {}

    @ScalarFunction(NAME)
    @Description("The transactions of MT940 statements (also MT942 and MT950), with SWIFT's headers or as banks export them without, as rows with their statement's references; signed_amount is negative for a debit and a reversed credit; a year above 79 is of the last century")
    @Source("SWIFT Standards MT, category 9: MT 940, MT 942 and MT 950")
    @Argument(name = "message", meaning = "one or more statements as text, with SWIFT's blocks or without")
    @LiteralParameters("x")
    @SqlType("array(row(\"transaction_reference_number\" varchar,\"account_identification\" varchar,\"statement_number\" varchar,\"currency\" varchar,\"value_date\" date,\"entry_date\" date,\"debit_credit_mark\" varchar,\"funds_code\" varchar,\"amount\" decimal(23,5),\"signed_amount\" decimal(23,5),\"transaction_type\" varchar,\"reference_for_account_owner\" varchar,\"reference_of_account_servicing_institution\" varchar,\"supplementary_details\" varchar,\"information_to_account_owner\" varchar))")
    @Example(sql = "mt940_transactions(':20:STMT1' || chr(10) || ':25:DE89370400440532013000' || chr(10) || ':28C:7/1' || chr(10) || ':60F:C250101EUR1000,' || chr(10) || ':61:2501030102DR12,5NTRFINV-1//BANK-9' || chr(10) || ':86:RENT JANUARY' || chr(10) || ':62F:C250103EUR987,5')", result = "[{\"transaction_reference_number\":\"STMT1\",\"account_identification\":\"DE89370400440532013000\",\"statement_number\":\"7/1\",\"currency\":\"EUR\",\"value_date\":\"2025-01-03\",\"entry_date\":\"2025-01-02\",\"debit_credit_mark\":\"D\",\"funds_code\":\"R\",\"amount\":12.50000,\"signed_amount\":-12.50000,\"transaction_type\":\"NTRF\",\"reference_for_account_owner\":\"INV-1\",\"reference_of_account_servicing_institution\":\"BANK-9\",\"supplementary_details\":null,\"information_to_account_owner\":\"RENT JANUARY\"}]")
    @Example(sql = "SELECT sum(signed_amount) FROM UNNEST(mt940_transactions(':20:S' || chr(10) || ':25:1' || chr(10) || ':28C:1' || chr(10) || ':60F:C250101EUR0,' || chr(10) || ':61:250103C5,NMSCNONREF' || chr(10) || ':61:250103RC2,25NMSCNONREF' || chr(10) || ':62F:C250103EUR2,75'))", result = "2.75000")
    @Example(sql = "TRY(mt940_transactions(':20:S' || chr(10) || ':60F:C250101EUR0,' || chr(10) || ':61:250231C5,NMSCNONREF'))", result = "null")
    public static Block mt940Transactions(@SqlType("varchar(x)") Slice message)
    {
        MessageSource source = MessageSource.of(NAME, message);
        RowBlockBuilder rows = TRANSACTION.createBlockBuilder(null, 16);
        for (MtMessage statement : MtMessage.parse(source)) {
            String type = statement.type(source);
            if (type != null && !TYPES.contains(type)) {
                throw source.malformed("block 2", statement.applicationHeader().offset(), "the message is not a statement; accepted are the types 940, 942 and 950");
            }
            if (statement.fields().isEmpty()) {
                throw source.malformed("block 4", statement.offset(), "the message has no field in its text block");
            }
            for (Transaction transaction : transactions(source, statement.fields())) {
                RowFields.appendRow(rows, transaction::write);
            }
        }
        return rows.build();
    }

    private static List<Transaction> transactions(MessageSource source, List<MtField> fields)
    {
        List<Transaction> transactions = new ArrayList<>();
        String transactionReferenceNumber = null;
        String accountIdentification = null;
        String statementNumber = null;
        String currency = null;
        boolean mayBeExplained = false;
        for (MtField field : fields) {
            switch (field.tag()) {
                case "20" -> {
                    // an export may hold several statements with nothing between them
                    transactionReferenceNumber = field.value();
                    accountIdentification = null;
                    statementNumber = null;
                    currency = null;
                }
                case "25", "25P" -> accountIdentification = field.lines().getFirst();
                case "28", "28C" -> statementNumber = field.value();
                case "60F", "60M" -> currency = balanceCurrency(source, field);
                case "34F" -> currency = currency(source, field, 0);
                case "61" -> {
                    if (currency == null) {
                        throw source.malformed("field 60a", field.offset(), "there is no opening balance (60F, 60M) or floor limit (34F) before a statement line: its currency is not known");
                    }
                    transactions.add(statementLine(source, field, transactionReferenceNumber, accountIdentification, statementNumber, currency));
                }
                case "86" -> {
                    if (mayBeExplained) {
                        transactions.getLast().informationToAccountOwner = field.value();
                    }
                }
                default -> {}
            }
            // what banks of their own add between a line and its information does not part them
            mayBeExplained = field.tag().equals("61") || (mayBeExplained && field.tag().startsWith("NS"));
        }
        return transactions;
    }

    private static String balanceCurrency(MessageSource source, MtField field)
    {
        // after the mark and the date
        return currency(source, field, 7);
    }

    private static String currency(MessageSource source, MtField field, int start)
    {
        String value = field.value();
        return source.currency(field.name(), field.offset() + start, value.substring(Math.min(start, value.length()), Math.min(start + 3, value.length())));
    }

    /**
     * 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x] and on the next line [34x]; longer references and details are taken as banks send them.
     */
    private static Transaction statementLine(
            MessageSource source,
            MtField field,
            String transactionReferenceNumber,
            String accountIdentification,
            String statementNumber,
            String currency)
    {
        int lineEnd = field.value().indexOf('\n');
        String line = lineEnd < 0 ? field.value() : field.value().substring(0, lineEnd);
        int offset = field.offset();
        LocalDate valueDate = source.date(STATEMENT_LINE, offset, line.substring(0, Math.min(6, line.length())));
        int position = 6;
        LocalDate entryDate = null;
        if (line.startsWith("    ", position)) {
            position += 4;
        }
        else if (position < line.length() && isDigit(line.charAt(position))) {
            String monthDay = line.substring(position, Math.min(position + 4, line.length()));
            entryDate = entryDate(source, offset + position, monthDay, valueDate);
            position += 4;
        }
        int markStart = position;
        if (line.startsWith("R", position)) {
            position++;
        }
        if (position == line.length() || (line.charAt(position) != 'C' && line.charAt(position) != 'D')) {
            throw source.malformed(STATEMENT_LINE, offset + markStart, "no debit or credit mark; accepted are C, D, RC and RD");
        }
        position++;
        String mark = line.substring(markStart, position);
        String fundsCode = null;
        if (position < line.length() && isUpperCaseLetter(line.charAt(position))) {
            fundsCode = line.substring(position, position + 1);
            position++;
        }
        int amountStart = position;
        while (position < line.length() && (isDigit(line.charAt(position)) || line.charAt(position) == ',')) {
            position++;
        }
        if (position - amountStart > 15) {
            throw source.malformed(STATEMENT_LINE, offset + amountStart, "the amount is longer than 15 characters");
        }
        BigDecimal amount = source.amount(STATEMENT_LINE, offset + amountStart, line.substring(amountStart, position), ',');
        if (position + 4 > line.length() || !isTransactionType(line, position)) {
            throw source.malformed(STATEMENT_LINE, offset + position, "no transaction type; accepted are an upper case letter and three letters, digits or blanks");
        }
        String type = line.substring(position, position + 4);
        position += 4;
        int slashes = line.indexOf("//", position);
        String reference = line.substring(position, slashes < 0 ? line.length() : slashes);
        return new Transaction(
                transactionReferenceNumber,
                accountIdentification,
                statementNumber,
                currency,
                valueDate,
                entryDate,
                mark,
                fundsCode,
                amount,
                type,
                reference.isEmpty() ? null : reference,
                slashes < 0 ? null : line.substring(slashes + 2),
                lineEnd < 0 ? null : field.value().substring(lineEnd + 1));
    }

    private static boolean isTransactionType(String line, int position)
    {
        return isUpperCaseLetter(line.charAt(position))
                // some banks fill it with blanks
                && line.substring(position + 1, position + 4).chars().allMatch(character -> isUpperCaseLetter(character) || isDigit(character) || character == ' ');
    }

    /**
     * The day of that month which is nearest to the value date: of its year, the one before or the one after.
     */
    private static LocalDate entryDate(MessageSource source, int offset, String monthDay, LocalDate valueDate)
    {
        LocalDate nearest = null;
        if (monthDay.length() == 4 && MessageSource.isDigits(monthDay)) {
            int month = Integer.parseInt(monthDay, 0, 2, 10);
            int day = Integer.parseInt(monthDay, 2, 4, 10);
            for (int year = valueDate.getYear() - 1; year <= valueDate.getYear() + 1; year++) {
                if (month >= 1 && month <= 12 && day >= 1 && day <= LocalDate.of(year, month, 1).lengthOfMonth()) {
                    LocalDate date = LocalDate.of(year, month, day);
                    if (nearest == null || distance(date, valueDate) < distance(nearest, valueDate)) {
                        nearest = date;
                    }
                }
            }
        }
        if (nearest == null) {
            throw source.malformed(STATEMENT_LINE, offset, "not an entry date; accepted are the four digits of MMDD");
        }
        return nearest;
    }

    private static long distance(LocalDate left, LocalDate right)
    {
        return Math.abs(ChronoUnit.DAYS.between(left, right));
    }

    private static final class Transaction
    {
        private final String transactionReferenceNumber;
        private final String accountIdentification;
        private final String statementNumber;
        private final String currency;
        private final LocalDate valueDate;
        private final LocalDate entryDate;
        private final String debitCreditMark;
        private final String fundsCode;
        private final BigDecimal amount;
        private final String type;
        private final String referenceForAccountOwner;
        private final String referenceOfAccountServicingInstitution;
        private final String supplementaryDetails;
        private String informationToAccountOwner;

        private Transaction(
                String transactionReferenceNumber,
                String accountIdentification,
                String statementNumber,
                String currency,
                LocalDate valueDate,
                LocalDate entryDate,
                String debitCreditMark,
                String fundsCode,
                BigDecimal amount,
                String type,
                String referenceForAccountOwner,
                String referenceOfAccountServicingInstitution,
                String supplementaryDetails)
        {
            this.transactionReferenceNumber = transactionReferenceNumber;
            this.accountIdentification = accountIdentification;
            this.statementNumber = statementNumber;
            this.currency = currency;
            this.valueDate = valueDate;
            this.entryDate = entryDate;
            this.debitCreditMark = debitCreditMark;
            this.fundsCode = fundsCode;
            this.amount = amount;
            this.type = type;
            this.referenceForAccountOwner = referenceForAccountOwner;
            this.referenceOfAccountServicingInstitution = referenceOfAccountServicingInstitution;
            this.supplementaryDetails = supplementaryDetails;
        }

        private void write(RowFields row)
        {
            boolean lowersBalance = debitCreditMark.equals("D") || debitCreditMark.equals("RC");
            row.text(transactionReferenceNumber)
                    .text(accountIdentification)
                    .text(statementNumber)
                    .text(currency)
                    .date(valueDate)
                    .date(entryDate)
                    .text(debitCreditMark)
                    .text(fundsCode)
                    .amount(amount)
                    .amount(lowersBalance ? amount.negate() : amount)
                    .text(type)
                    .text(referenceForAccountOwner)
                    .text(referenceOfAccountServicingInstitution)
                    .text(supplementaryDetails)
                    .text(informationToAccountOwner);
        }
    }
}
