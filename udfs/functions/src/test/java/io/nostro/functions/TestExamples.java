package io.nostro.functions;

import io.nostro.functions.FunctionTesting.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import static com.google.common.base.MoreObjects.firstNonNull;
import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(Engine.class)
final class TestExamples
{
    private final FunctionTesting functions;

    TestExamples(FunctionTesting functions)
    {
        this.functions = functions;
    }

    @Test
    void testExamplesGiveTheirResults()
    {
        List<Example> examples = NostroFunctions.FUNCTIONS.stream()
                .flatMap(clazz -> Stream.concat(Stream.of((AnnotatedElement) clazz), Arrays.stream(clazz.getMethods())))
                .flatMap(element -> Arrays.stream(element.getAnnotationsByType(Example.class)))
                .toList();
        assertThat(examples).hasSizeGreaterThan(2 * 20);
        for (Example example : examples) {
            Object value = functions.query("SELECT json_format(CAST((%s) AS json))".formatted(example.sql()));
            assertThat(firstNonNull(value, "null")).as(example.sql()).isEqualTo(example.result());
        }
    }
}
