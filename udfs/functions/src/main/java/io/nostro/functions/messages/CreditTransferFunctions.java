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
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import static io.nostro.functions.messages.Iso20022.account;
import static io.nostro.functions.messages.Iso20022.bic;
import static io.nostro.functions.messages.Iso20022.clearingMember;
import static io.nostro.functions.messages.Iso20022.code;
import static io.nostro.functions.messages.Iso20022.creditorReference;
import static io.nostro.functions.messages.Iso20022.name;
import static io.nostro.functions.messages.Iso20022.remittanceInformation;
import static io.nostro.functions.messages.RowFields.AMOUNT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The credit transfers of ISO 20022's pain.001 (customer to bank) and pacs.008 (bank to bank), in every version of the messages.
 */
@Argument(name = "message", meaning = "the whole message as XML text")
@Errors(invalidArgument = "the message is malformed or of another type, or has a document type or entities of its own: the error names the element and where it is")
public final class CreditTransferFunctions
{
    private static final String PAIN001 = "pain001_payments";
    private static final String PACS008 = "pacs008_payments";
    private static final String TRANSACTION = "CdtTrfTxInf";

    // eleven digits, of which at most ten after the point
    private static final DecimalType RATE = createDecimalType(21, 10);
    static final RowType PAIN001_ROW = anonymousRow(
            VARCHAR, DATE, VARCHAR, VARCHAR, VARCHAR, BOOLEAN, DATE, VARCHAR, VARCHAR, VARCHAR, VARCHAR,
            VARCHAR, VARCHAR, VARCHAR, AMOUNT, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR,
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR);
    static final RowType PACS008_ROW = anonymousRow(
            VARCHAR, DATE, VARCHAR, DATE, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR,
            AMOUNT, VARCHAR, AMOUNT, VARCHAR, RATE, VARCHAR, VARCHAR, VARCHAR,
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR);

    private CreditTransferFunctions() {}

