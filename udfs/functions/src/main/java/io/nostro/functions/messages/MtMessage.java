package io.nostro.functions.messages;

import com.google.common.collect.ImmutableList;

import java.util.ArrayList;
import java.util.List;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.nostro.functions.messages.MessageSource.isDigit;
import static io.nostro.functions.messages.MessageSource.isUpperCaseLetter;
import static java.util.Objects.requireNonNull;

/**
 * One message of SWIFT's FIN: blocks in braces, or the fields of a text block alone, as banks export statements.
 *
 * @param offset where the message starts in the text
 * @param basicHeader block 1, or null
 * @param applicationHeader block 2, or null
 * @param userHeader the fields of block 3
 * @param fields the fields of block 4
 */
record MtMessage(int offset, MtField basicHeader, MtField applicationHeader, List<MtField> userHeader, List<MtField> fields)
{
    private static final int TERMINAL_LENGTH = 12;

    MtMessage
    {
        userHeader = ImmutableList.copyOf(requireNonNull(userHeader, "userHeader is null"));
        fields = ImmutableList.copyOf(requireNonNull(fields, "fields is null"));
    }

    /**
     * The messages of a text: between them may stand what RJE and DOS-PCC files put there.
     */
    static List<MtMessage> parse(MessageSource source)
    {
        List<MtMessage> messages = new Parser(source).messages();
        // an acknowledgement stands before a copy of what it acknowledges
        List<MtMessage> withoutAcknowledgements = messages.stream()
                .filter(message -> !message.isAcknowledgement())
                .collect(toImmutableList());
        return withoutAcknowledgements.isEmpty() ? messages : withoutAcknowledgements;
    }

    /**
     * The one message of a text.
     */
    static MtMessage parseOne(MessageSource source)
    {
        List<MtMessage> messages = parse(source);
        if (messages.size() > 1) {
            throw source.malformed("the message", messages.get(1).offset(), "a second message begins here; accepted is one");
        }
        return messages.getFirst();
    }

    /**
     * The three digits of the message's type, or null when it has no application header.
     */
    String type(MessageSource source)
    {
        if (applicationHeader == null) {
            return null;
        }
        String header = applicationHeader.value();
        if (header.length() < 4 || (header.charAt(0) != 'I' && header.charAt(0) != 'O') || !MessageSource.isDigits(header.substring(1, 4))) {
            throw source.malformed("block 2", applicationHeader.offset(), "not an application header; accepted are I or O and the three digits of the message type");
        }
        return header.substring(1, 4);
    }

    /**
     * The eleven characters of the sender's BIC, or null when no header names it.
     */
    String senderBic(MessageSource source)
    {
        return isOutput() ? inputTerminal(source) : basicTerminal(source);
    }

    /**
     * The eleven characters of the receiver's BIC, or null when no header names it.
     */
    String receiverBic(MessageSource source)
    {
        if (isOutput()) {
            return basicTerminal(source);
        }
        return applicationHeader == null ? null : bic(source, "block 2", applicationHeader, 4);
    }

    String userHeader(String tag)
    {
        return userHeader.stream()
                .filter(field -> field.tag().equals(tag))
                .map(MtField::value)
                .findFirst()
                .orElse(null);
    }

    private boolean isAcknowledgement()
    {
        return basicHeader != null && basicHeader.value().startsWith("F21");
    }

    private boolean isOutput()
    {
        return applicationHeader != null && applicationHeader.value().startsWith("O");
    }

    private String basicTerminal(MessageSource source)
    {
        return basicHeader == null ? null : bic(source, "block 1", basicHeader, 3);
    }

    private String inputTerminal(MessageSource source)
    {
        // after the type: the input's time and date
        return bic(source, "block 2", applicationHeader, 14);
    }

    private static String bic(MessageSource source, String block, MtField header, int start)
    {
        String value = header.value();
        if (value.length() < start + TERMINAL_LENGTH) {
            throw source.malformed(block, header.offset(), "the header ends before the address of a terminal");
        }
        // the ninth character names the terminal
        return value.substring(start, start + 8) + value.substring(start + 9, start + TERMINAL_LENGTH);
    }

    private static final class Parser
    {
        private final MessageSource source;
        private final String text;
        private final ImmutableList.Builder<MtMessage> messages = ImmutableList.builder();
        private int position;

        private Parser(MessageSource source)
        {
            this.source = requireNonNull(source, "source is null");
            this.text = source.text();
        }

        private List<MtMessage> messages()
        {
            skipSeparators();
            if (position == text.length()) {
                throw source.malformed("the message", position, "the text is empty; accepted is an MT message");
            }
            if (text.charAt(position) == '{') {
                while (position < text.length()) {
                    messages.add(inBlocks());
                    skipSeparators();
                }
            }
            else {
                textBlocks();
            }
            return messages.build();
        }

        private void skipSeparators()
        {
            while (position < text.length() && (text.charAt(position) <= ' ' || text.charAt(position) == '$')) {
                position++;
            }
        }

