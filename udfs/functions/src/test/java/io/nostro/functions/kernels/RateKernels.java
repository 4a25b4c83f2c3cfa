package io.nostro.functions.kernels;

import io.airlift.slice.Slice;
import io.nostro.functions.bonds.BondPriceFunctions;
import io.nostro.functions.rates.AmortizationFunctions;
import io.nostro.functions.rates.ArrayCashFlowFunctions;
import io.nostro.functions.rates.ArrayXirrFunction;
import io.nostro.functions.rates.TimeValueFunctions;
import io.trino.spi.block.Block;
import io.trino.spi.block.BlockBuilder;
import io.trino.spi.type.Int128;

import java.time.LocalDate;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DoubleType.DOUBLE;

/**
 * Cash flows of twelve payments, loans of ten years, and bonds of ten years.
 */
final class RateKernels
{
    private static final int FLOWS = 12;
    private static final long START = LocalDate.of(2024, 1, 15).toEpochDay();

    private RateKernels() {}

    static void addTo(Kernels kernels)
    {
        Random random = new Random(7);
        Block[] amounts = new Block[Kernels.INPUTS];
        Block[] dates = new Block[Kernels.INPUTS];
        double[] rates = new double[Kernels.INPUTS];
        for (int i = 0; i < Kernels.INPUTS; i++) {
            BlockBuilder flows = DOUBLE.createBlockBuilder(null, FLOWS);
            BlockBuilder days = DATE.createBlockBuilder(null, FLOWS);
            for (int flow = 0; flow < FLOWS; flow++) {
                DOUBLE.writeDouble(flows, flow == 0 ? -1_000 : 80 + 30 * random.nextDouble());
                DATE.writeLong(days, START + 30L * flow + random.nextInt(5));
            }
            amounts[i] = flows.build();
            dates[i] = days.build();
            rates[i] = 0.01 + 0.1 * random.nextDouble();
        }
        kernels.add("array_npv", (input, result) -> result.consume(ArrayCashFlowFunctions.arrayNpv(rates[input], amounts[input])));
        kernels.add("array_xnpv", (input, result) -> result.consume(ArrayCashFlowFunctions.arrayXnpv(rates[input], amounts[input], dates[input])));
        kernels.add("array_irr", (input, result) -> result.consume(ArrayCashFlowFunctions.arrayIrr(amounts[input])));
        kernels.add("array_xirr", (input, result) -> result.consume(ArrayXirrFunction.arrayXirr(amounts[input], dates[input])));
        kernels.add("pmt", (input, result) -> result.consume(TimeValueFunctions.pmt(rates[input] / 12, 120, 100_000)));
        kernels.add("rate", (input, result) -> result.consume(TimeValueFunctions.rate(120, -1_000 - 1_000 * rates[input], 100_000)));

        Int128 principal = Int128.valueOf(10_000_000);
        Slice annuity = utf8Slice("annuity");
        kernels.add("amortization_schedule", (input, result) -> result.consume(AmortizationFunctions.amortizationSchedule(2, principal, rates[input], 120, 12, annuity)));

        Slice dayCount = utf8Slice("30/360 ISDA");
        Slice street = utf8Slice("street");
        long maturity = LocalDate.of(2034, 3, 15).toEpochDay();
        kernels.add("bond_price", (input, result) -> result.consume(BondPriceFunctions.bondPrice(START, maturity, 0.04, rates[input], 2, dayCount, street)));
        kernels.add("bond_yield", (input, result) -> result.consume(BondPriceFunctions.bondYield(START, maturity, 0.04, 70 + 300 * rates[input], 2, dayCount, street)));
    }
}
