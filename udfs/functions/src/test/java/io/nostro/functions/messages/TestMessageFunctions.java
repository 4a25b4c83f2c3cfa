package io.nostro.functions.messages;

import io.nostro.functions.FunctionTesting;
import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.math.BigDecimal;

import static io.trino.spi.StandardErrorCode.INVALID_FUNCTION_ARGUMENT;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestMessageFunctions
{
    private final FunctionTesting functions;

    TestMessageFunctions(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testNulls()
    {
        for (String function : new String[] {
                "mt_fields", "mt_type", "mt940_transactions", "camt053_entries", "pain001_payments", "pacs008_payments", "fix_fields", "bai2_transactions", "nacha_entries"}) {
            functions.assertValue("%s(CAST(NULL AS varchar)) IS NULL".formatted(function), "true");
        }
        functions.assertValue("mt103_payment(CAST(NULL AS varchar)) IS NULL", "true");
        functions.assertValue("mt202_payment(CAST(NULL AS varchar)) IS NULL", "true");
    }

    /**
     * The balances of a statement and its lines: what was there, and what came, is what is there.
     */
    @Test
    void testStatementAddsUp()
    {
        String statement = text(
                ":20:STARTUMS", ":25:10020030/1234567", ":28C:00000/001",
                ":60F:C250102EUR1000,00",
                ":61:2501030103D250,25NTRFNONREF", ":86:RENT",
                ":61:2501030103RD50,25NTRFNONREF", ":86:RENT REVERSED",
                ":61:2501040104C0,01NINTNONREF",
                ":61:2501040104RC0,01NINTNONREF",
                ":62F:C250104EUR800,00", ":86:ABOUT THE STATEMENT");
        assertThat(functions.query("SELECT sum(signed_amount) FROM UNNEST(mt940_transactions(%s))".formatted(statement))).isEqualTo(new BigDecimal("-200.00000"));
        // what follows the closing balance is of the statement
        assertThat(functions.query("SELECT count(information_to_account_owner) FROM UNNEST(mt940_transactions(%s))".formatted(statement))).isEqualTo(2L);
    }

    @Test
    void testDatesOfStatementLines()
    {
        for (String[] dates : new String[][] {
                {"2501020103", "2025-01-02", "2025-01-03"},
                {"2501021231", "2025-01-02", "2024-12-31"},
                {"2412310101", "2024-12-31", "2025-01-01"},
                {"2303010229", "2023-03-01", "2024-02-29"},
                {"7912310101", "2079-12-31", "2080-01-01"},
                {"8001010101", "1980-01-01", "1980-01-01"}}) {
            String line = text(":20:S", ":60F:C250102EUR0,", ":61:" + dates[0] + "C1,NTRFNONREF");
            functions.assertValue("mt940_transactions(%s)[1].value_date".formatted(line), dates[1]);
            functions.assertValue("mt940_transactions(%s)[1].entry_date".formatted(line), dates[2]);
        }
    }

    @Test
    void testCopyAfterItsAcknowledgement()
    {
        String message = text("{1:F21BANKDEFFAXXX0001000001}{4:{177:2501031200}{451:0}}{1:F01BANKDEFFAXXX0001000001}{2:I103BANKFRPPXXXXN}{4:", ":20:REF1", "-}");
        functions.assertValue("mt_type(%s)".formatted(message), "103");
        functions.assertValue("mt_fields(%s)[1].value".formatted(message), "REF1");
        functions.assertValue("mt_fields('{1:F21BANKDEFFAXXX0001000001}{4:{177:2501031200}{451:0}}')[2].tag", "451");
    }

    @Test
    void testPartiesOfPayments()
    {
        String payment = text(
                ":20:REF1", ":23B:CRED", ":32A:250103EUR1234,5",
                ":50F:CUST/DE/12345", "1/ACME", "1/HOLDING", "2/STREET 1", "3/DE/BERLIN", "4/19800101",
                ":52D:/D/4711", "BANK", "STREET",
                ":56A://FW021000018", "CHASUS33",
                ":57C:/12345",
                ":59:DUPONT SA",
                ":71A:BEN", ":71F:EUR1,5", ":71F:USD2,");
        functions.assertValue("mt103_payment(%s).ordering_customer.account".formatted(payment), null);
        functions.assertValue("mt103_payment(%s).ordering_customer.name".formatted(payment), "ACME HOLDING");
        functions.assertValue("mt103_payment(%s).ordering_customer.address".formatted(payment), "STREET 1\nDE/BERLIN");
        functions.assertValue("mt103_payment(%s).ordering_institution.account".formatted(payment), "4711");
        functions.assertValue("mt103_payment(%s).intermediary_institution.clearing_code".formatted(payment), "FW021000018");
        functions.assertValue("mt103_payment(%s).account_with_institution.account".formatted(payment), "12345");
        functions.assertValue("mt103_payment(%s).beneficiary_customer.name".formatted(payment), "DUPONT SA");
        functions.assertValue("mt103_payment(%s).senders_charges[2].amount".formatted(payment), "2.00000");
        functions.assertValue("mt103_payment(%s).sender_bic".formatted(payment), null);
    }

    @Test
    void testErrorsNameFieldAndPosition()
    {
        assertRefused("mt_fields", text("{1:F01}{4:", ":20:A"), "mt_fields: block 4 at line 1, column 8: the block is not closed by -} on a line of its own");
        assertRefused("mt_fields", text(":20:A", "-", ":20:B"), "the message at line 3, column 1: a second message begins here");
        assertRefused("mt940_transactions", text(":20:A", ":60F:C250102EUR0,", ":61:250103X1,NTRF"), "field 61 at line 3, column 11: no debit or credit mark");
        assertRefused("mt940_transactions", text(":20:A", ":60F:C250102EUR0,", ":61:250103C1.5NTRF"), "field 61 at line 3, column 13: no transaction type");
        assertRefused("mt940_transactions", text("{1:F01BANKDEFFAXXX0001000001}{2:I103BANKFRPPXXXXN}{4:", ":20:A", "-}"), "block 2 at line 1, column 33: the message is not a statement");
        assertRefused("mt103_payment", text(":20:A", ":23B:CRED", ":32A:250103EUR"), "field 32A at line 3, column 15: not a number");
        assertRefused("mt103_payment", text(":20:A", ":23B:CRED", ":32A:250103EUR1,2,3"), "field 32A at line 3, column 15: not a number");
        assertRefused("mt103_payment", text(":20:A", ":20:A"), "field 20 at line 2, column 5: the field is there twice");
        assertRefused("mt202_payment", text(":20:A"), "field 21 at line 1, column 1: the message has no such field");
        assertRefused("fix_fields", "'8=FIX.4.2|9=5|x=1'", "fix_fields: field number 3 at byte 15: not a tag and an equals sign");
        assertRefused("fix_fields", "replace('8=FIX.4.2|9=6|35=0|10=000|', '|', chr(1))", "field 9 at byte 1: BodyLength is not the count of bytes from the third field to the last but one, which is 5");
        assertRefused("bai2_transactions", text("01,1,2,250103,0200,1,80,,2/", "02,1,2,1,250199,,USD,2/"), "record 02, field 5 (as-of date) at line 2, column 1: no such day");
        assertRefused("nacha_entries", text("101", "5220"), "record 5, positions 88 to 94 (batch number) at line 2, column 88: not a number");
        assertRefused("camt053_entries", "'<Document><BkToCstmrStmt><Stmt><Ntry></Ntry></Stmt></BkToCstmrStmt></Document>'", "camt053_entries: Amt at line 1, column 38: there is no such element in Ntry, whose start tag ends here");
        assertRefused("pacs008_payments", "'<Document><CstmrCdtTrfInitn/></Document>'", "FIToFICstmrCdtTrf at line 1, column 11: there is no such element in Document");
        assertRefused("pain001_payments", "'<Document><CstmrCdtTrfInitn></Document>'", "pain001_payments: the message at line 1, column");
    }

    private void assertRefused(String function, String message, String error)
    {
        functions.assertError("CAST(%s(%s) AS json) IS NULL".formatted(function, message), INVALID_FUNCTION_ARGUMENT, error);
    }

    private static String text(String... lines)
    {
        return "'" + String.join("' || chr(10) || '", lines) + "'";
    }
}
