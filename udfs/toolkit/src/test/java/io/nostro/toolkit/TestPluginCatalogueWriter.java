package io.nostro.toolkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.Plugin;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestPluginCatalogueWriter
{
    @TempDir
    private Path classes;

    @Test
    void testFileHoldsTheFunctionsThatThePluginLists()
            throws IOException
    {
        write("# the plugin\n" + ListingPlugin.class.getName() + "  # of tests\n", ListingPlugin.class, Doubling.class);
        Path file = classes.resolve("missing").resolve("nostro-functions.json");
        PluginCatalogueWriter.main(new String[] {"476", classes.toString(), file.toString()});
        FunctionCatalogue catalogue = new ObjectMapper().readValue(Files.readString(file), FunctionCatalogue.class);
        assertThat(catalogue.trinoVersion()).isEqualTo("476");
        assertThat(catalogue.functions()).extracting(FunctionCatalogue.Function::name).containsExactly("own_doubling");
    }

    @Test
    void testClassThatIsNotListedIsRefused()
            throws IOException
    {
        write(ListingPlugin.class.getName(), Doubling.class, Forgotten.class);
        assertRefused(Forgotten.class.getName() + " declares functions, but is not among those that getFunctions() of " + ListingPlugin.class.getName() + " lists");
    }

    @Test
    void testNamesOfTrinosOwnFunctionsAreRefused()
            throws IOException
    {
        write(ClashingPlugin.class.getName());
        assertRefused("abs is the name of one of Trino's own functions; give yours another one");
    }

    @Test
    void testWhatIsNoPluginIsRefused()
            throws IOException
    {
        assertRefused("There is no META-INF/services/io.trino.spi.Plugin, which names the class of the plugin");
        write("# nothing\n");
        assertRefused("META-INF/services/io.trino.spi.Plugin names no class of a plugin");
        write("com.example.Missing");
        assertRefused("META-INF/services/io.trino.spi.Plugin names com.example.Missing, which is no plugin that can be made: java.lang.ClassNotFoundException: com.example.Missing");
        write(Doubling.class.getName());
        assertRefused("META-INF/services/io.trino.spi.Plugin names " + Doubling.class.getName() + ", which is no plugin that can be made: java.lang.ClassCastException");
        write(EmptyPlugin.class.getName());
        assertRefused(EmptyPlugin.class.getName() + " lists no functions");
    }

    @Test
    void testArgumentsAreCounted()
    {
        assertThatThrownBy(() -> PluginCatalogueWriter.main(new String[] {"476"}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Three arguments are wanted: Trino's version, the directory of the plugin's classes and the file to write");
    }

    private void assertRefused(String message)
    {
        assertThatThrownBy(() -> PluginCatalogueWriter.read("476", classes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private void write(String service, Class<?>... compiled)
            throws IOException
    {
        Path file = classes.resolve("META-INF/services/io.trino.spi.Plugin");
        Files.createDirectories(file.getParent());
        Files.writeString(file, service);
        for (Class<?> clazz : List.of(compiled)) {
            String name = clazz.getName().replace('.', '/') + ".class";
            Path target = classes.resolve(name);
            Files.createDirectories(target.getParent());
            try (InputStream content = clazz.getClassLoader().getResourceAsStream(name)) {
                Files.write(target, content.readAllBytes());
            }
        }
    }

    /**
     * Lists one class.
     */
    public static final class ListingPlugin
            implements Plugin
    {
        @Override
        public Set<Class<?>> getFunctions()
        {
            return Set.of(Doubling.class);
        }
    }

    /**
     * Lists a class with a function that Trino has.
     */
    public static final class ClashingPlugin
            implements Plugin
    {
        @Override
        public Set<Class<?>> getFunctions()
        {
            return Set.of(Absolute.class);
        }
    }

    /**
     * Lists nothing.
     */
    public static final class EmptyPlugin
            implements Plugin {}

    /**
     * A function.
     */
    @Source("arithmetic")
    @Argument(name = "value", meaning = "a number")
    public static final class Doubling
    {
        private Doubling() {}

        @ScalarFunction("own_doubling")
        @Description("Twice a number")
        @Errors
        @SqlType(StandardTypes.DOUBLE)
        @Example(sql = "own_doubling(1e0)", result = "2.0")
        @Example(sql = "own_doubling(NULL)", result = "null")
        public static double doubling(@SqlType(StandardTypes.DOUBLE) double value)
        {
            return value + value;
        }
    }

    /**
     * A function that no plugin lists.
     */
    public static final class Forgotten
    {
        private Forgotten() {}

        @ScalarFunction("own_forgotten")
        @SqlType(StandardTypes.DOUBLE)
        public static double forgotten(@SqlType(StandardTypes.DOUBLE) double value)
        {
            return value;
        }
    }

    /**
     * A function of the name of one that Trino has.
     */
    @Source("arithmetic")
    @Argument(name = "value", meaning = "a number")
    public static final class Absolute
    {
        private Absolute() {}

        @ScalarFunction("abs")
        @Description("A number without its sign")
        @Errors
        @SqlType(StandardTypes.DOUBLE)
        @Example(sql = "abs(-1e0)", result = "1.0")
        @Example(sql = "abs(NULL)", result = "null")
        public static double absolute(@SqlType(StandardTypes.DOUBLE) double value)
        {
            return Math.abs(value);
        }
    }
}
