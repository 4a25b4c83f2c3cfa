package io.nostro.functions.identifiers;

import org.junit.jupiter.api.Test;

import static io.nostro.functions.FunctionFuzzing.assertTotal;

final class TestIdentifiersAreTotal
{
    private static final int RUNS = 30_000;

    @Test
    void testAccounts()
    {
        assertTotal(IbanFunctions.class, RUNS, "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "FR1420041010050500013M02606", "IT60X0542811101000000123456", "IBAN no93 8601 1117 947", "DE", "370400440532013000");
        assertTotal(RoutingNumberFunctions.class, RUNS, "021000021", "601613", "60-16-13");
        assertTotal(CardFunctions.class, RUNS, "4111111111111111", "3782-822463-10005", "6304000000000000000");
        assertTotal(LuhnFunctions.class, RUNS, "79927398713");
    }

    @Test
    void testParties()
    {
        assertTotal(BicFunctions.class, RUNS, "DEUTDEFF", "DEUTDEFF500", " deut de ff");
        assertTotal(LeiFunctions.class, RUNS, "7LTWFZYICNSX8D621K86", "7LTWFZYICNSX8D621K");
        assertTotal(CountryFunctions.class, RUNS, "DE", "US");
    }

    @Test
    void testSecurities()
    {
        assertTotal(IsinFunctions.class, RUNS, "US0378331005", "US037833100", "037833100", "B15KXQ8", "GB");
        assertTotal(CusipFunctions.class, RUNS, "037833100", "68389X10");
        assertTotal(SedolFunctions.class, RUNS, "0263494", "B15KXQ");
        assertTotal(FigiFunctions.class, RUNS, "BBG000BLNQ16", "BBG000BLNQ1");
    }

    @Test
    void testReferences()
    {
        assertTotal(CreditorReferenceFunctions.class, RUNS, "RF18539007547034", "RF18 5390 0754 7034", "539007547034");
        assertTotal(UetrFunctions.class, RUNS, "97ed4827-7b6f-4491-a06f-b548d5a7512d");
    }
}
