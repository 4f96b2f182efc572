package dev.fieldfare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fieldfare.board.Finding;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {
    @Test
    void onThisMachineTheEngineWorks() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), "doctor", "--json");
        JsonNode checks = new ObjectMapper().readTree(out.toString()).get("checks");
        Set<String> names = new TreeSet<>();
        boolean fails = false;
        for (JsonNode check : checks) {
            names.add(check.get("name").asText());
            fails |= check.get("status").asText().equals("FAIL");
            assertEquals(
                    check.get("status").asText().equals("OK"),
                    check.get("advice").asText().isEmpty(),
                    check.toString());
            if (check.get("name").asText().equals("engine")) {
                assertTrue(check.get("found").asText().startsWith("ONNX Runtime 1."), check.toString());
            }
        }
        assertEquals(fails ? 1 : 0, status);
        assertTrue(
                names.containsAll(
                        Set.of("system", "java", "engine", "processor", "limit", "camera", "disk", "clock", "groups")),
                names.toString());
    }

    /** What a child looks like that met an instruction which its processor does not know. */
    @Test
    void illegalInstructionIsAFinding() throws InterruptedException {
        Finding finding = EngineCheck.run(List.of("/bin/sh", "-c", "kill -ILL $$"));
        assertEquals(Finding.Status.FAIL, finding.status());
        assertTrue(finding.found().contains("signal 4"), finding.found());
        Finding missing = EngineCheck.run(List.of("/bin/sh", "-c", "echo libonnxruntime.so: not found; exit 1"));
        assertTrue(missing.found().contains("libonnxruntime.so: not found"), missing.found());
    }
}
