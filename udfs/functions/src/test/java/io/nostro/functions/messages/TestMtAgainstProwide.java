package io.nostro.functions.messages;

import com.prowidesoftware.swift.model.SwiftMessage;
import com.prowidesoftware.swift.model.Tag;
import com.prowidesoftware.swift.model.field.Field32A;
import com.prowidesoftware.swift.model.field.Field33B;
import com.prowidesoftware.swift.model.field.Field36;
import com.prowidesoftware.swift.model.field.Field50F;
import com.prowidesoftware.swift.model.field.Field50K;
import com.prowidesoftware.swift.model.field.Field57A;
import com.prowidesoftware.swift.model.field.Field61;
import com.prowidesoftware.swift.model.mt.mt1xx.MT103;
import com.prowidesoftware.swift.model.mt.mt2xx.MT202;
import com.prowidesoftware.swift.model.mt.mt9xx.MT940;
import io.trino.spi.type.SqlDate;
import io.trino.spi.type.SqlDecimal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

import static com.google.common.base.Strings.emptyToNull;
import static io.airlift.slice.Slices.utf8Slice;
import static io.nostro.functions.messages.MessageTesting.row;
import static io.nostro.functions.messages.MessageTesting.rows;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The MT messages against Prowide Core: generated messages, read by both.
 */
final class TestMtAgainstProwide
{
    private static final int MESSAGES = 10_000;
    private static final String CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,()?+'-/";
    private static final String[] BICS = {"DEUTDEFF", "BNPAFRPPXXX", "CHASUS33", "ABNANL2A500", "COBADEFFXXX"};

    private static final Map<String, Integer> COMPARED = new TreeMap<>();

    private final Random random = new Random(103);

    /**
     * For the table of references, which the Python tests write.
     */
    @AfterAll
    static void writeComparisons()
            throws IOException
    {
        Path directory = Files.createDirectories(Path.of("target", "references"));
        List<String> lines = COMPARED.entrySet().stream()
                .map(compared -> String.join("\t", compared.getKey(), "Prowide Core", compared.getValue().toString(), ""))
                .toList();
        Files.write(directory.resolve("TestMtAgainstProwide.tsv"), lines);
    }

    @Test
    void testFieldsAndHeaders()
            throws Exception
    {
        for (int i = 0; i < MESSAGES; i++) {
            boolean output = random.nextBoolean();
            String text = message(output, random.nextBoolean() ? "199" : "103", ":20:" + line(16) + "\r\n:79:" + lines(1 + random.nextInt(6)) + "\r\n:21:" + line(16) + "\r\n:72:/ACC/" + lines(2));
            SwiftMessage reference = SwiftMessage.parse(text);
            List<List<Object>> expected = new ArrayList<>();
            for (Tag tag : reference.getBlock4().getTags()) {
                expected.add(List.of(tag.getName(), tag.getValue().replace("\r\n", "\n")));
            }
            assertThat(rows(MtFunctions.FIELD, MtFunctions.mtFields(utf8Slice(text)))).as(text).isEqualTo(expected);
            assertThat(MtFunctions.mtType(utf8Slice(text)).toStringUtf8()).isEqualTo(reference.getType());
            MessageSource source = new MessageSource("test", text);
            MtMessage parsed = MtMessage.parseOne(source);
            assertThat(parsed.senderBic(source)).as(text).isEqualTo(withoutTerminal(reference.getSender()));
            assertThat(parsed.receiverBic(source)).as(text).isEqualTo(withoutTerminal(reference.getReceiver()));
            assertThat(parsed.userHeader("121")).isEqualTo(reference.getUETR());
            assertThat(parsed.userHeader("108")).isEqualTo(reference.getMUR());
            COMPARED.merge("mt_fields", 1, Integer::sum);
            COMPARED.merge("mt_type", 1, Integer::sum);
        }
    }

