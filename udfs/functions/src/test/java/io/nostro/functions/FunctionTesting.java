package io.nostro.functions;

import io.trino.metadata.InternalFunctionBundle;
import io.trino.spi.StandardErrorCode;
import io.trino.sql.query.QueryAssertions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

import static io.trino.testing.assertions.TrinoExceptionAssert.assertTrinoExceptionThrownBy;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * One engine with Nostro's functions for all test classes: give a test class's constructor a {@link FunctionTesting}.
 */
public final class FunctionTesting
        implements AutoCloseable
{
    private final QueryAssertions assertions = new QueryAssertions();

    private FunctionTesting()
    {
        assertions.addFunctions(InternalFunctionBundle.extractFunctions(NostroFunctions.FUNCTIONS));
    }

    @Override
    public void close()
    {
        assertions.close();
    }

    /**
     * The value of an expression, as text; null for NULL. Evaluated over a row, so that it is not folded when planned.
     */
    public String value(String expression)
    {
        return (String) assertions.execute("SELECT CAST((%s) AS varchar) FROM (VALUES rand()) AS t (x)".formatted(expression)).getOnlyValue();
    }

    /**
     * What a query gives for its only row and column.
     */
    public Object query(String sql)
    {
        return assertions.execute(sql).getOnlyValue();
    }

    /**
     * The SQL type of an expression.
     */
    public String type(String expression)
    {
        return (String) assertions.execute("SELECT typeof(%s)".formatted(expression)).getOnlyValue();
    }

    public void assertValue(String expression, String expected)
    {
        assertThat(value(expression)).as(expression).isEqualTo(expected);
    }

    /**
     * That each expression has its value, in one query.
     *
     * @param expected the values, as text, by expression
     */
    public void assertValues(Map<String, String> expected)
    {
        String rows = expected.keySet().stream()
                .map("CAST((%s) AS varchar)"::formatted)
                .collect(joining(", "));
        List<?> values = (List<?>) query("SELECT ARRAY[%s]".formatted(rows));
        Iterator<?> actual = values.iterator();
        expected.forEach((expression, value) -> assertThat(actual.next()).as(expression).isEqualTo(value));
    }

    /**
     * That the expression fails with the code and message, and that TRY makes the failure NULL.
     */
    public void assertError(String expression, StandardErrorCode code, String message)
    {
        assertTrinoExceptionThrownBy(() -> value(expression))
                .as(expression)
                .hasErrorCode(code)
                .hasMessageContaining(message);
        assertThat(value("TRY(" + expression + ")")).isNull();
    }

    /**
     * That the query fails with the code and message. TRY does not reach an aggregate's errors.
     */
    public void assertQueryError(String sql, StandardErrorCode code, String message)
    {
        assertTrinoExceptionThrownBy(() -> query(sql))
                .as(sql)
                .hasErrorCode(code)
                .hasMessageContaining(message);
    }

    /**
     * That the function gives NULL when any one of its arguments is NULL.
     *
     * @param arguments SQL expressions
     */
    public void assertNullForEachNullArgument(String function, String... arguments)
    {
        assertThat(value("%s(%s)".formatted(function, String.join(", ", arguments)))).isNotNull();
        for (int i = 0; i < arguments.length; i++) {
            String[] withNull = arguments.clone();
            withNull[i] = "nullif(%1$s, %1$s)".formatted(arguments[i]);
            assertValue("%s(%s)".formatted(function, String.join(", ", withNull)), null);
        }
    }

    /**
     * Gives test classes the one engine, and closes it after the last of them.
     */
    public static final class Engine
            implements ParameterResolver
    {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context)
        {
            return parameter.getParameter().getType() == FunctionTesting.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context)
        {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(Engine.class))
                    .getOrComputeIfAbsent(FunctionTesting.class, _ -> new FunctionTesting(), FunctionTesting.class);
        }
    }
}
