package io.nostro.toolkit.binding;

import io.trino.spi.type.Type;
import io.trino.spi.type.TypeManager;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestTypes
{
    private final TypeManager typeManager;

    TestTypes()
            throws ReflectiveOperationException
    {
        typeManager = new TrinoServer().typeManager();
    }

    @Test
    void testTypesAreTrinos()
    {
        for (String text : List.of("varchar", "char", "decimal", "decimal(5)", "time", "timestamp", "time with time zone", "timestamp with time zone", "int", "UUID")) {
            assertThat(Types.parse(text)).isEqualTo(typeManager.getType(TypeParser.parse(text)));
        }
        RandomTypes types = new RandomTypes(new Random(3));
        for (int i = 0; i < 10_000; i++) {
            Type type = types.next(3);
            assertThat(Types.of(type.getTypeSignature())).isEqualTo(type).isEqualTo(typeManager.getType(type.getTypeSignature()));
        }
    }

    @Test
    void testErrors()
    {
        assertFails("unknown", "type unknown is not known here; accepted are boolean, tinyint");
        assertFails("decimal(39,0)", "type decimal(39,0): DECIMAL precision must be in range [1, 38]: 39");
        assertFails("decimal(3,4)", "type decimal(3,4): DECIMAL scale must be in range [0, precision (3)]: 4");
        assertFails("decimal(1,1,1)", "type decimal(1,1,1): accepted are a precision and a scale");
        assertFails("decimal(p,0)", "type decimal(p,0): the parameter p is no number");
        assertFails("varchar(1,2)", "type varchar(1,2): accepted is one parameter");
        assertFails("char(99999999999)", "type char(99999999999): integer overflow");
        assertFails("timestamp(13)", "type timestamp(13): TIMESTAMP precision must be in range [0, 12]: 13");
        assertFails("bigint(3)", "type bigint(3): the type bigint has no parameters");
        assertFails("array(3)", "type array(3): accepted are 1 types as parameters");
        assertFails("map(bigint)", "type map(bigint): accepted are 2 types as parameters");
        assertFails("row", "type row: accepted is at least one field");
    }

    private static void assertFails(String text, String message)
    {
        assertThatThrownBy(() -> Types.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
