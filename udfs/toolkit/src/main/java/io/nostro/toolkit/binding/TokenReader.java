package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;

import java.util.List;

import static java.lang.String.format;
import static java.util.Objects.requireNonNull;

/**
 * Reads the words, numbers and symbols of a short text, such as a type or an expression, and says where it goes wrong.
 */
final class TokenReader
{
    private static final String SYMBOLS = "()<>[],+-*/";

    private final String subject;
    private final String text;
    private final List<Token> tokens;
    private int index;

    /**
     * @param subject what the text is, for errors
     * @throws IllegalArgumentException when the text has a character that no token has, or a quoted name that does not end
     */
    TokenReader(String subject, String text)
    {
        this.subject = requireNonNull(subject, "subject is null");
        this.text = requireNonNull(text, "text is null");
        this.tokens = tokens();
    }

    /**
     * The token after so many others, which is of kind {@link Kind#END} after the last.
     */
    Token peek(int ahead)
    {
        return tokens.get(Math.min(index + ahead, tokens.size() - 1));
    }

    Token peek()
    {
        return peek(0);
    }

    /**
     * The token, behind which the reader then is.
     */
    Token take()
    {
        Token token = peek();
        index = Math.min(index + 1, tokens.size() - 1);
        return token;
    }

    boolean takeIf(String wordOrSymbol)
    {
        if (!peek().is(wordOrSymbol)) {
            return false;
        }
        take();
        return true;
    }

    void expect(String wordOrSymbol)
    {
        if (!takeIf(wordOrSymbol)) {
            throw unexpected("'" + wordOrSymbol + "'");
        }
    }

    void expectEnd()
    {
        if (peek().kind() != Kind.END) {
            throw unexpected("the end of the text");
        }
    }

    /**
     * The error that the token is none of those accepted.
     */
    IllegalArgumentException unexpected(String accepted)
    {
        Token token = peek();
        return failure(token.position(), token.kind() == Kind.END ? "the text ends" : "found '" + token.text() + "'", accepted);
    }

    private IllegalArgumentException failure(int position, String found, String accepted)
    {
        return new IllegalArgumentException(format("%s '%s': %s at position %s; accepted is %s", subject, text, found, position + 1, accepted));
    }

    private List<Token> tokens()
    {
        ImmutableList.Builder<Token> builder = ImmutableList.builder();
        int position = 0;
        while (position < text.length()) {
            int start = position;
            char first = text.charAt(position);
            if (first == ' ' || first == '\t' || first == '\r' || first == '\n') {
                position++;
            }
            else if (isLetter(first)) {
                while (position < text.length() && (isLetter(text.charAt(position)) || isDigit(text.charAt(position)))) {
                    position++;
                }
                builder.add(new Token(Kind.WORD, text.substring(start, position), start));
            }
            else if (isDigit(first)) {
                while (position < text.length() && isDigit(text.charAt(position))) {
                    position++;
                }
                builder.add(new Token(Kind.NUMBER, text.substring(start, position), start));
            }
            else if (first == '"') {
                position = endOfQuoted(start);
                builder.add(new Token(Kind.QUOTED_WORD, text.substring(start + 1, position - 1).replace("\"\"", "\""), start));
            }
            else if (SYMBOLS.indexOf(first) >= 0) {
                position++;
                builder.add(new Token(Kind.SYMBOL, text.substring(start, position), start));
            }
            else {
                String character = Character.toString(text.codePointAt(start));
                throw failure(start, "found '" + character + "'", "a word, a name in double quotes, a number or one of " + SYMBOLS);
            }
        }
        return builder.add(new Token(Kind.END, "", position)).build();
    }

    private int endOfQuoted(int start)
    {
        int position = start + 1;
        while (position < text.length()) {
            if (text.charAt(position) != '"') {
                position++;
            }
            else if (position + 1 < text.length() && text.charAt(position + 1) == '"') {
                position += 2;
            }
            else if (position == start + 1) {
                throw failure(start, "found an empty name", "a name of at least one character");
            }
            else {
                return position + 1;
            }
        }
        throw failure(text.length(), "the text ends in a quoted name", "'\"'");
    }

    private static boolean isLetter(char character)
    {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_';
    }

    private static boolean isDigit(char character)
    {
        return character >= '0' && character <= '9';
    }

    enum Kind
    {
        WORD,
        QUOTED_WORD,
        NUMBER,
        SYMBOL,
        END,
    }

    /**
     * @param text of a quoted word what is between the quotes
     * @param position that of the first character, from 0
     */
    record Token(Kind kind, String text, int position)
    {
        /**
         * Whether the token is that symbol, or in any case that unquoted word.
         */
        boolean is(String wordOrSymbol)
        {
            return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equalsIgnoreCase(wordOrSymbol);
        }

        boolean isName()
        {
            return kind == Kind.WORD || kind == Kind.QUOTED_WORD;
        }
    }
}
