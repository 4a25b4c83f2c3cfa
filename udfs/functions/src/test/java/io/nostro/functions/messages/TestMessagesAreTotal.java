package io.nostro.functions.messages;

import com.google.common.base.Splitter;
import io.airlift.slice.Slice;
import io.nostro.functions.FunctionFuzzing;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;

import static io.airlift.slice.Slices.utf8Slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

/**
 * That a message, whatever it is, gives rows or an error that TRY catches, in bounded time and memory.
 */
final class TestMessagesAreTotal
{
    private static final int RUNS = 8_000;
    private static final int MEGABYTE = 1_000_000;
    private static final Splitter PIECES = Splitter.on(Pattern.compile("(?<=[\n>{}|,:/])|(?=[<{])"));

    private static final String MT = """
            {1:F01BANKDEFFAXXX0000000000}{2:I103BANKFRPPXXXXN}{3:{108:MUR}{121:eb6305c9-1f7f-49de-aed0-16487c27b42d}}{4:
            :20:REF1
            :23B:CRED
            :32A:250103EUR1234,5
            :50F:/DE89
            1/ACME
            2/STREET
            3/DE/BERLIN
            :57A://FW021000018
            BANKITMM
            :59:/FR14
            DUPONT
            :71A:SHA
            -}{5:{CHK:0123456789AB}}""";
    private static final String TRANSFER = MT.replace("I103", "I202").replace(":23B:CRED", ":21:NONREF").replace(":50F:", ":58A:BANKITMM\n:50F:");
    private static final String STATEMENT = """
            :20:STMT1
            :25:DE89370400440532013000
            :28C:7/1
            :60F:C250101EUR1000,
            :61:2501030102DR12,5NTRFINV-1//BANK-9
            DETAILS
            :86:RENT
            :62F:C250103EUR987,5""";
    private static final String CAMT = """
            <?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>\
            <Stmt><Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>\
            <Ntry><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2025-01-03T10:00:00Z</DtTm></BookgDt>\
            <NtryDtls><TxDtls><Refs><EndToEndId>&lt;E2E-1</EndToEndId></Refs><Amt Ccy="EUR">12.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>""";
    private static final String PAIN = """
            <Document><CstmrCdtTrfInitn><GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-01-03T10:00:00</CreDtTm></GrpHdr><PmtInf><ReqdExctnDt><Dt>2025-01-03</Dt></ReqdExctnDt>\
            <CdtTrfTxInf><PmtId><EndToEndId>E2E-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">12.50</InstdAmt></Amt></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>""";
    private static final String PACS = """
            <Document><FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId></GrpHdr><CdtTrfTxInf><IntrBkSttlmAmt Ccy="EUR">1000</IntrBkSttlmAmt>\
            <IntrBkSttlmDt>2025-01-03</IntrBkSttlmDt><XchgRate>1.0836</XchgRate></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>""";
    private static final String FIX = "8=FIX.4.2|9=12|35=0|95=3|96=A|B|112=T1|10=038|";
    private static final String FIX_ON_THE_WIRE = "8=FIX.4.2\u00019=12\u000135=0\u0001112=T1\u000110=038\u0001";
    private static final String BAI2 = """
            01,122099999,123456789,250103,0200,1,80,,2/
            02,031001234,122099999,1,250102,2359,USD,2/
            03,5765432,,010,500,,,/
            16,475,1250,S,1250,0,0,BANK-9,CHECK-7,PAID CHECK
            88,NUMBER 7
            49,1750,4/
            98,1750,1,6/
            99,1750,1,8/
            """;
    private static final String NACHA = String.join(
            "\n",
            "101 07640125107640125102501031200A094101FEDERAL BANK           ACME BANK                      ",
            "5220ACME CORP                           1234567890PPDPAYROLL         250104   1076401250000001",
            "6221020010171234567          0000012550EMP-1          JANE DOE                1076401250000001",
            "705" + "INVOICE 7" + " ".repeat(71) + "00010000001",
            "82200000020010200101000000000000000000012550" + "1234567890" + " ".repeat(25) + "076401250000001",
            "9000001000001000000020010200101000000000000000000012550" + " ".repeat(39),
            "9".repeat(94));

    private static final Map<Function<Slice, Object>, String> ACCEPTED = Map.of(
            MtFunctions::mtFields, MT,
            MtPaymentFunctions::mt103Payment, MT,
            MtPaymentFunctions::mt202Payment, TRANSFER,
            Mt940Functions::mt940Transactions, STATEMENT,
            CamtFunctions::camt053Entries, CAMT,
            CreditTransferFunctions::pain001Payments, PAIN,
            CreditTransferFunctions::pacs008Payments, PACS,
            FixFunctions::fixFields, FIX,
            Bai2Functions::bai2Transactions, BAI2,
            NachaFunctions::nachaEntries, NACHA);

    @Test
    void testSamplesAreAccepted()
    {
        ACCEPTED.forEach((function, sample) -> assertThat(function.apply(utf8Slice(sample))).isNotNull());
        assertThat(FixFunctions.fixFields(utf8Slice(FIX_ON_THE_WIRE)).getPositionCount()).isEqualTo(5);
        assertThat(FixFunctions.fixFields(utf8Slice(FIX)).getPositionCount()).isEqualTo(7);
    }

