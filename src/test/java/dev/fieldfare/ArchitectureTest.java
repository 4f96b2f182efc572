package dev.fieldfare;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.lang.foreign.Linker;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the house together: which room may import which, and who alone may touch what. */
class ArchitectureTest {
    private static final String ROOT = "dev.fieldfare.";

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.fieldfare");

    /** What each room may import; a room imports only rooms that stand above it here. */
    private static final Map<String, Set<String>> ROOMS = rooms();

    private static Map<String, Set<String>> rooms() {
        Map<String, Set<String>> rooms = new LinkedHashMap<>();
        rooms.put("files", Set.of());
        rooms.put("kernel", Set.of());
        rooms.put("onnx", Set.of("files"));
        rooms.put("image", Set.of());
        rooms.put("board", Set.of());
        rooms.put("autodiff", Set.of("onnx"));
        rooms.put("runtime", Set.of("onnx"));
        rooms.put("noise", Set.of("onnx", "image"));
        rooms.put("camera", Set.of("image", "kernel"));
        rooms.put("model", Set.of("onnx", "image", "noise", "files"));
        rooms.put("predict", Set.of("model", "runtime", "noise", "image", "onnx"));
        rooms.put("report", Set.of("predict"));
        rooms.put("gpio", Set.of("kernel"));
        rooms.put(
                "train",
                Set.of(
                        "predict",
                        "report",
                        "autodiff",
                        "model",
                        "runtime",
                        "noise",
                        "image",
                        "onnx",
                        "board",
                        "files"));
        rooms.put("tune", Set.of("train", "predict", "report", "model", "noise", "board", "files"));
        rooms.put("service", new HashSet<>(rooms.keySet()));
        rooms.put("mqtt", Set.of("service", "image"));
        rooms.put("web", Set.of("service"));
        rooms.put("cli", new HashSet<>(rooms.keySet()));
        return rooms;
    }

    /** Libraries and parts of the JDK that only some rooms know. */
    private static Stream<Arguments> fences() {
        return Stream.of(
                fence("onnx", "com.google.protobuf..", "ai.onnx.proto..", "org.tribuo.."),
                fence("runtime", "ai.onnxruntime.."),
                fence("gpio", "com.pi4j.."),
                fence("cli", "picocli..", "me.tongfei.progressbar..", "org.jline.."),
                fence("mqtt", "org.eclipse.paho.."),
                fence("model train service mqtt web cli", "com.fasterxml.jackson..", "org.yaml.snakeyaml.."),
                fence("image", "com.drew..", "com.twelvemonkeys.."),
                fence("image camera train", "java.awt..", "javax.imageio.."),
                fence("web", "com.sun.net.httpserver.."),
                fence("cli", "sun.misc.."),
                fence("", "java.lang.reflect.."));
    }

    /** Things that only one room does. */
    private static Stream<Arguments> deeds() {
        return Stream.of(
                Arguments.of("noise", MAKE_RANDOMNESS),
                Arguments.of("kernel", CALL_C),
                Arguments.of("cli", READ_THE_CLOCK),
                Arguments.of("cli", PRINT),
                Arguments.of("cli", EXIT));
    }

    private static final DescribedPredicate<JavaAccess<?>> MAKE_RANDOMNESS = DescribedPredicate.describe(
            "makes a random generator (ask noise.Seed for one, or take one as a parameter)", access -> {
                String made = name(access);
                boolean constructed = access.getTarget().getName().equals("<init>")
                        && access.getTargetOwner().isAssignableTo(RandomGenerator.class);
                boolean shuffled = made.equals("java.util.Collections.shuffle") && parameters(access) == 1;
                return constructed
                        || shuffled
                        || access.getTargetOwner().isEquivalentTo(RandomGeneratorFactory.class)
                        || access.getTargetOwner().isEquivalentTo(ThreadLocalRandom.class)
                        || Set.of(
                                        "java.util.random.RandomGenerator.of",
                                        "java.util.random.RandomGenerator.getDefault",
                                        "java.security.SecureRandom.getInstance",
                                        "java.security.SecureRandom.getInstanceStrong",
                                        "java.lang.Math.random",
                                        "java.lang.StrictMath.random",
                                        "java.util.UUID.randomUUID")
                                .contains(made);
            });

