package dev.fieldfare.service;

import dev.fieldfare.board.ControlGroup;
import dev.fieldfare.board.MachineMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the system holds a retraining to its memory: by a limit of its own it is ended, and never the device. For one
 * retraining at a time.
 */
public interface MemoryLimit {
    /** Where the system sets no limit. */
    MemoryLimit NONE = new MemoryLimit() {
        @Override
        public List<String> command(List<String> words, long bytes) {
            return words;
        }

        @Override
        public Optional<Boolean> wasReached() {
            return Optional.of(false);
        }
    };

    /** The command line that starts this one under a limit. It keeps the number of its process. */
    List<String> command(List<String> words, long bytes);

    /** Whether what was started last wanted more than its limit; empty where the system does not tell. */
    Optional<Boolean> wasReached();

    /**
     * The limit for a retraining: its budget, an eighth and 32 MiB. The budget of a plan is the resident set of one
     * process; the kernel's limit counts besides what it keeps for that process (page tables, stacks of threads) and the
     * pages of files that were read, or are yet to be written. The kernel can drop or write those, but who has no room for
     * them reads them again and again. memory.md has what was measured. Without a budget it is three quarters of the
     * machine: the rest is for the system and for the device, which goes on looking.
     *
     * @param budget of the training's settings, in bytes; 0 for none
     * @param root {@code /}, or a folder that stands for it
     * @return bytes; 0 where nothing is known of the machine
     */
    static long bytes(long budget, Path root) {
        return budget > 0
                ? budget + budget / 8 + (32L << 20)
                : MachineMemory.read(root).map(memory -> memory.total() / 4 * 3).orElse(0L);
    }

    /** A group below that of the device, which was given over to it, as systemd does for units with {@code Delegate=memory}. */
    final class Group implements MemoryLimit {
        /** $0 is the door to the group, through which this goes before it becomes anything that takes memory. */
        private static final String ENTER = "echo $$ >\"$0\" && exec \"$@\"";

        private final ControlGroup training;
        private long before;

        /**
         * Divides the group: the device, with all that it started until now, moves into a part of its own, since the kernel
         * wants either processes or parts with limits in a group.
         *
         * @throws dev.fieldfare.FieldfareException if the system does not allow it
         */
        Group(ControlGroup own) {
            ControlGroup device = own.child("device");
            own.processes().forEach(device::take);
            own.shareMemory();
            training = own.child("training");
        }

        @Override
        public List<String> command(List<String> words, long bytes) {
            training.limitMemory(bytes);
            before = training.timesExhausted();
            List<String> all = new ArrayList<>(
                    List.of("/bin/sh", "-c", ENTER, training.door().toString()));
            all.addAll(words);
            return all;
        }

        @Override
        public Optional<Boolean> wasReached() {
            return Optional.of(training.timesExhausted() > before);
        }
    }

    /**
     * A scope that systemd makes for each retraining, as for programs that users start. What it counted is gone with it.
     *
     * @param manager whose: {@code --user} or {@code --system}
     */
    record Scope(String manager) implements MemoryLimit {
        @Override
        public List<String> command(List<String> words, long bytes) {
            List<String> all = new ArrayList<>(List.of(
                    "systemd-run",
                    manager,
                    "--scope",
                    "--quiet",
                    "--collect",
                    "-p",
                    "MemoryMax=" + bytes,
                    "-p",
                    "MemorySwapMax=0",
                    "--"));
            all.addAll(words);
            return all;
        }

        @Override
        public Optional<Boolean> wasReached() {
            return Optional.empty();
        }
    }
}
