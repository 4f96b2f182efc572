package dev.fieldfare.board;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A control group: processes whose memory the kernel counts and limits together (Linux,
 * Documentation/admin-guide/cgroup-v2.rst). Only version 2 of the interface is known here.
 *
 * @param folder that stands for it
 */
public record ControlGroup(Path folder) {
    private static final String PROCESSES = "cgroup.procs";
    private static final String CONTROLLERS = "cgroup.controllers";
    private static final String FOR_CHILDREN = "cgroup.subtree_control";
    private static final String MEMORY = "memory";

    /**
     * The group that this process is in; empty where the system has no groups of version 2.
     *
     * @param root {@code /}, or a folder that stands for it
     */
    public static Optional<ControlGroup> own(Path root) {
        SystemFiles files = new SystemFiles(root);
        // Groups of version 1 have numbers and names of controllers here.
        Optional<String> path = files.lines("/proc/self/cgroup").stream()
                .filter(line -> line.startsWith("0::/") && !line.startsWith("0::/.."))
                .map(line -> line.substring("0::/".length()))
                .findFirst();
        return top(root).flatMap(top -> path.map(own -> new ControlGroup(top.folder.resolve(own))));
    }

    /** The group that holds all others; empty where the system has no groups of version 2. */
    public static Optional<ControlGroup> top(Path root) {
        SystemFiles files = new SystemFiles(root);
        // 30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw (proc_pid_mountinfo)
        return files.lines("/proc/self/mountinfo").stream()
                .filter(line -> line.contains(" - cgroup2 "))
                .map(line -> line.split(" "))
                .filter(fields -> fields.length > 4 && fields[3].equals("/"))
                .map(fields -> new ControlGroup(files.path(fields[4])))
                .findFirst();
    }

    /** Whether the kernel can limit the memory of this group's children. */
    public boolean hasMemory() {
        return words(CONTROLLERS).contains(MEMORY);
    }

    /** Whether this process may make groups below this one, and put processes into them. */
    public boolean isGiven() {
        return List.of("", PROCESSES, FOR_CHILDREN).stream()
                .allMatch(file -> Files.isWritable(file.isEmpty() ? folder : folder.resolve(file)));
    }

    /** The numbers of the processes in this very group. */
    public List<Long> processes() {
        return words(PROCESSES).stream().map(Long::valueOf).toList();
    }

    /**
     * The group of this name below this one, which is made where there is none.
     *
     * @throws FieldfareException if the system does not allow it
     */
    public ControlGroup child(String name) {
        Path child = folder.resolve(name);
        try {
            Files.createDirectories(child);
        } catch (IOException e) {
            throw refused(child, e);
        }
        return new ControlGroup(child);
    }

    /**
     * Lets groups below this one have limits of memory. No process may be in this very group then ("no internal
     * processes").
     *
     * @throws FieldfareException if the system does not allow it
     */
    public void shareMemory() {
        write(FOR_CHILDREN, "+" + MEMORY);
    }

    /**
     * Puts a process into this group.
     *
     * @throws FieldfareException if the system does not allow it
     */
    public void take(long process) {
        write(PROCESSES, Long.toString(process));
    }

    /** The file to which a process writes its own number to be in this group. */
    public Path door() {
        return folder.resolve(PROCESSES);
    }

    /**
     * Limits the memory of this group's processes together, and keeps them out of swap. Who needs more is killed.
     *
     * @throws FieldfareException if the system does not allow it
     */
    public void limitMemory(long bytes) {
        write("memory.max", Long.toString(bytes));
        // A kernel that was built without swap has no such file.
        if (Files.exists(folder.resolve("memory.swap.max"))) {
            write("memory.swap.max", "0");
        }
    }

    /** How often this group's processes wanted more than their limit and could not have it. */
    public long timesExhausted() {
        return text("memory.events")
                .lines()
                .filter(line -> line.startsWith("oom "))
                .mapToLong(
                        line -> Long.parseLong(line.substring("oom ".length()).strip()))
                .findFirst()
                .orElse(0);
    }

    private List<String> words(String file) {
        return Arrays.stream(text(file).split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** What a file says; nothing where it is not there, as files of controllers that are not at work are. */
    private String text(String file) {
        Path path = folder.resolve(file);
        if (!Files.isReadable(path)) {
            return "";
        }
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw refused(path, e);
        }
    }

    private void write(String file, String value) {
        Path path = folder.resolve(file);
        try {
            Files.writeString(path, value);
        } catch (IOException e) {
            throw refused(path, e);
        }
    }

    private static FieldfareException refused(Path path, IOException e) {
        return new FieldfareException("the kernel's control group refuses " + path + ": " + e.getMessage(), e);
    }
}