        private MtMessage inBlocks()
        {
            int start = position;
            MtField basicHeader = null;
            MtField applicationHeader = null;
            List<MtField> userHeader = List.of();
            List<MtField> fields = null;
            char lastBlock = 0;
            while (position < text.length() && text.charAt(position) == '{') {
                int blockStart = position;
                if (position + 2 >= text.length() || text.charAt(position + 2) != ':' || "12345S".indexOf(text.charAt(position + 1)) < 0) {
                    throw source.malformed("the message", position, "not a block; accepted are {1: to {5: and {S:");
                }
                char block = text.charAt(position + 1);
                if (block <= lastBlock) {
                    // blocks come in order: the next message's first one
                    break;
                }
                lastBlock = block;
                position += 3;
                switch (block) {
                    case '1' -> basicHeader = header("1");
                    case '2' -> applicationHeader = header("2");
                    case '3' -> userHeader = innerBlocks("block 3", blockStart);
                    case '4' -> fields = position < text.length() && text.charAt(position) == '{' ? innerBlocks("block 4", blockStart) : textBlock(blockStart);
                    default -> innerBlocks("block " + block, blockStart);
                }
                int end = position;
                skipSeparators();
                if (position < text.length() && text.charAt(position) != '{') {
                    throw source.malformed("the message", end, "text outside its blocks");
                }
            }
            return new MtMessage(start, basicHeader, applicationHeader, userHeader, fields == null ? List.of() : fields);
        }

        private MtField header(String block)
        {
            int start = position;
            int end = text.indexOf('}', start);
            if (end < 0) {
                throw source.malformed("block " + block, start, "the block is not closed by }");
            }
            position = end + 1;
            return new MtField(block, text.substring(start, end), start);
        }

        /**
         * The fields of {tag:value}{tag:value}}; leaves the position after the last brace.
         */
        private List<MtField> innerBlocks(String block, int blockStart)
        {
            ImmutableList.Builder<MtField> fields = ImmutableList.builder();
            while (position < text.length() && text.charAt(position) == '{') {
                int colon = text.indexOf(':', position);
                int end = text.indexOf('}', position);
                if (end < 0 || colon < 0 || colon > end) {
                    throw source.malformed(block, position, "a field is not of the form {tag:value}");
                }
                fields.add(new MtField(text.substring(position + 1, colon), text.substring(colon + 1, end), colon + 1));
                position = end + 1;
                while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
                    position++;
                }
            }
            if (position == text.length() || text.charAt(position) != '}') {
                throw source.malformed(block, blockStart, "the block is not closed by }");
            }
            position++;
            return fields.build();
        }

        private List<MtField> textBlock(int blockStart)
        {
            int end = text.indexOf("\n-}", position - 1);
            if (end < 0) {
                throw source.malformed("block 4", blockStart, "the block is not closed by -} on a line of its own");
            }
            int start = position;
            while (position < end && Character.isWhitespace(text.charAt(position))) {
                position++;
            }
            if (position < end && !startsField(position, end)) {
                throw source.malformed("block 4", position, "not a field; accepted is a tag between colons at the start of a line");
            }
            position = start;
            List<MtField> fields = fields(end);
            position = end + 3;
            return fields;
        }

        /**
         * Text blocks alone, each but the last with a line of a hyphen after it. What banks put before the first field is left out.
         */
        private void textBlocks()
        {
            boolean found = false;
            while (position < text.length()) {
                int end = position;
                while (end < text.length() && !isSeparatorLine(end)) {
                    int lineEnd = text.indexOf('\n', end);
                    end = lineEnd < 0 ? text.length() : lineEnd + 1;
                }
                int start = position;
                List<MtField> fields = fields(end);
                if (!fields.isEmpty()) {
                    messages.add(new MtMessage(start, null, null, List.of(), fields));
                    found = true;
                }
                int lineEnd = text.indexOf('\n', end);
                position = lineEnd < 0 ? text.length() : lineEnd + 1;
            }
            if (!found) {
                throw source.malformed("the message", 0, "neither blocks in braces nor a field; accepted is an MT message, or the text block of one");
            }
        }

        private boolean isSeparatorLine(int lineStart)
        {
            if (text.charAt(lineStart) != '-') {
                return false;
            }
            int next = lineStart + 1;
            if (next < text.length() && text.charAt(next) == '}') {
                next++;
            }
            while (next < text.length() && text.charAt(next) != '\n') {
                if (!Character.isWhitespace(text.charAt(next))) {
                    return false;
                }
                next++;
            }
            return true;
        }

        private List<MtField> fields(int end)
        {
            List<MtField> fields = new ArrayList<>();
            String tag = null;
            int valueStart = 0;
            while (position < end) {
                if (startsField(position, end)) {
                    if (tag != null) {
                        fields.add(new MtField(tag, value(valueStart, position), valueStart));
                    }
                    int colon = text.indexOf(':', position + 1);
                    tag = text.substring(position + 1, colon);
                    valueStart = colon + 1;
                }
                int lineEnd = text.indexOf('\n', position);
                position = lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1;
            }
            if (tag != null) {
                fields.add(new MtField(tag, value(valueStart, end), valueStart));
            }
            return fields;
        }

        private String value(int start, int end)
        {
            String value = text.substring(start, end);
            if (value.indexOf('\r') >= 0) {
                value = value.replace("\r\n", "\n");
            }
            int length = value.length();
            while (length > 0 && (value.charAt(length - 1) == '\n' || value.charAt(length - 1) == '\r')) {
                length--;
            }
            return value.substring(0, length);
        }

        /**
         * Whether a line begins with two digits, and a letter or none, between colons.
         */
        private boolean startsField(int lineStart, int end)
        {
            if (text.charAt(lineStart) != ':' || lineStart + 3 >= end) {
                return false;
            }
            char first = text.charAt(lineStart + 1);
            char second = text.charAt(lineStart + 2);
            // NS is what German banks add to statements
            if (!(isDigit(first) && isDigit(second)) && !(first == 'N' && second == 'S')) {
                return false;
            }
            char third = text.charAt(lineStart + 3);
            return third == ':' || (isUpperCaseLetter(third) && lineStart + 4 < end && text.charAt(lineStart + 4) == ':');
        }
    }
}
