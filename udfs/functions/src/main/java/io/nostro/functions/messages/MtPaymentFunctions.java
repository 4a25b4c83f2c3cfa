package io.nostro.functions.messages;

import io.airlift.slice.Slice;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.nostro.functions.messages.MtPayment.CurrencyAmount;
import io.nostro.functions.messages.MtPayment.DatedAmount;
import io.trino.spi.block.SqlRow;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.util.List;

import static io.nostro.functions.messages.MtParty.CUSTOMER;
import static io.nostro.functions.messages.MtParty.CUSTOMER_TYPE;
import static io.nostro.functions.messages.MtParty.INSTITUTION;
import static io.nostro.functions.messages.MtParty.INSTITUTION_TYPE;
import static io.nostro.functions.messages.RowFields.AMOUNT;
import static io.trino.spi.block.RowValueBuilder.buildRowValue;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The payments of SWIFT's MT103 (single customer credit transfer) and MT202 (general financial institution transfer).
 */
public final class MtPaymentFunctions
{
    private static final String MT103 = "mt103_payment";
    private static final String MT202 = "mt202_payment";

    // 12d: eleven digits and a comma
    private static final DecimalType RATE = createDecimalType(22, 11);
    private static final RowType MONEY = anonymousRow(VARCHAR, AMOUNT);
    private static final String MONEY_TYPE = "row(\"currency\" varchar,\"amount\" decimal(23,5))";

