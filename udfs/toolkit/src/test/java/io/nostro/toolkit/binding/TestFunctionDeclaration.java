package io.nostro.toolkit.binding;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.nostro.functions.DeclaredFunction;
import io.nostro.functions.NostroFunctions;
import io.nostro.toolkit.CatalogueReader;
import io.nostro.toolkit.FunctionCatalogue;
import io.trino.metadata.FunctionBinding;
import io.trino.metadata.InternalFunctionBundle;
import io.trino.spi.ErrorCodeSupplier;
import io.trino.spi.TrinoException;
import io.trino.spi.function.FunctionMetadata;
import io.trino.spi.function.LongVariableConstraint;
import io.trino.spi.function.Signature;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableMap.toImmutableMap;
import static io.trino.spi.StandardErrorCode.AMBIGUOUS_FUNCTION_CALL;
import static io.trino.spi.StandardErrorCode.FUNCTION_NOT_FOUND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

final class TestFunctionDeclaration
{
    private static final int CALLS_OF_EACH_FUNCTION = 500;

    private final TrinoServer trino = new TrinoServer();

    TestFunctionDeclaration()
            throws ReflectiveOperationException {}

    @Test
    void testCallsOfTheCatalogueResolveAsInTrino()
    {
        Random random = new Random(6);
        RandomTypes types = new RandomTypes(random);
        Map<String, List<FunctionMetadata>> declared = new TreeMap<>();
        InternalFunctionBundle.extractFunctions(NostroFunctions.FUNCTIONS).getFunctions()
                .forEach(function -> declared.computeIfAbsent(function.getCanonicalName(), _ -> new ArrayList<>()).add(function));
        NostroFunctions.VAULT_FUNCTIONS.stream()
                .flatMap(clazz -> DeclaredFunction.of(clazz).stream())
                .map(DeclaredFunction::metadata)
                .forEach(function -> declared.computeIfAbsent(function.getCanonicalName(), _ -> new ArrayList<>()).add(function));
        FunctionCatalogue catalogue = CatalogueReader.read("476", NostroFunctions.FUNCTIONS, Map.of("nostro_vault", NostroFunctions.VAULT_FUNCTIONS));
        assertThat(catalogue.functions()).hasSameSizeAs(declared.keySet());
        List<Outcome> outcomes = new ArrayList<>();
        for (FunctionCatalogue.Function function : catalogue.functions()) {
            List<FunctionMetadata> overloads = declared.get(function.name()).stream()
                    .sorted(Comparator.<FunctionMetadata>comparingInt(overload -> overload.getSignature().getArgumentTypes().size())
                            .thenComparing(overload -> overload.getSignature().toString()))
                    .toList();
            FunctionDeclaration declaration = new FunctionDeclaration(function.name(), function.signatures().stream()
                    .map(TestFunctionDeclaration::declaration)
                    .toList());
            for (int call = 0; call < CALLS_OF_EACH_FUNCTION; call++) {
                List<Type> arguments = arguments(overloads.get(random.nextInt(overloads.size())).getSignature().getArgumentTypes(), random, types);
                outcomes.add(assertResolvesAsTrino(declaration, function.name(), overloads, arguments));
            }
        }
        assertThat(outcomes).hasSizeGreaterThan(50_000);
        assertThat(outcomes).filteredOn(outcome -> outcome.signature().isPresent()).hasSizeGreaterThan(20_000);
        assertThat(outcomes).filteredOn(outcome -> outcome.failedWith(FUNCTION_NOT_FOUND)).hasSizeGreaterThan(10_000);
    }

