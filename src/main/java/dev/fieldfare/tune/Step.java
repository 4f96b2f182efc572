package dev.fieldfare.tune;

import java.util.List;

/**
 * One of the seven steps.
 *
 * @param number 1 to 7
 * @param name what it is
 * @param findings what was seen, at least one
 * @param seconds it took
 */
public record Step(int number, String name, List<Finding> findings, double seconds) {
    public Step {
        findings = List.copyOf(findings);
    }

    /** Whether something is wrong. */
    public boolean failed() {
        return findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.PROBLEM);
    }
}
