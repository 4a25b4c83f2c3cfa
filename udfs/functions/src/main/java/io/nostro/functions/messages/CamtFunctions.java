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
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.RowType;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.nostro.functions.messages.Iso20022.account;
import static io.nostro.functions.messages.Iso20022.bic;
import static io.nostro.functions.messages.Iso20022.code;
import static io.nostro.functions.messages.Iso20022.creditorReference;
import static io.nostro.functions.messages.Iso20022.name;
import static io.nostro.functions.messages.Iso20022.remittanceInformation;
import static io.nostro.functions.messages.RowFields.AMOUNT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * The entries of ISO 20022's camt.053, in every version of the message.
 */
public final class CamtFunctions
{
    private static final String NAME = "camt053_entries";
    static final RowType TRANSACTION = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, AMOUNT, VARCHAR, VARCHAR,
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR);
    static final RowType ENTRY = anonymousRow(
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, AMOUNT, VARCHAR, VARCHAR, AMOUNT, BOOLEAN, VARCHAR, DATE, DATE,
            VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR, new ArrayType(TRANSACTION));

    private CamtFunctions() {}

    @ScalarFunction(NAME)
    @Description("The entries of an ISO 20022 bank to customer statement (camt.053, all versions), as rows with their statement's references and an array of each entry's transactions; an account is its IBAN or its other identification; signed_amount is negative for a debit")
    @Source("ISO 20022, camt.053 BankToCustomerStatement")
    @Argument(name = "message", meaning = "the whole message as XML text")
    @Errors(invalidArgument = "the message is malformed or of another type, or has a document type or entities of its own: the error names the element and where it is")
    @LiteralParameters("x")
    @SqlType("array(row(\"message_identification\" varchar,\"statement_identification\" varchar,\"account\" varchar,\"account_currency\" varchar,\"entry_reference\" varchar," +
            "\"amount\" decimal(23,5),\"currency\" varchar,\"credit_debit_indicator\" varchar,\"signed_amount\" decimal(23,5),\"reversal_indicator\" boolean,\"status\" varchar,\"booking_date\" date,\"value_date\" date," +
            "\"account_servicer_reference\" varchar,\"domain_code\" varchar,\"family_code\" varchar,\"sub_family_code\" varchar,\"proprietary_code\" varchar,\"additional_entry_information\" varchar," +
            "\"transactions\" array(row(\"instruction_identification\" varchar,\"end_to_end_identification\" varchar,\"transaction_identification\" varchar,\"uetr\" varchar,\"mandate_identification\" varchar," +
            "\"amount\" decimal(23,5),\"currency\" varchar,\"credit_debit_indicator\" varchar,\"debtor_name\" varchar,\"debtor_account\" varchar,\"debtor_agent_bic\" varchar," +
            "\"creditor_name\" varchar,\"creditor_account\" varchar,\"creditor_agent_bic\" varchar,\"remittance_information\" varchar,\"creditor_reference\" varchar,\"return_reason\" varchar))))")
    @Example(sql = "SELECT signed_amount FROM UNNEST(camt053_entries('<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct><Ntry><Amt Ccy=\"EUR\">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2025-01-03</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>'))", result = "-12.50000")
    @Example(sql = "camt053_entries('<Document><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id></Stmt></BkToCstmrStmt></Document>')", result = "[]")
    @Example(sql = "TRY(camt053_entries('<!DOCTYPE Document [<!ENTITY e \"e\">]><Document><BkToCstmrStmt><GrpHdr><MsgId>&e;</MsgId></GrpHdr></BkToCstmrStmt></Document>'))", result = "null")
    public static Block camt053Entries(@SqlType("varchar(x)") Slice message)
    {
        XmlMessage xml = XmlMessage.open(MessageSource.of(NAME, message), "BkToCstmrStmt");
        RowBlockBuilder rows = ENTRY.createBlockBuilder(null, 16);
        String messageIdentification = null;
        while (xml.nextChild()) {
            switch (xml.name()) {
                case "GrpHdr" -> messageIdentification = xml.read().text("MsgId");
                case "Stmt" -> writeStatement(xml, messageIdentification, rows);
                default -> xml.skip();
            }
        }
        xml.close();
        return rows.build();
    }

    private static void writeStatement(XmlMessage xml, String messageIdentification, RowBlockBuilder rows)
    {
        String identification = null;
        XmlElement account = null;
        while (xml.nextChild()) {
            switch (xml.name()) {
                case "Id" -> identification = xml.read().text();
                case "Acct" -> account = xml.read();
                case "Ntry" -> writeEntry(xml, messageIdentification, identification, account, rows);
                default -> xml.skip();
            }
        }
    }

    private static void writeEntry(XmlMessage xml, String messageIdentification, String statementIdentification, XmlElement account, RowBlockBuilder rows)
    {
        XmlElement entry = xml.read();
        XmlElement amountElement = xml.required(entry, "Amt");
        BigDecimal amount = xml.amount(amountElement);
        String currency = xml.currency(amountElement);
        String indicator = creditDebitIndicator(xml, xml.required(entry, "CdtDbtInd"));
        Boolean reversal = xml.indicator(entry.find("RvslInd"));
        String status = code(xml.required(entry, "Sts"));
        LocalDate bookingDate = xml.dateChoice(entry.find("BookgDt"));
        LocalDate valueDate = xml.dateChoice(entry.find("ValDt"));
        XmlElement transactionCode = entry.find("BkTxCd");
        List<Transaction> transactions = entry.children("NtryDtls").stream()
                .flatMap(details -> details.children("TxDtls").stream())
                .map(details -> Transaction.parse(xml, details))
                .collect(toImmutableList());
        RowFields.appendRow(rows, row -> row
                .text(messageIdentification)
                .text(statementIdentification)
                .text(account(account))
                .text(account == null ? null : account.text("Ccy"))
                .text(entry.text("NtryRef"))
                .amount(amount)
                .text(currency)
                .text(indicator)
                .amount(indicator.equals("DBIT") ? amount.negate() : amount)
                .bool(reversal)
                .text(status)
                .date(bookingDate)
                .date(valueDate)
                .text(entry.text("AcctSvcrRef"))
                .text(transactionCode == null ? null : transactionCode.text("Domn", "Cd"))
                .text(transactionCode == null ? null : transactionCode.text("Domn", "Fmly", "Cd"))
                .text(transactionCode == null ? null : transactionCode.text("Domn", "Fmly", "SubFmlyCd"))
                .text(transactionCode == null ? null : transactionCode.text("Prtry", "Cd"))
                .text(entry.text("AddtlNtryInf"))
                .rows(transactions, (fields, transaction) -> transaction.write(fields)));
    }

    private static String creditDebitIndicator(XmlMessage xml, XmlElement element)
    {
        String indicator = element.text().strip();
        if (!indicator.equals("CRDT") && !indicator.equals("DBIT")) {
            throw xml.malformed(element, "not an indicator of credit or debit; accepted are CRDT and DBIT");
        }
        return indicator;
    }

    private record Transaction(XmlElement details, BigDecimal amount, String currency, String creditDebitIndicator)
    {
        private static Transaction parse(XmlMessage xml, XmlElement details)
        {
            // older versions have the amount among the details of amounts only
            XmlElement amount = details.find("Amt");
            if (amount == null) {
                amount = details.find("AmtDtls", "TxAmt", "Amt");
            }
            XmlElement indicator = details.find("CdtDbtInd");
            return new Transaction(details, xml.amount(amount), xml.currency(amount), indicator == null ? null : CamtFunctions.creditDebitIndicator(xml, indicator));
        }

        private void write(RowFields row)
        {
            XmlElement remittance = details.find("RmtInf");
            row.text(details.text("Refs", "InstrId"))
                    .text(details.text("Refs", "EndToEndId"))
                    .text(details.text("Refs", "TxId"))
                    .text(details.text("Refs", "UETR"))
                    .text(details.text("Refs", "MndtId"))
                    .amount(amount)
                    .text(currency)
                    .text(creditDebitIndicator)
                    .text(name(details.find("RltdPties", "Dbtr")))
                    .text(account(details.find("RltdPties", "DbtrAcct")))
                    .text(bic(details.find("RltdAgts", "DbtrAgt")))
                    .text(name(details.find("RltdPties", "Cdtr")))
                    .text(account(details.find("RltdPties", "CdtrAcct")))
                    .text(bic(details.find("RltdAgts", "CdtrAgt")))
                    .text(remittanceInformation(remittance))
                    .text(creditorReference(remittance))
                    .text(code(details.find("RtrInf", "Rsn")));
        }
    }
}
