package io.nostro.functions.kernels;

import io.airlift.slice.Slice;
import io.nostro.functions.money.AmountTextFunctions;
import io.nostro.functions.money.FxFunctions;
import io.nostro.functions.money.RoundMoneyFunction;
import io.trino.spi.type.Int128;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;

import java.math.BigDecimal;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import static io.airlift.slice.Slices.utf8Slice;
import static java.math.RoundingMode.HALF_EVEN;

/**
 * Amounts of up to a billion, with four decimals.
 */
final class MoneyKernels
{
    private static final int SCALE = 4;
    private static final long MOST = 10_000_000_000_000L;

    private MoneyKernels() {}

    static void addTo(Kernels kernels)
    {
        Random random = new Random(7);
        long[] amounts = LongStream.range(0, Kernels.INPUTS).map(_ -> random.nextLong(-MOST, MOST)).toArray();
        Int128[] longAmounts = LongStream.of(amounts).mapToObj(Int128::valueOf).toArray(Int128[]::new);
        BigDecimal[] decimals = LongStream.of(amounts).mapToObj(amount -> BigDecimal.valueOf(amount, SCALE)).toArray(BigDecimal[]::new);
        Slice euro = utf8Slice("EUR");

        kernels.add("round_money", (input, result) -> result.consume(RoundMoneyFunction.roundShort(SCALE, amounts[input], euro)));
        kernels.add("round_money", "java.math.BigDecimal", (input, result) -> result.consume(decimals[input].setScale(2, HALF_EVEN)));

        Int128 rate = Int128.valueOf(11_234);
        BigDecimal rateDecimal = new BigDecimal("1.1234");
        CurrencyUnit dollar = CurrencyUnit.USD;
        Slice dollarCode = utf8Slice("USD");
        Money[] moneys = Stream.of(decimals).map(amount -> Money.of(CurrencyUnit.EUR, amount, HALF_EVEN)).toArray(Money[]::new);
        Int128[] cents = Stream.of(moneys).map(money -> Int128.valueOf(money.getAmountMinorLong())).toArray(Int128[]::new);
        kernels.add("fx_convert", (input, result) -> result.consume(FxFunctions.convert(2, SCALE, cents[input], rate, dollarCode)));
        kernels.add("fx_convert", "joda-money", (input, result) -> result.consume(moneys[input].convertedTo(dollar, rateDecimal, HALF_EVEN)));

        Slice locale = utf8Slice("de");
        kernels.add("money_format", (input, result) -> result.consume(AmountTextFunctions.moneyFormat(SCALE, longAmounts[input], euro, locale)));
        Slice[] formatted = Stream.of(longAmounts).map(amount -> AmountTextFunctions.moneyFormat(SCALE, amount, euro, locale)).toArray(Slice[]::new);
        kernels.add("money_parse", (input, result) -> result.consume(AmountTextFunctions.moneyParse(formatted[input], locale)));
    }
}
