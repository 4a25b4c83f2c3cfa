package io.nostro.functions.kernels;

import com.prowidesoftware.swift.model.field.Field61;
import com.prowidesoftware.swift.model.mt.mt9xx.MT940;
import io.airlift.slice.Slice;
import io.nostro.functions.messages.FixFunctions;
import io.nostro.functions.messages.Mt940Functions;

import java.util.Random;

/**
 * Statements of twenty lines, and orders in FIX.
 */
final class MessageKernels
{
    private static final int LINES = 20;
    private static final char SOH = 1;

    private MessageKernels() {}

    static void addTo(Kernels kernels)
    {
        String[] statements = Kernels.texts(MessageKernels::statement);
        Slice[] statementSlices = Kernels.slices(statements);
        kernels.add("mt940_transactions", (input, result) -> result.consume(Mt940Functions.mt940Transactions(statementSlices[input])));
        kernels.add("mt940_transactions", "prowide", (input, result) -> {
            MT940 statement = MT940.parse(statements[input]);
            for (Field61 line : statement.getField61()) {
                result.consume(line.getComponent1AsCalendar());
                result.consume(line.getComponent5AsBigDecimal());
            }
        });

        Slice[] orders = Kernels.slices(Kernels.texts(MessageKernels::order));
        kernels.add("fix_fields", (input, result) -> result.consume(FixFunctions.fixFields(orders[input])));
    }

    private static String statement(Random random)
    {
        StringBuilder text = new StringBuilder("{1:F01BANKDEFFAXXX0000000000}{2:I940BANKDEFFXXXXN}{4:\r\n:20:STATEMENT\r\n:25:12345678/0123456789\r\n:28C:1/1\r\n:60F:C250430EUR1000,00");
        for (int line = 0; line < LINES; line++) {
            text.append("\r\n:61:2505020502D%d,%02dNTRFREF%d//BANK%d".formatted(random.nextInt(100_000), random.nextInt(100), line, line))
                    .append("\r\n:86:Invoice %d of ACME Ltd".formatted(random.nextInt(1_000_000)));
        }
        return text.append("\r\n:62F:C250502EUR1000,00\r\n-}").toString();
    }

    private static String order(Random random)
    {
        String body = "35=D|49=BUYER|56=SELLER|34=%d|52=20250502-09:30:00|11=ORDER%d|55=AAPL|54=1|60=20250502-09:30:00|38=%d|40=2|44=%d.25|"
                .formatted(random.nextInt(10_000), random.nextInt(10_000), 100 * random.nextInt(1, 50), random.nextInt(100, 300))
                .replace('|', SOH);
        String message = "8=FIX.4.4%c9=%d%c%s".formatted(SOH, body.length(), SOH, body);
        return "%s10=%03d%c".formatted(message, message.chars().sum() % 256, SOH);
    }
}