    @ScalarFunction(PAIN001)
    @Description("The payments of an ISO 20022 customer credit transfer initiation (pain.001, all versions), as rows that repeat what their payment information says for all; amount is the instructed one, or the equivalent one with another currency_of_transfer")
    @Source("ISO 20022, pain.001 CustomerCreditTransferInitiation")
    @LiteralParameters("x")
    @SqlType("array(row(\"message_identification\" varchar,\"creation_date\" date,\"initiating_party_name\" varchar,\"payment_information_identification\" varchar,\"payment_method\" varchar,\"batch_booking\" boolean,\"requested_execution_date\" date," +
            "\"debtor_name\" varchar,\"debtor_account\" varchar,\"debtor_agent_bic\" varchar,\"ultimate_debtor_name\" varchar," +
            "\"instruction_identification\" varchar,\"end_to_end_identification\" varchar,\"uetr\" varchar,\"amount\" decimal(23,5),\"currency\" varchar,\"currency_of_transfer\" varchar," +
            "\"charge_bearer\" varchar,\"service_level\" varchar,\"category_purpose\" varchar," +
            "\"creditor_agent_bic\" varchar,\"creditor_agent_member_identification\" varchar,\"creditor_name\" varchar,\"creditor_account\" varchar,\"ultimate_creditor_name\" varchar," +
            "\"purpose\" varchar,\"remittance_information\" varchar,\"creditor_reference\" varchar))")
    @Example(sql = "SELECT amount FROM UNNEST(pain001_payments('<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr><MsgId>M1</MsgId></GrpHdr><PmtInf><PmtInfId>P1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2025-01-03</Dt></ReqdExctnDt><Dbtr><Nm>ACME</Nm></Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct><CdtTrfTxInf><PmtId><EndToEndId>E2E-1</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">12.50</InstdAmt></Amt><Cdtr><Nm>Dupont</Nm></Cdtr></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>'))", result = "12.50000")
    @Example(sql = "TRY(pain001_payments('<Document><CstmrCdtTrfInitn><PmtInf><CdtTrfTxInf/></PmtInf></CstmrCdtTrfInitn></Document>'))", result = "null")
    public static Block pain001Payments(@SqlType("varchar(x)") Slice message)
    {
        XmlMessage xml = XmlMessage.open(MessageSource.of(PAIN001, message), "CstmrCdtTrfInitn");
        RowBlockBuilder rows = PAIN001_ROW.createBlockBuilder(null, 16);
        String identification = null;
        LocalDate creationDate = null;
        String initiatingParty = null;
        while (xml.nextChild()) {
            switch (xml.name()) {
                case "GrpHdr" -> {
                    XmlElement header = xml.read();
                    identification = header.text("MsgId");
                    creationDate = xml.date(header.find("CreDtTm"));
                    initiatingParty = name(header.find("InitgPty"));
                }
                case "PmtInf" -> writePaymentInformation(xml, identification, creationDate, initiatingParty, rows);
                default -> xml.skip();
            }
        }
        xml.close();
        return rows.build();
    }

    private static void writePaymentInformation(XmlMessage xml, String messageIdentification, LocalDate creationDate, String initiatingParty, RowBlockBuilder rows)
    {
        Set<String> wanted = Set.of("PmtInfId", "PmtMtd", "BtchBookg", "PmtTpInf", "ReqdExctnDt", "Dbtr", "DbtrAcct", "DbtrAgt", "UltmtDbtr", "ChrgBr");
        Map<String, XmlElement> information = new HashMap<>();
        while (xml.nextChild()) {
            if (xml.name().equals(TRANSACTION)) {
                XmlElement transaction = xml.read();
                XmlElement amountChoice = xml.required(transaction, "Amt");
                XmlElement equivalent = amountChoice.find("EqvtAmt");
                XmlElement amountElement = equivalent == null ? xml.required(amountChoice, "InstdAmt") : xml.required(equivalent, "Amt");
                BigDecimal amount = xml.amount(amountElement);
                String currency = xml.currency(amountElement);
                String currencyOfTransfer = equivalent == null ? currency : xml.required(equivalent, "CcyOfTrf").text();
                Boolean batchBooking = xml.indicator(information.get("BtchBookg"));
                LocalDate requestedExecutionDate = xml.dateChoice(information.get("ReqdExctnDt"));
                XmlElement type = either(transaction.find("PmtTpInf"), information.get("PmtTpInf"));
                XmlElement ultimateDebtor = either(transaction.find("UltmtDbtr"), information.get("UltmtDbtr"));
                XmlElement chargeBearer = either(transaction.find("ChrgBr"), information.get("ChrgBr"));
                XmlElement remittance = transaction.find("RmtInf");
                RowFields.appendRow(rows, row -> row
                        .text(messageIdentification)
                        .date(creationDate)
                        .text(initiatingParty)
                        .text(text(information.get("PmtInfId")))
                        .text(text(information.get("PmtMtd")))
                        .bool(batchBooking)
                        .date(requestedExecutionDate)
                        .text(name(information.get("Dbtr")))
                        .text(account(information.get("DbtrAcct")))
                        .text(bic(information.get("DbtrAgt")))
                        .text(name(ultimateDebtor))
                        .text(transaction.text("PmtId", "InstrId"))
                        .text(transaction.text("PmtId", "EndToEndId"))
                        .text(transaction.text("PmtId", "UETR"))
                        .amount(amount)
                        .text(currency)
                        .text(currencyOfTransfer)
                        .text(text(chargeBearer))
                        .text(type == null ? null : code(type.find("SvcLvl")))
                        .text(type == null ? null : code(type.find("CtgyPurp")))
                        .text(bic(transaction.find("CdtrAgt")))
                        .text(clearingMember(transaction.find("CdtrAgt")))
                        .text(name(transaction.find("Cdtr")))
                        .text(account(transaction.find("CdtrAcct")))
                        .text(name(transaction.find("UltmtCdtr")))
                        .text(code(transaction.find("Purp")))
                        .text(remittanceInformation(remittance))
                        .text(creditorReference(remittance)));
            }
            else if (wanted.contains(xml.name())) {
                XmlElement element = xml.read();
                information.put(element.name(), element);
            }
            else {
                xml.skip();
            }
        }
    }

    @ScalarFunction(PACS008)
    @Description("The payments of an ISO 20022 FI to FI customer credit transfer (pacs.008, all versions), as rows that repeat what the group header says for all; exchange_rate is to the interbank settlement amount")
    @Source("ISO 20022, pacs.008 FIToFICustomerCreditTransfer")
    @LiteralParameters("x")
    @SqlType("array(row(\"message_identification\" varchar,\"creation_date\" date,\"settlement_method\" varchar,\"interbank_settlement_date\" date," +
            "\"instruction_identification\" varchar,\"end_to_end_identification\" varchar,\"transaction_identification\" varchar,\"uetr\" varchar,\"clearing_system_reference\" varchar," +
            "\"interbank_settlement_amount\" decimal(23,5),\"interbank_settlement_currency\" varchar,\"instructed_amount\" decimal(23,5),\"instructed_currency\" varchar,\"exchange_rate\" decimal(21,10),\"charge_bearer\" varchar," +
            "\"instructing_agent_bic\" varchar,\"instructed_agent_bic\" varchar,\"debtor_name\" varchar,\"debtor_account\" varchar,\"debtor_agent_bic\" varchar,\"ultimate_debtor_name\" varchar," +
            "\"creditor_agent_bic\" varchar,\"creditor_name\" varchar,\"creditor_account\" varchar,\"ultimate_creditor_name\" varchar,\"purpose\" varchar,\"remittance_information\" varchar,\"creditor_reference\" varchar))")
    @Example(sql = "SELECT uetr FROM UNNEST(pacs008_payments('<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E2E-1</EndToEndId><UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR></PmtId><IntrBkSttlmAmt Ccy=\"EUR\">1000</IntrBkSttlmAmt><IntrBkSttlmDt>2025-01-03</IntrBkSttlmDt><ChrgBr>SHAR</ChrgBr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>'))", result = "\"eb6305c9-1f7f-49de-aed0-16487c27b42d\"")
    @Example(sql = "TRY(pacs008_payments('<Document><FIToFICstmrCdtTrf><CdtTrfTxInf><IntrBkSttlmAmt>1</IntrBkSttlmAmt></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>'))", result = "null")
    public static Block pacs008Payments(@SqlType("varchar(x)") Slice message)
    {
        XmlMessage xml = XmlMessage.open(MessageSource.of(PACS008, message), "FIToFICstmrCdtTrf");
        RowBlockBuilder rows = PACS008_ROW.createBlockBuilder(null, 16);
        XmlElement header = null;
        LocalDate creationDate = null;
        LocalDate settlementDate = null;
        while (xml.nextChild()) {
            switch (xml.name()) {
                case "GrpHdr" -> {
                    header = xml.read();
                    creationDate = xml.date(header.find("CreDtTm"));
                    settlementDate = xml.date(header.find("IntrBkSttlmDt"));
                }
                case TRANSACTION -> writeTransfer(xml, header, creationDate, settlementDate, rows);
                default -> xml.skip();
            }
        }
        xml.close();
        return rows.build();
    }

    private static void writeTransfer(XmlMessage xml, XmlElement header, LocalDate creationDate, LocalDate settlementDate, RowBlockBuilder rows)
    {
        XmlElement transaction = xml.read();
        XmlElement settled = xml.required(transaction, "IntrBkSttlmAmt");
        BigDecimal settledAmount = xml.amount(settled);
        String settledCurrency = xml.currency(settled);
        XmlElement instructed = transaction.find("InstdAmt");
        BigDecimal instructedAmount = xml.amount(instructed);
        String instructedCurrency = xml.currency(instructed);
        XmlElement rate = transaction.find("XchgRate");
        BigDecimal exchangeRate = rate == null ? null : xml.decimal(rate, RATE.getPrecision(), RATE.getScale());
        LocalDate ownSettlementDate = xml.date(transaction.find("IntrBkSttlmDt"));
        XmlElement instructingAgent = either(transaction.find("InstgAgt"), header == null ? null : header.find("InstgAgt"));
        XmlElement instructedAgent = either(transaction.find("InstdAgt"), header == null ? null : header.find("InstdAgt"));
        XmlElement remittance = transaction.find("RmtInf");
        RowFields.appendRow(rows, row -> row
                .text(header == null ? null : header.text("MsgId"))
                .date(creationDate)
                .text(header == null ? null : header.text("SttlmInf", "SttlmMtd"))
                .date(ownSettlementDate == null ? settlementDate : ownSettlementDate)
                .text(transaction.text("PmtId", "InstrId"))
                .text(transaction.text("PmtId", "EndToEndId"))
                .text(transaction.text("PmtId", "TxId"))
                .text(transaction.text("PmtId", "UETR"))
                .text(transaction.text("PmtId", "ClrSysRef"))
                .amount(settledAmount)
                .text(settledCurrency)
                .amount(instructedAmount)
                .text(instructedCurrency)
                .decimal(RATE, exchangeRate)
                .text(transaction.text("ChrgBr"))
                .text(bic(instructingAgent))
                .text(bic(instructedAgent))
                .text(name(transaction.find("Dbtr")))
                .text(account(transaction.find("DbtrAcct")))
                .text(bic(transaction.find("DbtrAgt")))
                .text(name(transaction.find("UltmtDbtr")))
                .text(bic(transaction.find("CdtrAgt")))
                .text(name(transaction.find("Cdtr")))
                .text(account(transaction.find("CdtrAcct")))
                .text(name(transaction.find("UltmtCdtr")))
                .text(code(transaction.find("Purp")))
                .text(remittanceInformation(remittance))
                .text(creditorReference(remittance)));
    }

    private static XmlElement either(XmlElement own, XmlElement common)
    {
        return own == null ? common : own;
    }

    private static String text(XmlElement element)
    {
        return element == null ? null : element.text();
    }
}
