package dev.fieldfare.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;

/** Our layouts beside a header of the kernel's, as this machine's C compiler reads it. */
public final class CHeader {
    private CHeader() {}

    /** Sizes, offsets and request numbers are what C says; skips where there is no compiler or no header. */
    public static void assertAgrees(String header, List<StructType> structs, List<Ioctl> requests, Path folder)
            throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/cc"))
                        && Files.exists(Path.of("/usr/include").resolve(header)),
                "no C compiler or no " + header + " here");
        Map<String, Long> ours = new TreeMap<>();
        StringBuilder program = new StringBuilder("#include <stdio.h>\n#include <stddef.h>\n#include <sys/time.h>\n");
        program.append("#include <").append(header).append(">\nint main(void) {\n");
        for (StructType struct : structs) {
            ours.put("sizeof " + struct.name(), struct.size());
            line(program, "sizeof " + struct.name(), "sizeof(struct " + struct.name() + ")");
            struct.offsets().forEach((field, offset) -> {
                ours.put(struct.name() + "." + field, offset);
                line(program, struct.name() + "." + field, "offsetof(struct " + struct.name() + ", " + field + ")");
            });
        }
        for (Ioctl request : requests) {
            ours.put(request.name(), request.number());
            line(program, request.name(), request.name());
        }
        program.append("return 0; }\n");
        assertEquals(ours, run(program.toString(), folder));
    }

    private static void line(StringBuilder program, String name, String expression) {
        program.append("printf(\"")
                .append(name)
                .append("=%lu\\n\", (unsigned long) ")
                .append(expression)
                .append(");\n");
    }

    private static Map<String, Long> run(String program, Path folder) throws IOException, InterruptedException {
        Path source = Files.writeString(folder.resolve("layout.c"), program);
        Path binary = folder.resolve("layout");
        assertEquals("", output("/usr/bin/cc", "-o", binary.toString(), source.toString()));
        Map<String, Long> theirs = new TreeMap<>();
        output(binary.toString()).lines().forEach(line -> {
            int equals = line.lastIndexOf('=');
            theirs.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 1)));
        });
        return theirs;
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
