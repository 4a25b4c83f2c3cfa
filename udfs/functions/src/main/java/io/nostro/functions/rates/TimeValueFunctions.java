package io.nostro.functions.rates;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

/**
 * Excel's functions of equal payments, with Excel's signs (money received is positive, money paid negative) and orders of arguments.
 * The rate is that of one period. As in Excel, payments are at the end of each period unless {@code type} is 1.
 */
@Argument(name = "nper", meaning = "the number of payments, of zero and above")
@Argument(name = "pmt", meaning = "the payment of each period; money paid out is negative, money received positive")
@Argument(name = "pv", meaning = "the amount now; money paid out is negative, money received positive; of fv, 0 when left out")
@Argument(name = "fv", meaning = "the amount after the last payment; money paid out is negative, money received positive; 0 when left out")
@Argument(name = "per", meaning = "the number of the period, from 1 to nper")
@Argument(name = "type", meaning = "0 for payments at the end of each period, 1 for payments at its start; 0 when left out")
public final class TimeValueFunctions
{
    private TimeValueFunctions() {}

    @ScalarFunction("pv")
    @Description("What equal payments at the end of each period are worth now (Excel's PV, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function PV")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, nper is not finite and of zero and above, type is neither 0 nor 1, or an amount is not finite",
            outOfRange = "the result is too large for a double")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pv(0.08e0 / 12, 240, 500), 6)", result = "-59777.145851")
    @Example(sql = "round(pv(0, 12, -100), 6)", result = "1200.0")
    public static double pv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt)
    {
        return Annuity.presentValue("pv", rate, nper, pmt, 0, 0);
    }

    @ScalarFunction("pv")
    @Description("What equal payments at the end of each period and a final amount fv are worth now (Excel's PV, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pv(0.05, 10, 0, -1000), 6)", result = "613.913254")
    @Example(sql = "round(pv(0.05, 10, 100, -1000), 6)", result = "-158.260239")
    public static double pv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.presentValue("pv", rate, nper, pmt, fv, 0);
    }

    @ScalarFunction("pv")
    @Description("What equal payments and a final amount fv are worth now, with payments at the end (type 0) or the start (type 1) of each period (Excel's PV, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pv(0.05, 10, 100, 0, 0), 6)", result = "-772.173493")
    @Example(sql = "round(pv(0.05, 10, 100, 0, 1), 6)", result = "-810.782168")
    public static double pv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.presentValue("pv", rate, nper, pmt, fv, type);
    }

    @ScalarFunction("fv")
    @Description("What equal payments at the end of each period grow to (Excel's FV, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function FV")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, nper is not finite and of zero and above, type is neither 0 nor 1, or an amount is not finite",
            outOfRange = "the result is too large for a double")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(fv(0.12e0 / 12, 12, -1000), 6)", result = "12682.503013")
    @Example(sql = "round(fv(0, 12, -100), 6)", result = "1200.0")
    public static double fv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt)
    {
        return Annuity.futureValue("fv", rate, nper, pmt, 0, 0);
    }

    @ScalarFunction("fv")
    @Description("What an amount now, pv, and equal payments at the end of each period grow to (Excel's FV, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(fv(0.05, 10, 0, -1000), 6)", result = "1628.894627")
    @Example(sql = "round(fv(0.05, 10, 100, -1000), 6)", result = "371.105373")
    public static double fv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.futureValue("fv", rate, nper, pmt, pv, 0);
    }

    @ScalarFunction("fv")
    @Description("What an amount now, pv, and equal payments grow to, with payments at the end (type 0) or the start (type 1) of each period (Excel's FV, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(fv(0.06e0 / 12, 10, -200, -500, 1), 6)", result = "2581.403374")
    @Example(sql = "round(fv(0.06e0 / 12, 12, -100, -1000, 0), 6)", result = "2295.234049")
    public static double fv(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.futureValue("fv", rate, nper, pmt, pv, type);
    }

    @ScalarFunction("pmt")
    @Description("The equal payment at the end of each period that repays a loan of pv (Excel's PMT, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function PMT")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, nper is not finite and of zero and above, type is neither 0 nor 1, or an amount is not finite",
            outOfRange = "the result is too large for a double",
            divisionByZero = "nper is zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pmt(0.08e0 / 12, 10, 10000), 6)", result = "-1037.032089")
    @Example(sql = "round(pmt(0, 10, 1000), 6)", result = "-100.0")
    public static double pmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.payment("pmt", rate, nper, pv, 0, 0);
    }

    @ScalarFunction("pmt")
    @Description("The equal payment at the end of each period that brings an amount now, pv, to a final amount fv (Excel's PMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pmt(0.06e0 / 12, 216, 0, 50000), 6)", result = "-129.081161")
    @Example(sql = "round(pmt(0.06, 10, -1000, 500), 6)", result = "97.933979")
    public static double pmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.payment("pmt", rate, nper, pv, fv, 0);
    }

    @ScalarFunction("pmt")
    @Description("The equal payment that brings an amount now, pv, to a final amount fv, with payments at the end (type 0) or the start (type 1) of each period (Excel's PMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(pmt(0.08e0 / 12, 10, 10000, 0, 1), 6)", result = "-1030.164327")
    @Example(sql = "round(pmt(0.08e0 / 12, 10, 10000, 0, 0), 6)", result = "-1037.032089")
    public static double pmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.payment("pmt", rate, nper, pv, fv, type);
    }

    @ScalarFunction("ipmt")
    @Description("The interest in the payment of period per, counted from 1, when equal payments at the end of each period repay a loan of pv (Excel's IPMT, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function IPMT")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, nper is not finite and of zero and above, type is neither 0 nor 1, or an amount is not finite; or per is not from 1 to nper",
            outOfRange = "the result is too large for a double",
            divisionByZero = "nper is zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ipmt(0.1e0 / 12, 1, 36, 8000), 6)", result = "-66.666667")
    @Example(sql = "round(ipmt(0.1, 3, 3, 8000), 6)", result = "-292.44713")
    public static double ipmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.interestPayment("ipmt", rate, per, nper, pv, 0, 0);
    }

    @ScalarFunction("ipmt")
    @Description("The interest in the payment of period per, counted from 1, when equal payments at the end of each period bring pv to a final amount fv (Excel's IPMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ipmt(0.05, 2, 10, 1000, 500), 6)", result = "-44.037157")
    @Example(sql = "round(ipmt(0.05, 10, 10, 1000, 500), 6)", result = "15.749673")
    public static double ipmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.interestPayment("ipmt", rate, per, nper, pv, fv, 0);
    }

    @ScalarFunction("ipmt")
    @Description("The interest in the payment of period per, counted from 1, when equal payments bring pv to a final amount fv, with payments at the end (type 0) or the start (type 1) of each period (Excel's IPMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ipmt(0.05, 1, 10, 1000, 0, 1), 6)", result = "0.0")
    @Example(sql = "round(ipmt(0.05, 2, 10, 1000, 0, 1), 6)", result = "-43.833115")
    public static double ipmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.interestPayment("ipmt", rate, per, nper, pv, fv, type);
    }

    @ScalarFunction("ppmt")
    @Description("The principal in the payment of period per, counted from 1, when equal payments at the end of each period repay a loan of pv (Excel's PPMT, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function PPMT")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, nper is not finite and of zero and above, type is neither 0 nor 1, or an amount is not finite; or per is not from 1 to nper",
            outOfRange = "the result is too large for a double",
            divisionByZero = "nper is zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ppmt(0.1e0 / 12, 1, 24, 2000), 6)", result = "-75.623186")
    @Example(sql = "round(ppmt(0.08, 10, 10, 200000), 6)", result = "-27598.053462")
    public static double ppmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.principalPayment("ppmt", rate, per, nper, pv, 0, 0);
    }

    @ScalarFunction("ppmt")
    @Description("The principal in the payment of period per, counted from 1, when equal payments at the end of each period bring pv to a final amount fv (Excel's PPMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ppmt(0.05, 2, 10, 1000, 500), 6)", result = "-125.219706")
    @Example(sql = "round(ppmt(0.05, 10, 10, 1000, 500), 6)", result = "-185.006536")
    public static double ppmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.principalPayment("ppmt", rate, per, nper, pv, fv, 0);
    }

    @ScalarFunction("ppmt")
    @Description("The principal in the payment of period per, counted from 1, when equal payments bring pv to a final amount fv, with payments at the end (type 0) or the start (type 1) of each period (Excel's PPMT, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(ppmt(0.05, 1, 10, 1000, 0, 1), 6)", result = "-123.33769")
    @Example(sql = "round(ppmt(0.05, 2, 10, 1000, 0, 1), 6)", result = "-79.504575")
    public static double ppmt(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.BIGINT) long per,
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.principalPayment("ppmt", rate, per, nper, pv, fv, type);
    }

    @ScalarFunction("nper")
    @Description("The number of periods in which equal payments at the end of each repay a loan of pv (Excel's NPER, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function NPER")
    @Errors(
            invalidArgument = "the rate is not finite and above -1, type is neither 0 nor 1, an amount is not finite, or no number of payments brings pv to fv",
            divisionByZero = "rate and pmt are both zero")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(nper(0.12e0 / 12, -100, -1000), 6)", result = "-9.578594")
    @Example(sql = "round(nper(0, -100, 1000), 6)", result = "10.0")
    public static double nper(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.periods("nper", rate, pmt, pv, 0, 0);
    }

    @ScalarFunction("nper")
    @Description("The number of periods in which equal payments at the end of each bring pv to a final amount fv (Excel's NPER, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(nper(0.12e0 / 12, -100, -1000, 10000), 6)", result = "60.082123")
    @Example(sql = "round(nper(0.05, -100, 500, 200), 6)", result = "7.849784")
    public static double nper(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.periods("nper", rate, pmt, pv, fv, 0);
    }

    @ScalarFunction("nper")
    @Description("The number of periods in which equal payments bring pv to a final amount fv, with payments at the end (type 0) or the start (type 1) of each period (Excel's NPER, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(nper(0.12e0 / 12, -100, -1000, 10000, 1), 6)", result = "59.673866")
    @Example(sql = "round(nper(0.05, -100, 500, 0, 0), 6)", result = "5.896313")
    public static double nper(
            @SqlType(StandardTypes.DOUBLE) double rate,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.periods("nper", rate, pmt, pv, fv, type);
    }

    @ScalarFunction("rate")
    @Description("The rate of a period, the one nearest to 10 %, at which equal payments at the end of each period repay a loan of pv (Excel's RATE, with its signs: money paid out is negative)")
    @Source("Microsoft Excel, function RATE")
    @Argument(name = "nper", meaning = "the number of payments, above zero")
    @Errors(invalidArgument = "nper is not finite and above zero, type is neither 0 nor 1, an amount is not finite, or there is no rate at which the payments bring pv to fv")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(rate(48, -200, 8000), 9)", result = "0.007701472")
    @Example(sql = "round(rate(10, -110, 1000), 9)", result = "0.017715427")
    public static double rate(
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv)
    {
        return Annuity.rate("rate", nper, pmt, pv, 0, 0);
    }

    @ScalarFunction("rate")
    @Description("The rate of a period, the one nearest to 10 %, at which equal payments at the end of each period bring pv to a final amount fv (Excel's RATE, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(rate(10, 0, -1000, 2000), 9)", result = "0.071773463")
    @Example(sql = "round(rate(10, -100, 1000, -200), 9)", result = "0.030317603")
    public static double rate(
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv)
    {
        return Annuity.rate("rate", nper, pmt, pv, fv, 0);
    }

    @ScalarFunction("rate")
    @Description("The rate of a period, the one nearest to 10 %, at which equal payments bring pv to a final amount fv, with payments at the end (type 0) or the start (type 1) of each period (Excel's RATE, with its signs: money paid out is negative)")
    @SqlType(StandardTypes.DOUBLE)
    @Example(sql = "round(rate(12, -100, 1000, 0, 1), 9)", result = "0.03503153")
    @Example(sql = "round(rate(12, -100, 1000, 0, 0), 9)", result = "0.029228541")
    public static double rate(
            @SqlType(StandardTypes.DOUBLE) double nper,
            @SqlType(StandardTypes.DOUBLE) double pmt,
            @SqlType(StandardTypes.DOUBLE) double pv,
            @SqlType(StandardTypes.DOUBLE) double fv,
            @SqlType(StandardTypes.BIGINT) long type)
    {
        return Annuity.rate("rate", nper, pmt, pv, fv, type);
    }
}