    @Test
    void testDamagedMessages()
    {
        FunctionFuzzing.assertTotal(MtFunctions.class, RUNS, MT, STATEMENT);
        FunctionFuzzing.assertTotal(MtPaymentFunctions.class, RUNS, MT, TRANSFER);
        FunctionFuzzing.assertTotal(Mt940Functions.class, RUNS, STATEMENT, MT);
        FunctionFuzzing.assertTotal(CamtFunctions.class, RUNS, CAMT, PAIN);
        FunctionFuzzing.assertTotal(CreditTransferFunctions.class, RUNS, PAIN, PACS);
        FunctionFuzzing.assertTotal(FixFunctions.class, RUNS, FIX, FIX_ON_THE_WIRE);
        FunctionFuzzing.assertTotal(Bai2Functions.class, RUNS, BAI2);
        FunctionFuzzing.assertTotal(NachaFunctions.class, RUNS, NACHA);
    }

    @Test
    void testEveryTruncation()
    {
        ACCEPTED.forEach((function, sample) -> {
            int refused = 0;
            for (int length = 0; length < sample.length(); length++) {
                refused += isRefused(function, sample.substring(0, length)) ? 1 : 0;
            }
            assertThat(refused).as(sample).isGreaterThan(sample.length() / 10);
        });
    }

    /**
     * Pieces of accepted messages in any order: nearer to what parsers stumble over than single bytes.
     */
    @Test
    void testShuffledPieces()
    {
        Random random = new Random(5);
        for (Map.Entry<Function<Slice, Object>, String> entry : ACCEPTED.entrySet()) {
            List<String> pieces = PIECES.splitToList(entry.getValue());
            for (int i = 0; i < RUNS; i++) {
                StringBuilder text = new StringBuilder();
                if (random.nextBoolean()) {
                    text.append(entry.getValue(), 0, random.nextInt(entry.getValue().length()));
                }
                for (int piece = random.nextInt(20); piece > 0; piece--) {
                    text.append(pieces.get(random.nextInt(pieces.size())));
                }
                isRefused(entry.getKey(), text.toString());
            }
        }
    }

    @Test
    void testMegabytes()
    {
        List<String> units = List.of(
                "{", "}", "{1:", "{4:", "{4:\n", "{3:{a:b}", "-}", "\n-}", "\n", "\r\n", "\r", ":", ":20:", "\n:20:", "\n:61:250103C1,NTRF", "\n:60F:C250101EUR0,\n:61:250103C1,NTRF", "\n-\n:20:A",
                "<", "<a>", "<a ", "<Document>", "<Ntry>", "&e;", "&#65;", "<![CDATA[", "<!--", "<?a?>",
                "8=", "|", "1=1|", "95=9|96=", "88,A\n", "88,A/\n", "16,1,,D,999,", "16,", ",", "/\n", "9", "6", "5", "705");
        for (Map.Entry<Function<Slice, Object>, String> entry : ACCEPTED.entrySet()) {
            String sample = entry.getValue();
            for (String unit : units) {
                String repeated = unit.repeat(MEGABYTE / unit.length());
                for (String text : List.of(repeated, sample.substring(0, sample.length() / 2) + repeated, sample.substring(0, sample.length() / 2) + repeated + sample.substring(sample.length() / 2))) {
                    assertTimeoutPreemptively(Duration.ofSeconds(10), () -> isRefused(entry.getKey(), text), unit);
                }
            }
        }
    }

    @Test
    void testLargeMessages()
    {
        String entry = CAMT.substring(CAMT.indexOf("<Ntry>"), CAMT.indexOf("</Stmt>"));
        int entries = 20 * MEGABYTE / entry.length();
        String large = CAMT.replace("</Stmt>", entry.repeat(entries) + "</Stmt>");
        assertThat(CamtFunctions.camt053Entries(utf8Slice(large)).getPositionCount()).isEqualTo(entries + 1);
        String line = "\n:61:2501030102DR12,5NTRFINV-1//BANK-9\n:86:RENT";
        int lines = 20 * MEGABYTE / line.length();
        assertThat(Mt940Functions.mt940Transactions(utf8Slice(STATEMENT.replace("\n:62F:", line.repeat(lines) + "\n:62F:"))).getPositionCount()).isEqualTo(lines + 1);
    }

    @Test
    void testEntitiesAreRefused()
    {
        String bomb = "<!DOCTYPE Document [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
        for (String prolog : List.of(
                bomb,
                "<!DOCTYPE Document SYSTEM \"file:///etc/passwd\">",
                "<!DOCTYPE Document [<!ENTITY m SYSTEM \"file:///etc/passwd\">]>",
                "<!DOCTYPE Document [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/x\"> %p;]>",
                "<!DOCTYPE Document>")) {
            for (String value : List.of("M1", "&c;", "&m;")) {
                String text = prolog + PAIN.replace("M1", value);
                assertThatThrownBy(() -> CreditTransferFunctions.pain001Payments(utf8Slice(text)))
                        .isInstanceOf(TrinoException.class)
                        .hasMessageContaining("the document type at line 1")
                        .hasMessageContaining("refused");
            }
        }
        assertThatThrownBy(() -> CreditTransferFunctions.pain001Payments(utf8Slice(PAIN.replace("M1", "&m;"))))
                .isInstanceOf(TrinoException.class)
                .hasMessageContaining("line 1, column");
    }

    /**
     * Whether the function raises its error; fails for every other that leaves it.
     */
    private static boolean isRefused(Function<Slice, Object> function, String text)
    {
        try {
            assertThat(function.apply(utf8Slice(text))).isNotNull();
            return false;
        }
        catch (TrinoException e) {
            assertThat(e.getErrorCode().getName()).isEqualTo("INVALID_FUNCTION_ARGUMENT");
            assertThat(e.getMessage()).hasSizeLessThan(400).containsPattern(" at (line \\d+, column|byte) \\d+: ");
            return true;
        }
    }
}