    @Test
    void testCustomerTransfers()
    {
        for (int i = 0; i < MESSAGES; i++) {
            boolean numbered = random.nextInt(3) == 0;
            String orderingCustomer = numbered
                    ? ":50F:/" + line(20) + "\r\n1/" + line(30) + "\r\n2/" + line(30) + "\r\n3/DE/" + line(20)
                    : ":50K:/" + line(20) + "\r\n" + lines(1 + random.nextInt(4));
            String text = message(random.nextBoolean(), "103", ":20:" + line(16)
                    + "\r\n:23B:CRED\r\n:32A:" + date() + "EUR" + amount()
                    + "\r\n:33B:USD" + amount()
                    + "\r\n:36:" + (1 + random.nextInt(9)) + "," + random.nextInt(1_000_000)
                    + "\r\n" + orderingCustomer
                    + "\r\n:57A:" + (random.nextBoolean() ? "/" + line(20) + "\r\n" : "") + BICS[random.nextInt(BICS.length)]
                    + "\r\n:59:/" + line(20) + "\r\n" + lines(1 + random.nextInt(4))
                    + "\r\n:70:" + lines(1 + random.nextInt(4))
                    + "\r\n:71A:SHA");
            MT103 reference = MT103.parse(text);
            List<Object> row = row(MtPaymentFunctions.MT103_ROW, MtPaymentFunctions.mt103Payment(utf8Slice(text)));
            Field32A settled = reference.getField32A();
            assertThat(row.get(4)).isEqualTo(reference.getField20().getValue());
            assertThat(row.get(7)).as(text).isEqualTo(sqlDate(settled.getDateAsCalendar()));
            assertThat(row.get(8)).isEqualTo(settled.getCurrency());
            assertThat(decimal(row.get(9))).as(text).isEqualByComparingTo(settled.getAmountAsBigDecimal());
            Field33B instructed = reference.getField33B();
            assertThat(row.get(10)).isEqualTo(instructed.getCurrency());
            assertThat(decimal(row.get(11))).isEqualByComparingTo(instructed.getAmountAsBigDecimal());
            Field36 rate = reference.getField36();
            assertThat(decimal(row.get(12))).as(text).isEqualByComparingTo(rate.getRateAsBigDecimal());
            List<?> customer = (List<?>) row.get(13);
            if (numbered) {
                Field50F expected = reference.getField50F();
                assertThat(customer.get(0)).as(text).isEqualTo(expected.getPartyIdentifier().substring(1));
                assertThat(customer.get(2)).isEqualTo(expected.getComponent3());
                assertThat(customer.get(3)).isEqualTo(expected.getComponent5() + "\n" + expected.getComponent7());
            }
            else {
                Field50K expected = reference.getField50K();
                assertThat(customer.get(0)).as(text).isEqualTo(expected.getAccount());
                assertThat(customer.get(2)).isEqualTo(expected.getNameAndAddressLine1());
                assertThat(customer.get(3)).isEqualTo(joined(expected.getNameAndAddressLine2(), expected.getNameAndAddressLine3(), expected.getNameAndAddressLine4()));
            }
            Field57A accountWith = reference.getField57A();
            List<?> institution = (List<?>) row.get(20);
            assertThat(institution.get(0)).as(text).isEqualTo(accountWith.getAccount());
            assertThat(institution.get(2)).isEqualTo(accountWith.getIdentifierCode());
            List<?> beneficiary = (List<?>) row.get(21);
            assertThat(beneficiary.get(0)).isEqualTo(reference.getField59().getAccount());
            assertThat(beneficiary.get(2)).isEqualTo(reference.getField59().getNameAndAddressLine1());
            assertThat(row.get(22)).isEqualTo(reference.getField70().getValue().replace("\r\n", "\n"));
            assertThat(row.get(23)).isEqualTo("SHA");
            COMPARED.merge("mt103_payment", 1, Integer::sum);
        }
    }