    static final RowType MT103_ROW = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, VARCHAR,
            VARCHAR, VARCHAR, new ArrayType(VARCHAR), DATE, VARCHAR, AMOUNT, VARCHAR, AMOUNT, RATE,
            CUSTOMER, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, CUSTOMER,
            VARCHAR, VARCHAR, new ArrayType(MONEY), MONEY, VARCHAR, VARCHAR);
    static final RowType MT202_ROW = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, BOOLEAN,
            VARCHAR, VARCHAR, DATE, VARCHAR, AMOUNT,
            INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, INSTITUTION, VARCHAR,
            CUSTOMER, CUSTOMER, VARCHAR);

    private MtPaymentFunctions() {}

    @ScalarFunction(MT103)
    @Description("The payment of a SWIFT MT103, as a row in the standard's terms; a party is a row of account, BIC, name (the first line) and address, an institution has a clearing_code too; what the message does not hold is NULL")
    @Source("SWIFT Standards MT, category 1: MT 103, Single Customer Credit Transfer")
    @LiteralParameters("x")
    @SqlType("row(\"sender_bic\" varchar,\"receiver_bic\" varchar,\"message_user_reference\" varchar,\"uetr\" varchar," +
            "\"senders_reference\" varchar,\"bank_operation_code\" varchar,\"instruction_codes\" array(varchar),\"value_date\" date,\"currency\" varchar,\"interbank_settled_amount\" decimal(23,5)," +
            "\"instructed_currency\" varchar,\"instructed_amount\" decimal(23,5),\"exchange_rate\" decimal(22,11)," +
            "\"ordering_customer\" " + CUSTOMER_TYPE + ",\"sending_institution\" " + INSTITUTION_TYPE + ",\"ordering_institution\" " + INSTITUTION_TYPE +
            ",\"senders_correspondent\" " + INSTITUTION_TYPE + ",\"receivers_correspondent\" " + INSTITUTION_TYPE + ",\"third_reimbursement_institution\" " + INSTITUTION_TYPE +
            ",\"intermediary_institution\" " + INSTITUTION_TYPE + ",\"account_with_institution\" " + INSTITUTION_TYPE + ",\"beneficiary_customer\" " + CUSTOMER_TYPE +
            ",\"remittance_information\" varchar,\"details_of_charges\" varchar,\"senders_charges\" array(" + MONEY_TYPE + "),\"receivers_charges\" " + MONEY_TYPE +
            ",\"sender_to_receiver_information\" varchar,\"regulatory_reporting\" varchar)")
    @Example(sql = "mt103_payment('{1:F01BANKDEFFAXXX0000000000}{2:I103BANKFRPPXXXXN}{4:' || chr(10) || ':20:REF1' || chr(10) || ':23B:CRED' || chr(10) || ':32A:250103EUR1234,5' || chr(10) || ':50K:/DE89370400440532013000' || chr(10) || 'ACME GMBH' || chr(10) || 'BERLIN' || chr(10) || ':59:/FR1420041010050500013M02606' || chr(10) || 'DUPONT SA' || chr(10) || ':71A:SHA' || chr(10) || '-}').interbank_settled_amount", result = "1234.50000")
    @Example(sql = "mt103_payment(':20:REF1' || chr(10) || ':23B:CRED' || chr(10) || ':32A:250103JPY1000,' || chr(10) || ':50A:/12' || chr(10) || 'BANKDEFF' || chr(10) || ':59A:BANKFRPP' || chr(10) || ':71A:OUR').ordering_customer", result = "{\"account\":\"12\",\"bic\":\"BANKDEFF\",\"name\":null,\"address\":null}")
    @Example(sql = "TRY(mt103_payment(':20:REF1' || chr(10) || ':32A:250103EUR1234,5'))", result = "null")
    public static SqlRow mt103Payment(@SqlType("varchar(x)") Slice message)
    {
        MessageSource source = MessageSource.of(MT103, message);
        MtPayment payment = MtPayment.parse(source, "103");
        String reference = payment.required("20").value();
        String operation = payment.required("23B").value();
        DatedAmount settled = payment.datedAmount(payment.required("32A"));
        CurrencyAmount instructed = payment.currencyAmount(payment.field("33B"));
        BigDecimal rate = payment.rate("36", RATE.getPrecision(), RATE.getScale());
        MtParty orderingCustomer = MtParty.parse(source, payment.required("50"));
        MtParty sendingInstitution = payment.party("51");
        MtParty orderingInstitution = payment.party("52");
        MtParty sendersCorrespondent = payment.party("53");
        MtParty receiversCorrespondent = payment.party("54");
        MtParty reimbursement = payment.party("55");
        MtParty intermediary = payment.party("56");
        MtParty accountWith = payment.party("57");
        MtParty beneficiary = MtParty.parse(source, payment.required("59"));
        String charges = payment.required("71A").value();
        List<CurrencyAmount> sendersCharges = payment.repeated("71F", payment::currencyAmount);
        CurrencyAmount receiversCharges = payment.currencyAmount(payment.field("71G"));
        String remittance = payment.text("70");
        String information = payment.text("72");
        String regulatory = payment.text("77B");
        String senderBic = payment.senderBic();
        String receiverBic = payment.receiverBic();
        return buildRowValue(MT103_ROW, fields -> new RowFields(fields)
                .text(senderBic)
                .text(receiverBic)
                .text(payment.userHeader("108"))
                .text(payment.userHeader("121"))
                .text(reference)
                .text(operation)
                .texts(payment.repeated("23E", MtField::value))
                .date(settled.date())
                .text(settled.money().currency())
                .amount(settled.money().amount())
                .text(instructed == null ? null : instructed.currency())
                .amount(instructed == null ? null : instructed.amount())
                .decimal(RATE, rate)
                .row(orderingCustomer, (row, party) -> party.writeCustomer(row))
                .row(sendingInstitution, (row, party) -> party.writeInstitution(row))
                .row(orderingInstitution, (row, party) -> party.writeInstitution(row))
                .row(sendersCorrespondent, (row, party) -> party.writeInstitution(row))
                .row(receiversCorrespondent, (row, party) -> party.writeInstitution(row))
                .row(reimbursement, (row, party) -> party.writeInstitution(row))
                .row(intermediary, (row, party) -> party.writeInstitution(row))
                .row(accountWith, (row, party) -> party.writeInstitution(row))
                .row(beneficiary, (row, party) -> party.writeCustomer(row))
                .text(remittance)
                .text(charges)
                .rows(sendersCharges, (row, charge) -> charge.write(row))
                .row(receiversCharges, (row, charge) -> charge.write(row))
                .text(information)
                .text(regulatory));
    }

    @ScalarFunction(MT202)
    @Description("The transfer of a SWIFT MT202 or MT202 COV, as a row in the standard's terms, parties as in mt103_payment; of a cover payment also the underlying customers and their remittance information")
    @Source("SWIFT Standards MT, category 2: MT 202 and MT 202 COV, General Financial Institution Transfer")
    @LiteralParameters("x")
    @SqlType("row(\"sender_bic\" varchar,\"receiver_bic\" varchar,\"uetr\" varchar,\"is_cover\" boolean," +
            "\"transaction_reference_number\" varchar,\"related_reference\" varchar,\"value_date\" date,\"currency\" varchar,\"amount\" decimal(23,5)," +
            "\"ordering_institution\" " + INSTITUTION_TYPE + ",\"senders_correspondent\" " + INSTITUTION_TYPE + ",\"receivers_correspondent\" " + INSTITUTION_TYPE +
            ",\"intermediary\" " + INSTITUTION_TYPE + ",\"account_with_institution\" " + INSTITUTION_TYPE + ",\"beneficiary_institution\" " + INSTITUTION_TYPE +
            ",\"sender_to_receiver_information\" varchar,\"ordering_customer\" " + CUSTOMER_TYPE + ",\"beneficiary_customer\" " + CUSTOMER_TYPE + ",\"remittance_information\" varchar)")
    @Example(sql = "mt202_payment('{1:F01BANKDEFFAXXX0000000000}{2:I202BANKFRPPXXXXN}{4:' || chr(10) || ':20:REF1' || chr(10) || ':21:NONREF' || chr(10) || ':32A:250103EUR1000000,' || chr(10) || ':58A:BANKITMM' || chr(10) || '-}').beneficiary_institution", result = "{\"account\":null,\"clearing_code\":null,\"bic\":\"BANKITMM\",\"name\":null,\"address\":null}")
    @Example(sql = "TRY(mt202_payment(':20:REF1' || chr(10) || ':21:NONREF' || chr(10) || ':32A:250103EUR1,' || chr(10) || ':58A:BANK'))", result = "null")
    public static SqlRow mt202Payment(@SqlType("varchar(x)") Slice message)
    {
        MessageSource source = MessageSource.of(MT202, message);
        MtPayment whole = MtPayment.parse(source, "202");
        int customers = 0;
        while (customers < whole.fields().size() && !whole.fields().get(customers).hasNumber("50")) {
            customers++;
        }
        // the second sequence, of the underlying customer transfer, has tags of the first in it
        MtPayment payment = whole.part(whole.fields().subList(0, customers));
        MtPayment underlying = whole.part(whole.fields().subList(customers, whole.fields().size()));
        boolean isCover = !underlying.fields().isEmpty();
        String reference = payment.required("20").value();
        String relatedReference = payment.required("21").value();
        DatedAmount settled = payment.datedAmount(payment.required("32A"));
        MtParty orderingInstitution = payment.party("52");
        MtParty sendersCorrespondent = payment.party("53");
        MtParty receiversCorrespondent = payment.party("54");
        MtParty intermediary = payment.party("56");
        MtParty accountWith = payment.party("57");
        MtParty beneficiaryInstitution = MtParty.parse(source, payment.required("58"));
        String information = payment.text("72");
        MtParty orderingCustomer = isCover ? MtParty.parse(source, underlying.required("50")) : null;
        MtParty beneficiaryCustomer = isCover ? MtParty.parse(source, underlying.required("59")) : null;
        String remittance = underlying.text("70");
        String senderBic = payment.senderBic();
        String receiverBic = payment.receiverBic();
        return buildRowValue(MT202_ROW, fields -> new RowFields(fields)
                .text(senderBic)
                .text(receiverBic)
                .text(payment.userHeader("121"))
                .bool(isCover)
                .text(reference)
                .text(relatedReference)
                .date(settled.date())
                .text(settled.money().currency())
                .amount(settled.money().amount())
                .row(orderingInstitution, (row, party) -> party.writeInstitution(row))
                .row(sendersCorrespondent, (row, party) -> party.writeInstitution(row))
                .row(receiversCorrespondent, (row, party) -> party.writeInstitution(row))
                .row(intermediary, (row, party) -> party.writeInstitution(row))
                .row(accountWith, (row, party) -> party.writeInstitution(row))
                .row(beneficiaryInstitution, (row, party) -> party.writeInstitution(row))
                .text(information)
                .row(orderingCustomer, (row, party) -> party.writeCustomer(row))
                .row(beneficiaryCustomer, (row, party) -> party.writeCustomer(row))
                .text(remittance));
    }
}