    /**
     * Overloads of which several take a call, which our functions do not have.
     */
    @Test
    void testCallsOfGeneratedFunctionsResolveAsInTrino()
    {
        Random random = new Random(7);
        RandomTypes types = new RandomTypes(random);
        List<String> declaredTypes = ImmutableList.of(
                "bigint",
                "integer",
                "smallint",
                "real",
                "double",
                "decimal(p1,s1)",
                "decimal(p2,s2)",
                "decimal(38,s3)",
                "decimal(10,2)",
                "varchar",
                "varchar(x1)",
                "varchar(x2)",
                "varchar(10)",
                "char(y)",
                "char(10)",
                "date",
                "timestamp(t)",
                "timestamp(6)",
                "timestamp(z) with time zone",
                "time(u)",
                "array(double)",
                "array(decimal(q,r))",
                "array(varchar(v))",
                "row(a decimal(g,h), b varchar(i))",
                "map(varchar(j), decimal(k,l))");
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 40_000; i++) {
            int arity = 1 + random.nextInt(3);
            List<Signature> signatures = new ArrayList<>();
            for (int overload = 0; overload <= random.nextInt(4); overload++) {
                Signature.Builder signature = Signature.builder().returnType(TypeParser.parse("bigint"));
                for (int argument = 0; argument < arity; argument++) {
                    signature.argumentType(TypeParser.parse(declaredTypes.get(random.nextInt(declaredTypes.size()))));
                }
                Signature built = signature.build();
                if (!signatures.contains(built)) {
                    signatures.add(built);
                }
            }
            List<FunctionMetadata> overloads = signatures.stream()
                    .map(signature -> FunctionMetadata.scalarBuilder("f").signature(signature).noDescription().build())
                    .toList();
            FunctionDeclaration declaration = new FunctionDeclaration("f", signatures.stream().map(TestFunctionDeclaration::declaration).toList());
            outcomes.add(assertResolvesAsTrino(declaration, "f", overloads, arguments(signatures.getFirst().getArgumentTypes(), random, types)));
        }
        assertThat(outcomes).filteredOn(outcome -> outcome.signature().isPresent()).hasSizeGreaterThan(5_000);
        assertThat(outcomes).filteredOn(outcome -> outcome.failedWith(AMBIGUOUS_FUNCTION_CALL)).hasSizeGreaterThan(100);
    }

    @Test
    void testCalculatedVariables()
    {
        FunctionDeclaration function = new FunctionDeclaration("f", List.of(declaration("decimal(rp,s)", Map.of("rp", "min(38, p + 1)"), "decimal(p,s)", "varchar(x)")));
        assertThat(function.resolve(List.of(Types.parse("bigint"), Types.parse("varchar(3)")))).isEqualTo(new BoundSignature(
                0,
                List.of(Types.parse("decimal(19,0)"), Types.parse("varchar(3)")),
                Types.parse("decimal(20,0)"),
                Map.of("p", 19L, "s", 0L, "x", 3L, "rp", 20L)));
    }

    @Test
    void testErrorsOfCalls()
    {
        FunctionDeclaration function = new FunctionDeclaration("f", List.of(
                declaration("bigint", Map.of(), "varchar(x)", "decimal(p,s)"),
                declaration("decimal(38,rs)", Map.of("rs", "s + 30"), "decimal(38,s)")));
        assertThatThrownBy(() -> function.resolve(List.of(Types.parse("varchar(3)"), Types.parse("boolean"))))
                .isInstanceOf(TrinoException.class)
                .hasMessage("Unexpected parameters (varchar(3), boolean) for function f. Expected: f(decimal(38,s)), f(varchar(x), decimal(p,s))");
        assertThatThrownBy(() -> function.resolve(List.of(Types.parse("decimal(20,9)"))))
                .isInstanceOf(TrinoException.class)
                .hasMessage("the function f has no result for arguments of the types [decimal(38,9)]: type decimal(38,39): DECIMAL scale must be in range [0, precision (38)]: 39");
    }

    @Test
    void testDeclarationsThatCannotBeAreRefused()
    {
        assertRefused("the function f has no signature");
        assertRefused("the function f cannot have the signature (t) -> bigint: type t is not known here; accepted are", declaration("bigint", Map.of(), "t"));
        assertRefused("the function f cannot have the signature (array(t)) -> bigint: type t is not known here; accepted are", declaration("bigint", Map.of(), "array(t)"));
        assertRefused("the function f cannot have the signature (decimal(p,s), varchar(p)) -> bigint: the variable p is of the different types decimal(p,s) and varchar(p)", declaration("bigint", Map.of(), "decimal(p,s)", "varchar(p)"));
        assertRefused("the function f cannot have the signature (bigint) -> varchar(x): the variable x of varchar(x) has no value; those that have one are []", declaration("varchar(x)", Map.of(), "bigint"));
        assertRefused("the function f cannot have the signature (varchar(x)) -> varchar(y): the variable z of 'x + z' has no value; those that have one are [x]", declaration("varchar(y)", Map.of("y", "x + z"), "varchar(x)"));
        assertRefused("the function f cannot have the signature (varchar(x)) -> varchar(y): expression 'x +': the text ends at position 4; accepted is", declaration("varchar(y)", Map.of("y", "x +"), "varchar(x)"));
    }

    private Outcome assertResolvesAsTrino(FunctionDeclaration declaration, String name, List<FunctionMetadata> overloads, List<Type> arguments)
    {
        Outcome expected = trinoOutcome(name, overloads, arguments);
        Outcome actual = outcome(declaration, arguments);
        assertThat(actual)
                .as("%s%s of %s", name, arguments, overloads.stream().map(FunctionMetadata::getSignature).toList())
                .isEqualTo(expected);
        return actual;
    }

    private static Outcome outcome(FunctionDeclaration declaration, List<Type> arguments)
    {
        try {
            return new Outcome(Optional.of(declaration.resolve(arguments)), Optional.empty());
        }
        catch (RuntimeException e) {
            return new Outcome(Optional.empty(), Optional.of(error(e)));
        }
    }

    private Outcome trinoOutcome(String name, List<FunctionMetadata> overloads, List<Type> arguments)
    {
        try {
            FunctionBinding binding = trino.bind(name, overloads, arguments);
            FunctionMetadata overload = overloads.stream()
                    .filter(candidate -> candidate.getFunctionId().equals(binding.getFunctionId()))
                    .findFirst()
                    .orElseThrow();
            ImmutableMap.Builder<String, Long> variables = ImmutableMap.builder();
            for (String variable : ImmutableSet.copyOf(overload.getSignature().toString().split("\\W+"))) {
                if (binding.containsLongVariable(variable)) {
                    variables.put(variable, binding.getLongVariable(variable));
                }
            }
            return new Outcome(
                    Optional.of(new BoundSignature(
                            overloads.indexOf(overload),
                            binding.getBoundSignature().getArgumentTypes(),
                            binding.getBoundSignature().getReturnType(),
                            variables.buildOrThrow())),
                    Optional.empty());
        }
        catch (RuntimeException e) {
            return new Outcome(Optional.empty(), Optional.of(error(e)));
        }
    }

    private static String error(RuntimeException exception)
    {
        if (!(exception instanceof TrinoException trinoException)) {
            return exception.getClass().getName();
        }
        String code = trinoException.getErrorCode().getName();
        boolean sameMessage = code.equals(FUNCTION_NOT_FOUND.name()) || code.equals(AMBIGUOUS_FUNCTION_CALL.name());
        return sameMessage ? code + ": " + exception.getMessage() : code;
    }

    private static List<Type> arguments(List<TypeSignature> declared, Random random, RandomTypes types)
    {
        List<Type> arguments = new ArrayList<>();
        declared.forEach(type -> arguments.add(types.like(type)));
        switch (random.nextInt(30)) {
            case 0 -> arguments.add(types.next());
            case 1 -> {
                if (!arguments.isEmpty()) {
                    arguments.removeLast();
                }
            }
            default -> {}
        }
        return ImmutableList.copyOf(arguments);
    }

    private static SignatureDeclaration declaration(FunctionCatalogue.Signature signature)
    {
        return new SignatureDeclaration(
                signature.arguments().stream().map(TypeParser::parse).collect(toImmutableList()),
                TypeParser.parse(signature.binding().returnType()),
                signature.binding().longVariables());
    }

    private static SignatureDeclaration declaration(Signature signature)
    {
        return new SignatureDeclaration(
                signature.getArgumentTypes(),
                signature.getReturnType(),
                signature.getLongVariableConstraints().stream()
                        .collect(toImmutableMap(LongVariableConstraint::getName, LongVariableConstraint::getExpression)));
    }

    private static SignatureDeclaration declaration(String returnType, Map<String, String> longVariableExpressions, String... argumentTypes)
    {
        return new SignatureDeclaration(
                ImmutableList.copyOf(argumentTypes).stream().map(TypeParser::parse).collect(toImmutableList()),
                TypeParser.parse(returnType),
                longVariableExpressions);
    }

    private static void assertRefused(String message, SignatureDeclaration... signatures)
    {
        assertThatThrownBy(() -> new FunctionDeclaration("f", ImmutableList.copyOf(signatures)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private record Outcome(Optional<BoundSignature> signature, Optional<String> error)
    {
        boolean failedWith(ErrorCodeSupplier code)
        {
            return error.isPresent() && error.get().startsWith(code.toErrorCode().getName());
        }
    }
}
