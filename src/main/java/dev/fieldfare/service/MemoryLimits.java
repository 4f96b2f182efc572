package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.board.ControlGroup;
import dev.fieldfare.board.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Finds out by which means the system can limit the memory of a retraining. Nothing is changed by looking.
 *
 * @param root {@code /}, or a folder that stands for it
 */
public record MemoryLimits(Path root) {
    private static final String NAME = "limit";
    private static final String ALL_THE_SAME =
            "the system sets no memory limit for retraining, which keeps to its plan all the same: ";

    private static final long PATIENCE_SECONDS = 10;

    /** A size of whole pages on every board. */
    private static final long TRIED = 64 << 20;

    /** Prints the limit of the group that it is in. */
    private static final String SHOW = "cat \"/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max\"";

    /** A means, or why there is none. */
    private record Found(Optional<Supplier<MemoryLimit>> limit, Finding finding) {}

    /** What there is, for people. */
    public Finding finding() {
        return find().finding();
    }

    /**
     * The means that there is; where there is none, that is said once.
     *
     * @param log takes a sentence
     */
    public MemoryLimit open(Consumer<String> log) {
        Found found = find();
        if (found.limit().isEmpty()) {
            log.accept(found.finding().found() + ". To have one: "
                    + found.finding().advice());
            return MemoryLimit.NONE;
        }
        try {
            return found.limit().get().get();
        } catch (FieldfareException e) {
            log.accept(ALL_THE_SAME + e.getMessage());
            return MemoryLimit.NONE;
        }
    }

    private Found find() {
        Optional<ControlGroup> own = ControlGroup.own(root);
        if (own.isEmpty()) {
            return none(
                    "it has no control groups of version 2",
                    "systems of 2022 or later have them, such as Raspberry Pi OS 12");
        }
        if (!ControlGroup.top(root).filter(ControlGroup::hasMemory).isPresent()) {
            return none(
                    "the kernel's control of memory is switched off, or in use by control groups of version 1",
                    "on a Raspberry Pi, append cgroup_enable=memory to the one line of /boot/firmware/cmdline.txt, and"
                            + " restart; elsewhere, systemd.unified_cgroup_hierarchy=1");
        }
        boolean systemd = Files.isDirectory(root.resolve("run/systemd/system"));
        // What is root's may still be systemd's: only who is somebody else can tell by his rights.
        if ((!systemd || !isRoot()) && isOurs(own.get())) {
            return new Found(
                    Optional.of(() -> new MemoryLimit.Group(own.get())),
                    Finding.ok(NAME, "the system limits the memory of retraining: this control group may be divided"));
        }
        MemoryLimit.Scope scope = new MemoryLimit.Scope(isRoot() ? "--system" : "--user");
        if (systemd && works(scope)) {
            return new Found(
                    Optional.of(() -> scope),
                    Finding.ok(NAME, "the system limits the memory of retraining: by systemd-run " + scope.manager()));
        }
        return none(
                "this program may not divide its control group",
                "in a unit of systemd, write Delegate=memory below [Service]; by hand, log in as the user and not by"
                        + " su or sudo, so that systemd-run --user works");
    }

    private static Found none(String reason, String advice) {
        return new Found(Optional.empty(), Finding.warn(NAME, ALL_THE_SAME + reason, advice));
    }

    private boolean isRoot() {
        try {
            return Files.getAttribute(root.resolve("proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            return false; // a system without /proc has no control groups either
        }
    }

    /** Whether nobody else lives in the group, and it was given to us. */
    private static boolean isOurs(ControlGroup group) {
        ProcessHandle self = ProcessHandle.current();
        Set<Long> ours = self.descendants().map(ProcessHandle::pid).collect(Collectors.toSet());
        ours.add(self.pid());
        return group.hasMemory() && group.isGiven() && ours.containsAll(group.processes());
    }

    /** Tries it: a systemd that may not limit memory makes a scope all the same, without a word. */
    private static boolean works(MemoryLimit limit) {
        try {
            Process trial = new ProcessBuilder(limit.command(List.of("/bin/sh", "-c", SHOW), TRIED))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!trial.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                trial.destroyForcibly();
                return false;
            }
            String said = new String(trial.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return said.strip().equals(Long.toString(TRIED));
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
