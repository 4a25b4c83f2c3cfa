package io.nostro.trino.versions;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.Reader;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the packaged plugin links with the SPI of each version of Trino that it is said to run on: what its own classes
 * refer to is there, what they implement is implemented, and what they override is still called. Some versions have no more
 * than their SPI to test with.
 */
final class TestLinks
{
    private static final Path PLUGIN = Path.of(System.getProperty("nostro.plugin-directory"));
    private static final Path SPI = Path.of(System.getProperty("nostro.spi-directory"));
    // only made where Trino gives a dynamic filter, and then linked
    private static final String UP_TO_481 = "io.nostro.trino.versions.VersionedSplitSources$WaitingSplitSource";

    @Test
    void testEveryVersion()
            throws IOException
    {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(PLUGIN.resolve("nostro-plugin.properties"))) {
            properties.load(reader);
        }
        List<String> problems = new ArrayList<>();
        for (String version : properties.getProperty("trino.versions").split(" ", -1)) {
            for (String problem : problems(version)) {
                problems.add("Trino %s: %s".formatted(version, problem));
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void testFindsWhatDoesNotLink()
            throws IOException
    {
        try (URLClassLoader classLoader = classLoader("483")) {
            // of Trino 476
            assertThat(missing(classLoader, ClassDesc.of("io.trino.spi.connector.ConnectorPageSource"), "getNextPage", "()Lio/trino/spi/Page;")).isTrue();
            assertThat(missing(classLoader, ClassDesc.of("io.trino.spi.connector.ConnectorPageSource"), "getNextSourcePage", "()Lio/trino/spi/connector/SourcePage;")).isFalse();
            assertThat(classIsMissing(classLoader, "io.trino.spi.type.TypeSignature")).isTrue();
            assertThat(classIsMissing(classLoader, "io.trino.spi.type.TypeDescriptor")).isFalse();
        }
    }

    private static Set<String> problems(String version)
            throws IOException
    {
        Set<String> problems = new LinkedHashSet<>();
        int references = 0;
        try (URLClassLoader classLoader = classLoader(version)) {
            for (Path jar : jars(PLUGIN)) {
                if (!jar.getFileName().toString().startsWith("nostro-")) {
                    continue;
                }
                try (JarFile file = new JarFile(jar.toFile())) {
                    for (JarEntry entry : file.stream().filter(entry -> entry.getName().endsWith(".class")).toList()) {
                        String name = entry.getName().replace('/', '.').substring(0, entry.getName().length() - ".class".length());
                        if (name.equals(UP_TO_481) && Integer.parseInt(version) > 481) {
                            continue;
                        }
                        for (PoolEntry constant : ClassFile.of().parse(file.getInputStream(entry).readAllBytes()).constantPool()) {
                            switch (constant) {
                                case ClassEntry reference when !reference.asSymbol().isArray() && classIsMissing(classLoader, binaryName(reference.asSymbol())) ->
                                        problems.add("%s refers to class %s".formatted(name, binaryName(reference.asSymbol())));
                                case MemberRefEntry reference when !reference.owner().asSymbol().isArray() -> {
                                    references++;
                                    if (missing(classLoader, reference.owner().asSymbol(), reference.name().stringValue(), reference.type().stringValue())) {
                                        problems.add("%s refers to %s.%s%s".formatted(name, binaryName(reference.owner().asSymbol()), reference.name(), reference.type()));
                                    }
                                }
                                default -> {}
                            }
                        }
                        try {
                            checkImplementation(classLoader.loadClass(name), problems);
                        }
                        catch (ReflectiveOperationException | LinkageError e) {
                            problems.add("%s: %s".formatted(name, e));
                        }
                    }
                }
            }
        }
        assertThat(references).isGreaterThan(5_000);
        return problems;
    }

    /**
     * Trino has methods of one name with more arguments from version to version: a class may implement them all, of which this
     * version has to have one.
     */
    private static void checkImplementation(Class<?> clazz, Set<String> problems)
    {
        if (!Modifier.isAbstract(clazz.getModifiers())) {
            for (Method method : clazz.getMethods()) {
                if (Modifier.isAbstract(method.getModifiers())) {
                    problems.add("%s does not implement %s".formatted(clazz.getName(), method));
                }
            }
        }
        List<Method> inherited = Stream.concat(Stream.of(clazz.getInterfaces()), Stream.ofNullable(clazz.getSuperclass()))
                .filter(parent -> parent.getName().startsWith("io.trino.spi."))
                .flatMap(parent -> Arrays.stream(parent.getMethods()))
                .toList();
        Set<String> names = inherited.stream().map(Method::getName).collect(toCollection(LinkedHashSet::new));
        for (String name : names) {
            List<Method> declared = Arrays.stream(clazz.getDeclaredMethods())
                    .filter(method -> method.getName().equals(name) && Modifier.isPublic(method.getModifiers()) && !Modifier.isStatic(method.getModifiers()))
                    .toList();
            if (!declared.isEmpty() && declared.stream().noneMatch(method -> inherited.stream().anyMatch(parent ->
                    parent.getName().equals(name) && Arrays.equals(parent.getParameterTypes(), method.getParameterTypes())))) {
                problems.add("%s has %s with arguments that nothing calls".formatted(clazz.getName(), name));
            }
        }
    }

    private static boolean classIsMissing(ClassLoader classLoader, String name)
    {
        try {
            Class.forName(name, false, classLoader);
            return false;
        }
        catch (ClassNotFoundException | LinkageError e) {
            return name.startsWith("io.trino.") || name.startsWith("io.nostro.");
        }
    }

    private static boolean missing(ClassLoader classLoader, ClassDesc owner, String name, String descriptor)
    {
        if (!binaryName(owner).startsWith("io.trino.") && !binaryName(owner).startsWith("io.nostro.")) {
            return false;
        }
        try {
            Class<?> clazz = Class.forName(binaryName(owner), false, classLoader);
            if (!descriptor.startsWith("(")) {
                return ancestry(clazz)
                        .flatMap(ancestor -> Arrays.stream(ancestor.getDeclaredFields()))
                        .noneMatch(field -> field.getName().equals(name) && field.getType().descriptorString().equals(descriptor));
            }
            MethodType type = MethodType.fromMethodDescriptorString(descriptor, classLoader);
            if (name.equals("<init>")) {
                return Arrays.stream(clazz.getDeclaredConstructors())
                        .noneMatch(constructor -> Arrays.equals(constructor.getParameterTypes(), type.parameterArray()));
            }
            return ancestry(clazz)
                    .flatMap(ancestor -> Arrays.stream(ancestor.getDeclaredMethods()))
                    .noneMatch(method -> method.getName().equals(name)
                            && method.getReturnType().equals(type.returnType())
                            && Arrays.equals(method.getParameterTypes(), type.parameterArray()));
        }
        catch (ClassNotFoundException | LinkageError | TypeNotPresentException e) {
            return true;
        }
    }

    private static Stream<Class<?>> ancestry(Class<?> clazz)
    {
        return Stream.of(
                        Stream.<Class<?>>of(clazz, Object.class),
                        Stream.<Class<?>>ofNullable(clazz.getSuperclass()).flatMap(TestLinks::ancestry),
                        Arrays.stream(clazz.getInterfaces()).flatMap(TestLinks::ancestry))
                .flatMap(ancestors -> ancestors);
    }

    private static String binaryName(ClassDesc type)
    {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1).replace('/', '.');
    }

    private static URLClassLoader classLoader(String version)
            throws IOException
    {
        List<URL> urls = new ArrayList<>();
        urls.add(url(SPI.resolve("trino-spi-" + version + ".jar")));
        for (Path jar : jars(PLUGIN)) {
            urls.add(url(jar));
        }
        return new URLClassLoader(urls.toArray(URL[]::new), TestLinks.class.getClassLoader());
    }

    private static URL url(Path jar)
            throws MalformedURLException
    {
        assertThat(jar).isRegularFile();
        return jar.toUri().toURL();
    }

    private static List<Path> jars(Path directory)
            throws IOException
    {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
        }
    }
}
