package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableSet;
import io.nostro.toolkit.binding.TokenReader.Kind;
import io.nostro.toolkit.binding.TokenReader.Token;

import java.math.BigInteger;
import java.util.Map;
import java.util.Set;

import static com.google.common.base.Preconditions.checkArgument;
import static java.lang.String.format;
import static java.util.Objects.requireNonNull;

/**
 * An expression that calculates a long variable of a signature from others, such as {@code min(38, p + 1)}. It has whole
 * numbers, variables, {@code null} for 0, {@code + - * /} of which the last truncates, {@code min}, {@code max} and
 * parentheses, all calculated without overflow.
 */
final class LongVariableExpression
{
    private static final int MOST_OPERATIONS = 200;

    private final String text;
    private final Set<String> variables;
    private final Operand root;

    private LongVariableExpression(String text, Set<String> variables, Operand root)
    {
        this.text = requireNonNull(text, "text is null");
        this.variables = ImmutableSet.copyOf(variables);
        this.root = requireNonNull(root, "root is null");
    }

    /**
     * @throws IllegalArgumentException when the text is no expression, with the position of the error and what is accepted there
     */
    static LongVariableExpression parse(String text)
    {
        TokenReader tokens = new TokenReader("expression", text);
        Parser parser = new Parser(tokens);
        Operand root = parser.sum();
        tokens.expectEnd();
        return new LongVariableExpression(text, parser.variables.build(), root);
    }

    Set<String> variables()
    {
        return variables;
    }

    /**
     * @param values those of all variables of the expression
     * @throws ArithmeticException on a division by zero, and when the result is not in the range of a bigint
     */
    long evaluate(Map<String, Long> values)
    {
        try {
            return root.evaluate(values).longValueExact();
        }
        catch (ArithmeticException e) {
            throw new ArithmeticException(format("expression '%s' of %s: %s", text, values, e.getMessage()));
        }
    }

    @Override
    public String toString()
    {
        return text;
    }

    private interface Operand
    {
        BigInteger evaluate(Map<String, Long> values);
    }

    private static final class Parser
    {
        private final TokenReader tokens;
        private final ImmutableSet.Builder<String> variables = ImmutableSet.builder();
        private int operations;

        private Parser(TokenReader tokens)
        {
            this.tokens = tokens;
        }

        private Operand sum()
        {
            Operand result = product();
            while (tokens.peek().is("+") || tokens.peek().is("-")) {
                boolean subtract = tokens.take().is("-");
                Operand left = result;
                Operand right = product();
                result = subtract
                        ? values -> left.evaluate(values).subtract(right.evaluate(values))
                        : values -> left.evaluate(values).add(right.evaluate(values));
                countOperation();
            }
            return result;
        }

        private Operand product()
        {
            Operand result = signed();
            while (tokens.peek().is("*") || tokens.peek().is("/")) {
                boolean divide = tokens.take().is("/");
                Operand left = result;
                Operand right = signed();
                result = divide
                        ? values -> left.evaluate(values).divide(right.evaluate(values))
                        : values -> left.evaluate(values).multiply(right.evaluate(values));
                countOperation();
            }
            return result;
        }

        private Operand signed()
        {
            boolean negative = false;
            while (tokens.peek().is("+") || tokens.peek().is("-")) {
                negative ^= tokens.take().is("-");
            }
            Operand operand = operand();
            return negative ? values -> operand.evaluate(values).negate() : operand;
        }

        private Operand operand()
        {
            Token token = tokens.peek();
            if (token.kind() == Kind.NUMBER) {
                BigInteger number = new BigInteger(tokens.take().text());
                return _ -> number;
            }
            if (tokens.takeIf("null")) {
                return _ -> BigInteger.ZERO;
            }
            if (tokens.takeIf("(")) {
                countOperation();
                Operand operand = sum();
                tokens.expect(")");
                return operand;
            }
            if (token.is("min") || token.is("max")) {
                tokens.take();
                countOperation();
                tokens.expect("(");
                Operand left = sum();
                tokens.expect(",");
                Operand right = sum();
                tokens.expect(")");
                return token.is("min")
                        ? values -> left.evaluate(values).min(right.evaluate(values))
                        : values -> left.evaluate(values).max(right.evaluate(values));
            }
            if (token.kind() == Kind.WORD) {
                String variable = tokens.take().text();
                variables.add(variable);
                return values -> BigInteger.valueOf(value(variable, values));
            }
            throw tokens.unexpected("a number, a variable, null, min, max, '(', '+' or '-'");
        }

        private void countOperation()
        {
            operations++;
            checkArgument(operations <= MOST_OPERATIONS, "expression: more than %s operations at position %s", MOST_OPERATIONS, tokens.peek().position() + 1);
        }

        private static long value(String variable, Map<String, Long> values)
        {
            Long value = values.get(variable);
            checkArgument(value != null, "expression: the variable %s has no value; those that have one are %s", variable, values.keySet());
            return value;
        }
    }
}
