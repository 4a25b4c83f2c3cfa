package io.nostro.functions.messages;

import io.trino.spi.type.RowType;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import static io.nostro.functions.messages.MessageSource.isDigit;
import static io.trino.spi.type.RowType.anonymousRow;
import static io.trino.spi.type.VarcharType.VARCHAR;

/**
 * A customer or an institution of a payment: fields 50 to 59 in their options A (BIC), B (location), C (party identifier), D and
 * K (name and address), F (numbered lines) and without a letter. What is not named is null.
 *
 * @param clearingCode the national clearing code of an institution: its identifier and number
 * @param address the lines of the address or the location, joined by line feeds
 */
record MtParty(String account, String clearingCode, String bic, String name, String address)
{
    static final RowType CUSTOMER = anonymousRow(VARCHAR, VARCHAR, VARCHAR, VARCHAR);
    static final RowType INSTITUTION = anonymousRow(VARCHAR, VARCHAR, VARCHAR, VARCHAR, VARCHAR);
    static final String CUSTOMER_TYPE = "row(\"account\" varchar,\"bic\" varchar,\"name\" varchar,\"address\" varchar)";
    static final String INSTITUTION_TYPE = "row(\"account\" varchar,\"clearing_code\" varchar,\"bic\" varchar,\"name\" varchar,\"address\" varchar)";

    private static final Pattern BIC = Pattern.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?");

    static MtParty parse(MessageSource source, MtField field)
    {
        List<String> lines = field.lines();
        int next = 0;
        String account = null;
        String clearingCode = null;
        String first = lines.getFirst();
        if (first.startsWith("//")) {
            clearingCode = first.substring(2);
            next = 1;
        }
        else if (first.startsWith("/")) {
            // a side of the account may stand before it
            account = first.length() > 2 && first.charAt(2) == '/' && (first.charAt(1) == 'C' || first.charAt(1) == 'D') ? first.substring(3) : first.substring(1);
            next = 1;
        }
        else if (field.option() == 'F' && !isNumbered(first)) {
            // an identifier of a person instead of an account, as CCPT/DE/123
            next = 1;
        }
        List<String> rest = lines.subList(next, lines.size());
        if (rest.isEmpty()) {
            if (field.option() != 'C') {
                throw source.malformed(field.name(), field.offset(), "nothing follows the account");
            }
            return new MtParty(account, clearingCode, null, null, null);
        }
        return switch (field.option()) {
            case 'A' -> {
                if (!BIC.matcher(rest.getFirst()).matches()) {
                    throw source.malformed(field.name(), field.offset(), "line %s is not a BIC; accepted are 8 or 11 letters and digits with a country in the fifth and sixth".formatted(next + 1));
                }
                yield new MtParty(account, clearingCode, rest.getFirst(), null, null);
            }
            case 'B', 'C' -> new MtParty(account, clearingCode, null, null, String.join("\n", rest));
            case 'F' -> numbered(source, field, account, rest, next);
            default -> new MtParty(
                    account,
                    clearingCode,
                    null,
                    rest.getFirst(),
                    rest.size() == 1 ? null : String.join("\n", rest.subList(1, rest.size())));
        };
    }

    private static MtParty numbered(MessageSource source, MtField field, String account, List<String> lines, int before)
    {
        List<String> name = new ArrayList<>();
        List<String> address = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!isNumbered(line)) {
                throw source.malformed(field.name(), field.offset(), "line %s does not begin with its number; accepted are 1/ to 8/".formatted(before + i + 1));
            }
            switch (line.charAt(0)) {
                case '1' -> name.add(line.substring(2));
                case '2', '3' -> address.add(line.substring(2));
                // date and place of birth and identity numbers
                default -> {}
            }
        }
        return new MtParty(account, null, null, name.isEmpty() ? null : String.join(" ", name), address.isEmpty() ? null : String.join("\n", address));
    }

    private static boolean isNumbered(String line)
    {
        return line.length() > 2 && line.charAt(1) == '/' && isDigit(line.charAt(0)) && line.charAt(0) != '0' && line.charAt(0) != '9';
    }

    void writeCustomer(RowFields row)
    {
        row.text(account).text(bic).text(name).text(address);
    }

    void writeInstitution(RowFields row)
    {
        row.text(account).text(clearingCode).text(bic).text(name).text(address);
    }
}
