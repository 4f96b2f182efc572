package dev.fieldfare.disk;

import dev.fieldfare.noise.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Cuts the power after each operation of a piece of work, and looks at what the disk may hold then. */
public final class PowerCuts {
    /** States of the disk at random of each kind, besides the two extremes, at each instant. */
    private static final int RANDOM_STATES = Integer.getInteger("fieldfare.powerCuts.states", 2);

    private PowerCuts() {}

    /** Looks at a disk after a power cut. */
    @FunctionalInterface
    public interface Check {
        /**
         * Fails if something is lost.
         *
         * @param disk the folder that it is in
         * @param operations that were done before the cut
         */
        void check(Path disk, int operations) throws Exception;
    }

    /** A folder for files that are to be written often: in memory, where there is such a place. */
    public static Path folder() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "fieldfare")
                : Files.createTempDirectory("fieldfare");
    }

    /**
     * Checks all instants.
     *
     * @return how many states were looked at
     */
    public static int everywhere(List<Operation> log, String purpose, Check check) throws Exception {
        int states = 0;
        for (int operations = 0; operations <= log.size(); operations++) {
            List<CrashedDisk.Order> orders = Stream.concat(
                            Stream.of(CrashedDisk.Order.LOST, CrashedDisk.Order.THERE),
                            Stream.of(CrashedDisk.Order.JOURNAL, CrashedDisk.Order.ANY)
                                    .flatMap(order ->
                                            Stream.generate(() -> order).limit(RANDOM_STATES)))
                    .toList();
            for (int i = 0; i < orders.size(); i++) {
                RandomGenerator random = new Seed(1).generator(purpose, operations, i);
                Path disk = folder();
                try {
                    new CrashedDisk(log.subList(0, operations)).powerCut(orders.get(i), random, disk);
                    check.check(disk, operations);
                } catch (Exception | AssertionError e) {
                    String last = operations == 0
                            ? "nothing"
                            : log.get(operations - 1).toString();
                    throw new AssertionError(
                            "power cut after " + operations + " operations, the last " + last + ", " + orders.get(i)
                                    + " " + i + ", disk in " + disk + ": " + e,
                            e);
                }
                delete(disk);
                states++;
            }
        }
        return states;
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) throws IOException {
        dev.fieldfare.files.Folders.delete(folder);
    }
}
