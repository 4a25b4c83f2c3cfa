package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableMap;
import io.trino.type.TypeCalculation;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestLongVariableExpression
{
    private static final Map<String, Long> VALUES = ImmutableMap.of("p", 17L, "s", 4L, "long_name_1", Long.MAX_VALUE, "_n", -3L);

    @Test
    void testForms()
    {
        for (String text : List.of(
                "1",
                "null",
                "NULL + 1",
                "p",
                "min(38, p + 1)",
                "MAX(max(s, _n), 12)",
                "max(s - 4, 0)",
                "p - s - 1",
                "p - s * 2 + 1",
                "-p * s",
                "- p + s",
                "p - - s",
                "+-+p",
                "p / s / 2",
                "-7 / 2",
                "(p + s) * (p - s)",
                " p\t+\n1\r",
                "long_name_1 * long_name_1 / long_name_1",
                "2147483648 * 2",
                "000012")) {
            assertThat(LongVariableExpression.parse(text).evaluate(VALUES)).as(text).isEqualTo(TypeCalculation.calculateLiteralValue(text, VALUES));
        }
    }

    @Test
    void testGeneratedExpressions()
    {
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            assertEvaluatesAsTrino(expression(random, 5));
        }
    }

    @Test
    void testTextsThatTrinoRefusesAreRefused()
    {
        Random random = new Random(5);
        List<String> insertions = List.of("(", ")", ",", "+", "-", "/", "1", "p", " ", "min", "null", "\"", "<", ".");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(expression(random, 3));
            int position = random.nextInt(text.length());
            if (random.nextBoolean()) {
                text.deleteCharAt(position);
            }
            else {
                text.insert(position, insertions.get(random.nextInt(insertions.size())));
            }
            assertEvaluatesAsTrino(text.toString());
        }
    }

    @Test
    void testErrorsSayWhereAndWhatIsAccepted()
    {
        assertFails("", "expression '': the text ends at position 1; accepted is a number, a variable, null, min, max, '(', '+' or '-'");
        assertFails("min(38, p + 1", "expression 'min(38, p + 1': the text ends at position 14; accepted is ')'");
        assertFails("min 38", "expression 'min 38': found '38' at position 5; accepted is '('");
        assertFails("p s", "expression 'p s': found 's' at position 3; accepted is the end of the text");
        assertFails("p % s", "expression 'p % s': found '%' at position 3; accepted is a word, a name in double quotes, a number or one of ()<>[],+-*/");
        assertFails("\"p\"", "expression '\"p\"': found 'p' at position 1; accepted is a number, a variable, null, min, max, '(', '+' or '-'");
        assertFails("(".repeat(100_000), "expression: more than 200 operations at position 202");
        assertThatThrownBy(() -> LongVariableExpression.parse("p + q").evaluate(Map.of("p", 1L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expression: the variable q has no value; those that have one are [p]");
        assertThatThrownBy(() -> LongVariableExpression.parse("p / 0").evaluate(Map.of("p", 1L)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("expression 'p / 0' of {p=1}: BigInteger divide by zero");
        assertThatThrownBy(() -> LongVariableExpression.parse("p + 1").evaluate(Map.of("p", Long.MAX_VALUE)))
                .isInstanceOf(ArithmeticException.class)
                .hasMessageStartingWith("expression 'p + 1' of {p=9223372036854775807}: BigInteger out of long range");
    }

    private static String expression(Random random, int depth)
    {
        return switch (random.nextInt(depth > 0 ? 9 : 3)) {
            case 0 -> Integer.toString(random.nextInt(100));
            case 1 -> List.copyOf(VALUES.keySet()).get(random.nextInt(VALUES.size()));
            case 2 -> random.nextInt(10) == 0 ? "null" : "s";
            case 3 -> "(" + expression(random, depth - 1) + ")";
            case 4 -> (random.nextBoolean() ? "-" : "+") + expression(random, depth - 1);
            case 5 -> (random.nextBoolean() ? "min" : "MAX") + "(" + expression(random, depth - 1) + ", " + expression(random, depth - 1) + ")";
            default -> expression(random, depth - 1) + List.of("+", " - ", "*", "/").get(random.nextInt(4)) + expression(random, depth - 1);
        };
    }

    private static void assertEvaluatesAsTrino(String text)
    {
        Object expected = result(() -> TypeCalculation.calculateLiteralValue(text, VALUES));
        Object actual = result(() -> LongVariableExpression.parse(text).evaluate(VALUES));
        assertThat(actual).as(text).isEqualTo(expected);
    }

    private static Object result(Calculation calculation)
    {
        try {
            return calculation.calculate();
        }
        catch (RuntimeException _) {
            return "failed";
        }
    }

    private static void assertFails(String text, String message)
    {
        assertThatThrownBy(() -> LongVariableExpression.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private interface Calculation
    {
        Object calculate();
    }
}
