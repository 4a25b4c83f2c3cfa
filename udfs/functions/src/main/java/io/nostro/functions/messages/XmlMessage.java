package io.nostro.functions.messages;

import io.trino.spi.TrinoException;

import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

import java.io.StringReader;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.messages.MessageSource.AMOUNT_PRECISION;
import static io.nostro.functions.messages.MessageSource.AMOUNT_SCALE;
import static java.util.Objects.requireNonNull;
import static javax.xml.stream.XMLStreamConstants.CDATA;
import static javax.xml.stream.XMLStreamConstants.CHARACTERS;
import static javax.xml.stream.XMLStreamConstants.DTD;
import static javax.xml.stream.XMLStreamConstants.END_ELEMENT;
import static javax.xml.stream.XMLStreamConstants.ENTITY_REFERENCE;
import static javax.xml.stream.XMLStreamConstants.SPACE;
import static javax.xml.stream.XMLStreamConstants.START_ELEMENT;

/**
 * A message in XML, read from its start to its end with one element at a time in memory. A document type, and with it every entity
 * but XML's own five, is refused.
 */
final class XmlMessage
{
    // ISO 20022's messages have less than half of it
    private static final int DEEPEST = 64;
    private static final Pattern DATE = Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T[0-9:.]{8,20})?(?:Z|[+-][0-9]{2}:[0-9]{2})?");
    private static final Pattern DECIMAL = Pattern.compile("[+-]?(?:[0-9]{1,60}(?:\\.[0-9]{0,60})?|\\.[0-9]{1,60})");
    // the JDK's parser, whatever else is on the class path
    private static final ThreadLocal<XMLInputFactory> FACTORY = ThreadLocal.withInitial(XmlMessage::factory);

    private final String function;
    private final XMLStreamReader reader;

    private XmlMessage(String function, XMLStreamReader reader)
    {
        this.function = requireNonNull(function, "function is null");
        this.reader = requireNonNull(reader, "reader is null");
    }

    /**
     * The message, at the start of the child of {@code Document}, which may stand in an envelope.
     *
     * @param root the name that the child must have
     */
    static XmlMessage open(MessageSource source, String root)
    {
        XmlMessage message;
        try {
            message = new XmlMessage(source.function(), FACTORY.get().createXMLStreamReader(new StringReader(source.text())));
        }
        catch (XMLStreamException e) {
            throw notWellFormed(source.function(), e.getLocation());
        }
        while (message.next() != START_ELEMENT) {}
        while (!message.name().equals("Document")) {
            message.requireChild("Document", message.name());
        }
        message.requireChild(root, "Document");
        return message;
    }

    private static XMLInputFactory factory()
    {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((_, _, _, _) -> {
            throw new XMLStreamException("external entities are refused");
        });
        return factory;
    }

    /**
     * Moves to the start of the next element directly in the current one; at the current one's end, moves there and gives false.
     */
    boolean nextChild()
    {
        while (true) {
            int event = next();
            if (event == START_ELEMENT) {
                return true;
            }
            if (event == END_ELEMENT) {
                return false;
            }
        }
    }

    String name()
    {
        return reader.getLocalName();
    }

    /**
     * Moves from an element's start to its end.
     */
    void skip()
    {
        int depth = 1;
        while (depth > 0) {
            int event = next();
            if (event == START_ELEMENT) {
                depth++;
            }
            else if (event == END_ELEMENT) {
                depth--;
            }
        }
    }

    /**
     * The element at whose start the message is; moves to its end.
     */
    XmlElement read()
    {
        return read(1);
    }

    /**
     * Reads what follows the last element, so that a message that is cut off is an error.
     */
    void close()
    {
        while (hasNext()) {
            next();
        }
    }

    private XmlElement read(int depth)
    {
        String name = name();
        Location location = reader.getLocation();
        int line = location.getLineNumber();
        int column = location.getColumnNumber();
        if (depth > DEEPEST) {
            throw malformed(name, line, column, "elements are nested too deeply; accepted are %s levels".formatted(DEEPEST));
        }
        Map<String, String> attributes = Map.of();
        if (reader.getAttributeCount() > 0) {
            attributes = new HashMap<>();
            for (int i = 0; i < reader.getAttributeCount(); i++) {
                attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
            }
        }
        StringBuilder text = new StringBuilder();
        List<XmlElement> children = List.of();
        while (true) {
            switch (next()) {
                case START_ELEMENT -> {
                    if (children.isEmpty()) {
                        children = new ArrayList<>();
                    }
                    children.add(read(depth + 1));
                }
                case END_ELEMENT -> {
                    return new XmlElement(name, attributes, children.isEmpty() ? text.toString() : "", children, line, column);
                }
                case CHARACTERS, CDATA, SPACE -> text.append(reader.getText());
                default -> {}
            }
        }
    }

    private void requireChild(String expected, String parent)
    {
        int line = reader.getLocation().getLineNumber();
        int column = reader.getLocation().getColumnNumber();
        while (nextChild()) {
            if (name().equals(expected)) {
                return;
            }
            skip();
        }
        throw malformed(expected, line, column, "there is no such element in " + shown(parent));
    }

    @SuppressWarnings("CatchingUnchecked")
    private int next()
    {
        int event;
        try {
            event = reader.next();
        }
        catch (XMLStreamException e) {
            throw notWellFormed(function, e.getLocation());
        }
        catch (RuntimeException _) {
            // the parser has such of its own for texts that no document begins with
            throw notWellFormed(function, reader.getLocation());
        }
        if (event == DTD || event == ENTITY_REFERENCE) {
            Location location = reader.getLocation();
            throw malformed(event == DTD ? "the document type" : "an entity", location.getLineNumber(), location.getColumnNumber(), "refused; accepted is XML without a document type and entities of its own");
        }
        return event;
    }

    private boolean hasNext()
    {
        try {
            return reader.hasNext();
        }
        catch (XMLStreamException e) {
            throw notWellFormed(function, e.getLocation());
        }
    }

    private static TrinoException notWellFormed(String function, Location location)
    {
        return invalidArgument(
                "%s: the message at line %s, column %s: not well-formed XML, or an entity of its own",
                function,
                location == null ? 1 : location.getLineNumber(),
                location == null ? 1 : location.getColumnNumber());
    }

    private TrinoException malformed(String field, int line, int column, String problem)
    {
        return invalidArgument("%s: %s at line %s, column %s: %s", function, shown(field), line, column, problem);
    }

    private static String shown(String name)
    {
        return name.length() > 35 ? name.substring(0, 35) + "…" : name;
    }

    TrinoException malformed(XmlElement element, String problem)
    {
        return malformed(element.name(), element.line(), element.column(), problem);
    }

    TrinoException missing(XmlElement parent, String child)
    {
        return malformed(child, parent.line(), parent.column(), "there is no such element in %s, whose start tag ends here".formatted(parent.name()));
    }

    XmlElement required(XmlElement parent, String... path)
    {
        XmlElement element = parent.find(path);
        if (element == null) {
            throw missing(parent, path[path.length - 1]);
        }
        return element;
    }

    /**
     * The day of a date, or of a time in the time zone in which it was written; null of null.
     */
    LocalDate date(XmlElement element)
    {
        if (element == null) {
            return null;
        }
        Matcher matcher = DATE.matcher(element.text().strip());
        if (!matcher.matches()) {
            throw malformed(element, "not a date; accepted is YYYY-MM-DD, with a time or without");
        }
        try {
            return LocalDate.of(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)));
        }
        catch (DateTimeException _) {
            throw malformed(element, "no such day in the calendar");
        }
    }

    /**
     * The day in an element that holds a date or a time; null of null.
     */
    LocalDate dateChoice(XmlElement element)
    {
        if (element == null) {
            return null;
        }
        if (element.children().isEmpty()) {
            return date(element);
        }
        XmlElement choice = element.find("Dt");
        return date(choice == null ? required(element, "DtTm") : choice);
    }

    BigDecimal amount(XmlElement element)
    {
        return element == null ? null : decimal(element, AMOUNT_PRECISION, AMOUNT_SCALE);
    }

    BigDecimal decimal(XmlElement element, int precision, int scale)
    {
        String text = element.text().strip();
        if (!DECIMAL.matcher(text).matches()) {
            throw malformed(element, "not a number; accepted are digits with at most one point among them");
        }
        BigDecimal value = new BigDecimal(text).stripTrailingZeros();
        if (value.scale() > scale || value.precision() - value.scale() > precision - scale) {
            throw malformed(element, "too many digits; accepted are %s before the point and %s after it".formatted(precision - scale, scale));
        }
        return value.setScale(scale);
    }

    /**
     * The currency of an amount; null of null.
     */
    String currency(XmlElement amount)
    {
        if (amount == null) {
            return null;
        }
        String currency = amount.attributes().get("Ccy");
        if (currency == null || currency.length() != 3 || !currency.chars().allMatch(MessageSource::isUpperCaseLetter)) {
            throw malformed(amount, "no currency; accepted are the three upper case letters of ISO 4217 in the attribute Ccy");
        }
        return currency;
    }

    /**
     * Whether an indicator is true; null of null.
     */
    Boolean indicator(XmlElement element)
    {
        return element == null ? null : switch (element.text().strip()) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw malformed(element, "not an indicator; accepted are true and false");
        };
    }
}
