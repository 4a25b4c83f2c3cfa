package io.nostro.functions.messages;

import java.util.List;
import java.util.Map;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * An element of a message with all that is in it; names are without their namespaces.
 *
 * @param text the characters directly in it
 */
record XmlElement(String name, Map<String, String> attributes, String text, List<XmlElement> children, int line, int column)
{
    XmlElement
    {
        requireNonNull(name, "name is null");
        requireNonNull(attributes, "attributes is null");
        requireNonNull(text, "text is null");
        requireNonNull(children, "children is null");
    }

    /**
     * The first element at the path of names below this one, or null.
     */
    XmlElement find(String... path)
    {
        XmlElement element = this;
        for (String step : path) {
            XmlElement found = null;
            for (XmlElement child : element.children) {
                if (child.name.equals(step)) {
                    found = child;
                    break;
                }
            }
            if (found == null) {
                return null;
            }
            element = found;
        }
        return element;
    }

    /**
     * The text of the first element at the path, or null.
     */
    String text(String... path)
    {
        XmlElement element = find(path);
        return element == null ? null : element.text;
    }

    /**
     * The text of the first of the elements that there is, or null.
     */
    String firstText(String... names)
    {
        for (String name : names) {
            String text = text(name);
            if (text != null) {
                return text;
            }
        }
        return null;
    }

    List<XmlElement> children(String child)
    {
        return children.stream()
                .filter(element -> element.name.equals(child))
                .collect(toImmutableList());
    }

    /**
     * The texts of the children of that name, joined by line feeds, or null when there is none.
     */
    String lines(String child)
    {
        List<XmlElement> lines = children(child);
        return lines.isEmpty() ? null : lines.stream().map(XmlElement::text).collect(joining("\n"));
    }
}