    @Test
    void testInstitutionTransfers()
    {
        for (int i = 0; i < MESSAGES; i++) {
            boolean cover = random.nextBoolean();
            String text = message(random.nextBoolean(), "202", ":20:" + line(16)
                    + "\r\n:21:" + line(16)
                    + "\r\n:32A:" + date() + "USD" + amount()
                    + "\r\n:52A:" + BICS[random.nextInt(BICS.length)]
                    + "\r\n:57D:/" + line(20) + "\r\n" + lines(2)
                    + "\r\n:58A:" + BICS[random.nextInt(BICS.length)]
                    + (cover ? "\r\n:50K:/" + line(20) + "\r\n" + lines(2) + "\r\n:52A:DEUTDEFF\r\n:59:/" + line(20) + "\r\n" + lines(3) + "\r\n:70:" + line(35) + "\r\n:33B:EUR" + amount() : ""));
            MT202 reference = MT202.parse(text);
            List<Object> row = row(MtPaymentFunctions.MT202_ROW, MtPaymentFunctions.mt202Payment(utf8Slice(text)));
            assertThat(row.get(3)).isEqualTo(cover);
            assertThat(row.get(4)).isEqualTo(reference.getField20().getValue());
            assertThat(row.get(5)).isEqualTo(reference.getField21().getValue());
            assertThat(row.get(6)).isEqualTo(sqlDate(reference.getField32A().getDateAsCalendar()));
            assertThat(decimal(row.get(8))).isEqualByComparingTo(reference.getField32A().getAmountAsBigDecimal());
            assertThat(((List<?>) row.get(9)).get(2)).isEqualTo(reference.getField52A().getIdentifierCode());
            assertThat(((List<?>) row.get(13)).get(0)).as(text).isEqualTo(reference.getField57D().getAccount());
            assertThat(((List<?>) row.get(13)).get(3)).isEqualTo(reference.getField57D().getNameAndAddressLine1());
            assertThat(((List<?>) row.get(14)).get(2)).isEqualTo(reference.getField58A().getIdentifierCode());
            assertThat(row.get(16) != null).isEqualTo(cover);
            if (cover) {
                Tag customer = reference.getSwiftMessage().getBlock4().getTagByName("50K");
                assertThat(((List<?>) row.get(16)).get(2)).isEqualTo(new Field50K(customer.getValue()).getNameAndAddressLine1());
                assertThat(row.get(18)).isEqualTo(reference.getSwiftMessage().getBlock4().getTagValue("70"));
            }
            COMPARED.merge("mt202_payment", 1, Integer::sum);
        }
    }

    @Test
    void testStatementLines()
    {
        int compared = 0;
        while (compared < MESSAGES) {
            StringBuilder fields = new StringBuilder(":20:" + line(16) + "\r\n:25:" + line(20) + "\r\n:28C:1/1\r\n:60F:C" + date() + "EUR" + amount());
            int lines = 1 + random.nextInt(8);
            for (int i = 0; i < lines; i++) {
                fields.append("\r\n:61:").append(date())
                        .append(random.nextBoolean() ? "0%s%02d".formatted(1 + random.nextInt(9), 1 + random.nextInt(28)) : "")
                        .append(new String[] {"C", "D", "RC", "RD"}[random.nextInt(4)])
                        .append(random.nextInt(3) == 0 ? "R" : "")
                        .append(amount())
                        .append("N").append(new String[] {"TRF", "MSC", "CHK", "021"}[random.nextInt(4)])
                        .append(reference())
                        .append(random.nextBoolean() ? "//" + reference() : "")
                        .append(random.nextBoolean() ? "\r\n" + line(34) : "");
                if (random.nextBoolean()) {
                    fields.append("\r\n:86:").append(lines(1 + random.nextInt(6)));
                }
            }
            String text = message(true, "940", fields + "\r\n:62F:C" + date() + "EUR" + amount());
            List<Field61> expected = MT940.parse(text).getField61();
            List<List<Object>> actual = rows(Mt940Functions.TRANSACTION, Mt940Functions.mt940Transactions(utf8Slice(text)));
            assertThat(actual).hasSize(lines);
            for (int i = 0; i < lines; i++) {
                Field61 field = expected.get(i);
                List<Object> row = actual.get(i);
                assertThat(row.get(4)).as(text).isEqualTo(sqlDate(field.getComponent1AsCalendar()));
                assertThat(row.get(5) == null ? null : row.get(5).toString().substring(5).replace("-", "")).as(text).isEqualTo(field.getComponent2());
                assertThat(row.get(6)).as(text).isEqualTo(field.getComponent3());
                assertThat(row.get(7)).as(text).isEqualTo(field.getComponent4());
                assertThat(decimal(row.get(8))).isEqualByComparingTo(field.getComponent5AsBigDecimal());
                assertThat(row.get(10)).isEqualTo(field.getComponent6() + field.getComponent7());
                assertThat(row.get(11)).as(text).isEqualTo(emptyToNull(field.getComponent8()));
                assertThat(row.get(12)).as(text).isEqualTo(field.getComponent9());
                assertThat(row.get(13)).as(text).isEqualTo(field.getComponent10());
                compared++;
            }
        }
    }

