package io.nostro.functions.messages;

/**
 * Where the parties of ISO 20022's messages have what identifies them, in every version.
 */
final class Iso20022
{
    private Iso20022() {}

    /**
     * The name of a party, or null; newer versions of statements have it one level deeper.
     */
    static String name(XmlElement party)
    {
        if (party == null) {
            return null;
        }
        String name = party.text("Nm");
        if (name == null) {
            name = party.text("Pty", "Nm");
        }
        return name == null ? party.text("Agt", "FinInstnId", "Nm") : name;
    }

    /**
     * The IBAN of an account, or its other identification, or null.
     */
    static String account(XmlElement account)
    {
        if (account == null) {
            return null;
        }
        String iban = account.text("Id", "IBAN");
        return iban == null ? account.text("Id", "Othr", "Id") : iban;
    }

    /**
     * The BIC of an agent, or null.
     */
    static String bic(XmlElement agent)
    {
        XmlElement institution = agent == null ? null : agent.find("FinInstnId");
        return institution == null ? null : institution.firstText("BICFI", "BIC");
    }

    /**
     * An agent's identification in its clearing system, or null.
     */
    static String clearingMember(XmlElement agent)
    {
        return agent == null ? null : agent.text("FinInstnId", "ClrSysMmbId", "MmbId");
    }

    /**
     * A code, or what two parties have agreed on instead of it; null of null.
     */
    static String code(XmlElement choice)
    {
        if (choice == null) {
            return null;
        }
        return choice.children().isEmpty() ? choice.text() : choice.firstText("Cd", "Prtry");
    }

    /**
     * The first reference of a creditor in the remittance information, or null.
     */
    static String creditorReference(XmlElement remittance)
    {
        if (remittance == null) {
            return null;
        }
        for (XmlElement structured : remittance.children("Strd")) {
            String reference = structured.text("CdtrRefInf", "Ref");
            if (reference != null) {
                return reference;
            }
        }
        return null;
    }

    /**
     * The unstructured remittance information, its lines joined by line feeds, or null.
     */
    static String remittanceInformation(XmlElement remittance)
    {
        return remittance == null ? null : remittance.lines("Ustrd");
    }
}