    private static final DescribedPredicate<JavaAccess<?>> CALL_C = DescribedPredicate.describe(
            "calls functions of C (put the call into kernel)",
            access -> access.getTargetOwner().isAssignableTo(Linker.class));

    private static final DescribedPredicate<JavaAccess<?>> READ_THE_CLOCK = DescribedPredicate.describe(
            "reads the time itself (take a Clock or an InstantSource as a parameter)", access -> {
                String read = name(access);
                boolean now = read.startsWith("java.time.") && read.endsWith(".now") && !takesClock(access);
                boolean date = read.equals("java.util.Date.<init>") && parameters(access) == 0;
                return now
                        || date
                        || read.startsWith("java.time.Clock.system")
                        || read.startsWith("java.time.Clock.tick") && !takesClock(access)
                        || Set.of(
                                        "java.time.InstantSource.system",
                                        "java.lang.System.currentTimeMillis",
                                        "java.lang.System.nanoTime")
                                .contains(read);
            });

    private static final DescribedPredicate<JavaAccess<?>> PRINT = DescribedPredicate.describe(
            "prints",
            access -> Set.of("java.lang.System.out", "java.lang.System.err", "java.lang.System.console")
                            .contains(name(access))
                    || access.getTarget().getName().equals("printStackTrace") && parameters(access) == 0);

    private static final DescribedPredicate<JavaAccess<?>> EXIT = DescribedPredicate.describe(
            "ends the process",
            access -> Set.of("java.lang.System.exit", "java.lang.Runtime.exit", "java.lang.Runtime.halt")
                    .contains(name(access)));

    @Test
    void everyRoomIsInTheTableAndArrowsPointOneWay() {
        Set<String> existing = new TreeSet<>();
        HOUSE.forEach(type -> {
            if (type.getPackageName().startsWith(ROOT)) {
                existing.add(type.getPackageName().substring(ROOT.length()).replaceFirst("\\..*", ""));
            }
        });
        assertFalse(existing.isEmpty());
        existing.removeAll(ROOMS.keySet());
        assertEquals(Set.of(), existing, "rooms that the table does not know");

        Set<String> above = new HashSet<>();
        ROOMS.forEach((room, imports) -> {
            assertTrue(above.containsAll(imports), room + " may import " + imports + ", above it are " + above);
            above.add(room);
        });
    }

    @ParameterizedTest
    @MethodSource("table")
    void roomImportsOnlyWhatTheTableLists(String room, Set<String> imports) {
        String[] others = ROOMS.keySet().stream()
                .filter(other -> !other.equals(room) && !imports.contains(other))
                .map(other -> ROOT + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that(resideInAPackage(ROOT + room + ".."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(others))
                .because("it may import " + new TreeSet<>(imports))
                .allowEmptyShould(true)
                .check(HOUSE);
    }

    private static Stream<Arguments> table() {
        return ROOMS.entrySet().stream().map(row -> Arguments.of(row.getKey(), row.getValue()));
    }

    @Test
    void rootHoldsOnlyTheExceptionThatAllRoomsShare() {
        List<String> found = HOUSE.stream()
                .filter(type -> type.getPackageName().equals("dev.fieldfare"))
                .map(type -> type.getSimpleName())
                .filter(name -> !name.equals("package-info"))
                .toList();
        assertEquals(List.of("FieldfareException"), found);
    }

    @ParameterizedTest
    @MethodSource("fences")
    void libraryStaysBehindItsFence(Set<String> insiders, String[] packages) {
        noClasses()
                .that(resideInAPackage("dev.fieldfare.."))
                .and(DescribedPredicate.not(resideInAnyPackage(packagesOf(insiders))))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages))
                .check(HOUSE);
    }