    private String message(boolean output, String type, String fields)
    {
        String uetr = new UUID((random.nextLong() & ~0xF000L) | 0x4000L, (random.nextLong() >>> 2) | Long.MIN_VALUE).toString();
        String userHeader = random.nextBoolean() ? "{3:{108:" + reference() + "}{121:" + uetr + "}}" : "";
        return "{1:F01" + terminal() + "0001000001}"
                + (output ? "{2:O" + type + "1200" + "250103" + terminal() + "0002000002" + "2501031201N}" : "{2:I" + type + terminal() + "N}")
                + userHeader + "{4:\r\n" + fields + "\r\n-}" + (random.nextBoolean() ? "{5:{CHK:0123456789AB}}" : "");
    }

    private String terminal()
    {
        String bic = BICS[random.nextInt(BICS.length)];
        return bic.substring(0, 8) + "A" + (bic.length() == 8 ? "XXX" : bic.substring(8));
    }

    private static String withoutTerminal(String terminal)
    {
        return terminal.substring(0, 8) + terminal.substring(9);
    }

    /**
     * A date of the years that Prowide gives the same century: its window of a hundred years moves with today.
     */
    private String date()
    {
        return "%02d%02d%02d".formatted((80 + random.nextInt(65)) % 100, 1 + random.nextInt(12), 1 + random.nextInt(28));
    }

    private String amount()
    {
        return random.nextLong(100_000_000_000L) + "," + switch (random.nextInt(3)) {
            case 0 -> "";
            case 1 -> random.nextInt(10);
            default -> "%02d".formatted(random.nextInt(100));
        };
    }

    private String reference()
    {
        return "R" + Long.toString(random.nextLong() >>> 1, 36).toUpperCase(Locale.ENGLISH);
    }

    /**
     * A line that begins with a letter and ends without a blank.
     */
    private String line(int longest)
    {
        StringBuilder line = new StringBuilder("X");
        int length = 1 + random.nextInt(longest - 1);
        while (line.length() < length) {
            line.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
        }
        line.setCharAt(length - 1, 'Y');
        return line.toString();
    }

    private String lines(int count)
    {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(line(35));
        }
        return String.join("\r\n", lines);
    }

    private static String joined(String... lines)
    {
        List<String> present = new ArrayList<>();
        for (String line : lines) {
            if (line != null) {
                present.add(line);
            }
        }
        return present.isEmpty() ? null : String.join("\n", present);
    }

    private static BigDecimal decimal(Object value)
    {
        return ((SqlDecimal) value).toBigDecimal();
    }

    private static SqlDate sqlDate(Calendar calendar)
    {
        return new SqlDate((int) LocalDate.ofInstant(calendar.toInstant(), ZoneId.systemDefault()).toEpochDay());
    }
}
