package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.nostro.toolkit.binding.TokenReader.Kind;
import io.nostro.toolkit.binding.TokenReader.Token;
import io.trino.spi.type.NamedTypeSignature;
import io.trino.spi.type.RowFieldName;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;
import io.trino.spi.type.VarcharType;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import static com.google.common.base.Preconditions.checkArgument;
import static io.trino.spi.type.TypeSignatureParameter.namedTypeParameter;
import static io.trino.spi.type.TypeSignatureParameter.numericParameter;
import static io.trino.spi.type.TypeSignatureParameter.typeParameter;
import static io.trino.spi.type.TypeSignatureParameter.typeVariable;

/**
 * Parses types as Trino's SQL writes them, such as {@code decimal(p, s)} or {@code array(row(a bigint, "b c" varchar))}.
 * A word in the place of a length, precision or scale is a long variable, as in the annotations of functions; there are
 * no variables that stand for types.
 */
public final class TypeParser
{
    private static final int MOST_NESTED = 100;
    private static final Set<String> NUMERIC_PARAMETERS = ImmutableSet.of(StandardTypes.CHAR, StandardTypes.DECIMAL, StandardTypes.VARCHAR);
    private static final Set<String> INTERVAL_FIELDS = ImmutableSet.of("year", "month", "day", "hour", "minute", "second");

    private final TokenReader tokens;
    private int nested;

    private TypeParser(TokenReader tokens)
    {
        this.tokens = tokens;
    }

    /**
     * The type, of which nothing says yet whether it exists: {@link Types#of} does.
     *
     * @throws IllegalArgumentException when the text is no type, with the position of the error and what is accepted there
     */
    public static TypeSignature parse(String text)
    {
        TokenReader tokens = new TokenReader("type", text);
        TypeSignature type = new TypeParser(tokens).type();
        tokens.expectEnd();
        return type;
    }

    private TypeSignature type()
    {
        checkArgument(nested < MOST_NESTED, "type: more than %s types are nested at position %s", MOST_NESTED, tokens.peek().position() + 1);
        nested++;
        TypeSignature type = typeBeforeArray();
        while (tokens.takeIf("array")) {
            type = TypeSignature.arrayType(type);
        }
        nested--;
        return type;
    }

    private TypeSignature typeBeforeArray()
    {
        Token name = tokens.peek();
        if (!name.isName()) {
            throw tokens.unexpected("a type");
        }
        tokens.take();
        if (name.is("row") && tokens.takeIf("(")) {
            return row();
        }
        if (name.is("interval") && isIntervalField(tokens.peek())) {
            return interval();
        }
        if (name.is("time") || name.is("timestamp")) {
            return dateTime(canonical(name));
        }
        if (name.is("double") && tokens.takeIf("precision")) {
            return new TypeSignature(StandardTypes.DOUBLE);
        }
        if (name.is("array") && tokens.takeIf("<")) {
            TypeSignature element = type();
            tokens.expect(">");
            return TypeSignature.arrayType(element);
        }
        if (name.is("map") && tokens.takeIf("<")) {
            TypeSignature key = type();
            tokens.expect(",");
            TypeSignature value = type();
            tokens.expect(">");
            return TypeSignature.mapType(key, value);
        }
        return generic(canonical(name));
    }

    private TypeSignature row()
    {
        ImmutableList.Builder<TypeSignatureParameter> fields = ImmutableList.builder();
        do {
            Optional<RowFieldName> name = isFieldName() ? Optional.of(new RowFieldName(canonical(tokens.take()))) : Optional.empty();
            fields.add(namedTypeParameter(new NamedTypeSignature(name, type())));
        }
        while (tokens.takeIf(","));
        expectClosing();
        return TypeSignature.rowType(fields.build());
    }

    /**
     * Whether a field's name and not its type comes next: after a name comes another one, unless both are of the same type.
     */
    private boolean isFieldName()
    {
        Token first = tokens.peek();
        Token second = tokens.peek(1);
        Token third = tokens.peek(2);
        if (!first.isName() || !second.isName()) {
            return false;
        }
        if (second.is("array")) {
            return third.is("(") || third.is("<");
        }
        return !(first.is("double") && second.is("precision"))
                && !(first.is("interval") && isIntervalField(second))
                && !((first.is("time") || first.is("timestamp")) && (second.is("with") || second.is("without")) && third.is("time"));
    }

    private TypeSignature interval()
    {
        Token from = tokens.take();
        if (from.is("year")) {
            tokens.expect("to");
            tokens.expect("month");
            return new TypeSignature(StandardTypes.INTERVAL_YEAR_TO_MONTH);
        }
        if (from.is("day")) {
            tokens.expect("to");
            tokens.expect("second");
            return new TypeSignature(StandardTypes.INTERVAL_DAY_TO_SECOND);
        }
        throw tokens.unexpected("an interval from year to month or from day to second");
    }

    private TypeSignature dateTime(String base)
    {
        ImmutableList.Builder<TypeSignatureParameter> precision = ImmutableList.builder();
        if (tokens.takeIf("(")) {
            precision.add(numberOrVariable());
            tokens.expect(")");
        }
        if (tokens.takeIf("with")) {
            base += " with time zone";
            tokens.expect("time");
            tokens.expect("zone");
        }
        else if (tokens.takeIf("without")) {
            tokens.expect("time");
            tokens.expect("zone");
        }
        return new TypeSignature(base, precision.build());
    }

    private TypeSignature generic(String base)
    {
        if (!tokens.takeIf("(")) {
            return base.equalsIgnoreCase(StandardTypes.VARCHAR) ? VarcharType.VARCHAR.getTypeSignature() : new TypeSignature(base, List.of());
        }
        boolean numeric = NUMERIC_PARAMETERS.contains(base.toLowerCase(Locale.ENGLISH));
        ImmutableList.Builder<TypeSignatureParameter> parameters = ImmutableList.builder();
        do {
            parameters.add(numeric || tokens.peek().kind() == Kind.NUMBER ? numberOrVariable() : typeParameter(type()));
        }
        while (tokens.takeIf(","));
        expectClosing();
        return new TypeSignature(base, parameters.build());
    }

    private TypeSignatureParameter numberOrVariable()
    {
        Token token = tokens.peek();
        if (token.kind() == Kind.WORD) {
            return typeVariable(tokens.take().text());
        }
        if (token.kind() != Kind.NUMBER) {
            throw tokens.unexpected("a number or a variable");
        }
        try {
            long number = Long.parseLong(token.text());
            tokens.take();
            return numericParameter(number);
        }
        catch (NumberFormatException _) {
            throw tokens.unexpected("a number up to " + Long.MAX_VALUE);
        }
    }

    private void expectClosing()
    {
        if (!tokens.takeIf(")")) {
            throw tokens.unexpected("',' or ')'");
        }
    }

    private static boolean isIntervalField(Token token)
    {
        return token.kind() == Kind.WORD && INTERVAL_FIELDS.contains(token.text().toLowerCase(Locale.ENGLISH));
    }

    private static String canonical(Token name)
    {
        return name.kind() == Kind.QUOTED_WORD ? name.text() : name.text().toLowerCase(Locale.ENGLISH);
    }
}