    @ParameterizedTest
    @MethodSource("deeds")
    void onlyOneRoomDoes(String room, DescribedPredicate<JavaAccess<?>> deed) {
        outside(room, deed).check(HOUSE);
    }

    /** The rules above would also hold if they saw nothing; each of these offenders does one forbidden thing. */
    @ParameterizedTest
    @ValueSource(
            classes = {
                Constructs.class,
                Refers.class,
                Calls.class,
                Shuffles.class,
                Identifies.class,
                Links.class,
                Dates.class,
                Times.class,
                Prints.class,
                Exits.class
            })
    void offenderIsSeen(Class<?> offender) {
        JavaClasses offenders = new ClassFileImporter().importClasses(offender);
        long seen = deeds().map(Arguments::get)
                .filter(deed -> outside((String) deed[0], cast(deed[1]))
                        .evaluate(offenders)
                        .hasViolation())
                .count();
        assertEquals(1, seen, offender.getSimpleName());
    }

    /** What is handed a generator or a clock offends nobody. */
    @Test
    void innocentIsNot() {
        JavaClasses innocent = new ClassFileImporter().importClasses(Innocent.class);
        deeds().map(Arguments::get)
                .forEach(deed -> outside((String) deed[0], cast(deed[1])).check(innocent));
    }

    private static ArchRule outside(String room, DescribedPredicate<JavaAccess<?>> deed) {
        return noClasses()
                .that(DescribedPredicate.not(resideInAPackage(ROOT + room + "..")))
                .should()
                .accessTargetWhere(deed);
    }

    @SuppressWarnings("unchecked") // an Arguments knows no types
    private static DescribedPredicate<JavaAccess<?>> cast(Object deed) {
        return (DescribedPredicate<JavaAccess<?>>) deed;
    }

    private static Arguments fence(String insiders, String... packages) {
        return Arguments.of(insiders.isEmpty() ? Set.of() : Set.of(insiders.split(" ")), packages);
    }

    private static String[] packagesOf(Set<String> rooms) {
        return rooms.stream().map(room -> ROOT + room + "..").toArray(String[]::new);
    }

    private static String name(JavaAccess<?> access) {
        return access.getTargetOwner().getName() + "." + access.getTarget().getName();
    }

    private static int parameters(JavaAccess<?> access) {
        return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target
                ? target.getRawParameterTypes().size()
                : 0;
    }

    private static boolean takesClock(JavaAccess<?> access) {
        return access.getTarget() instanceof AccessTarget.CodeUnitAccessTarget target
                && target.getRawParameterTypes().stream().anyMatch(type -> type.isEquivalentTo(Clock.class));
    }

    private static final class Constructs {
        final RandomGenerator made = new Random(1);
    }

    private static final class Refers {
        final Supplier<RandomGenerator> maker = Random::new;
    }

    private static final class Calls {
        final double drawn = ThreadLocalRandom.current().nextDouble() + Math.random();
    }

    private static final class Shuffles {
        static void shuffle(List<String> list) {
            Collections.shuffle(list);
        }
    }

    private static final class Identifies {
        final String name = UUID.randomUUID().toString();
    }

    private static final class Links {
        final Linker linker = Linker.nativeLinker();
    }

    private static final class Dates {
        final LocalDate today = LocalDate.now(java.time.ZoneOffset.UTC);
    }

    private static final class Times {
        final long start = System.nanoTime();
    }

    private static final class Prints {
        final PrintStream stream = System.out;
    }

    private static final class Exits {
        static void exit() {
            Runtime.getRuntime().exit(1);
        }
    }

    private static final class Innocent {
        static String work(RandomGenerator random, Clock clock, List<String> list) {
            Collections.shuffle(list, Random.from(random));
            return Instant.now(clock) + " " + LocalDate.now(clock) + random.nextInt();
        }
    }
}
