package dev.fieldfare.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a disk may hold after a power cut. Only what was synced is sure to be there: a file's content when the file was, a
 * name when its folder was. Of all else, names come and go in any order (or in theirs, on a disk with a journal), and
 * contents are there, missing, torn, or zeros.
 */
public final class CrashedDisk {
    private final Node root = new Node(true);
    private final List<Change> unsynced = new ArrayList<>();

    /** A file or a folder, whatever names it has. */
    private static final class Node {
        private final boolean folder;
        private final Map<String, Node> names = new TreeMap<>();
        private byte[] content = new byte[0];
        private byte[] synced = new byte[0];
        private final List<byte[]> between = new ArrayList<>();
        /** As the disk has them. */
        private final Map<String, Node> syncedNames = new TreeMap<>();

        Node(boolean folder) {
            this.folder = folder;
        }
    }

    /** A change of names that is not sure to be on the disk. */
    private record Change(
            @Nullable Node from, String fromName, @Nullable Node to, String toName, Node node) {
        void apply() {
            if (from != null && from.syncedNames.get(fromName) == node) {
                from.syncedNames.remove(fromName);
            }
            if (to != null) {
                to.syncedNames.put(toName, node);
            }
        }

        boolean touches(Node folder) {
            return from == folder || to == folder;
        }
    }

    /** How the disk orders what is not synced. */
    public enum Order {
        /** Nothing of it is there. */
        LOST,
        /** All of it is there. */
        THERE,
        /** Names in the order in which they changed, up to some; contents at random. */
        JOURNAL,
        /** Any names, and contents at random. */
        ANY
    }

    /** The disk after the first so many operations. */
    public CrashedDisk(List<Operation> operations) {
        operations.forEach(this::follow);
    }

    private Node find(Path path) {
        Node node = root;
        for (Path name : path) {
            if (!name.toString().isEmpty()) {
                node = Objects.requireNonNull(node.names.get(name.toString()), path::toString);
            }
        }
        return node;
    }

    private Node parent(Path path) {
        return path.getParent() == null ? root : find(path.getParent());
    }

    private void follow(Operation operation) {
        switch (operation) {
            case Operation.Make make -> {
                Node node = new Node(make.folder());
                change(null, "", parent(make.path()), name(make.path()), node);
            }
            case Operation.Write write -> {
                Node node = find(write.path());
                int end = Math.toIntExact(write.offset() + write.bytes().length);
                byte[] content = Arrays.copyOf(node.content, Math.max(end, node.content.length));
                java.lang.System.arraycopy(write.bytes(), 0, content, (int) write.offset(), write.bytes().length);
                contents(node, content);
            }
            case Operation.Truncate truncate -> {
                Node node = find(truncate.path());
                contents(node, Arrays.copyOf(node.content, (int) truncate.size()));
            }
            case Operation.Sync sync -> {
                Node node = find(sync.path());
                node.synced = node.content;
                node.between.clear();
                unsynced.stream().filter(change -> change.touches(node)).forEach(Change::apply);
                unsynced.removeIf(change -> change.touches(node));
            }
            case Operation.Rename rename -> {
                Node node = find(rename.from());
                change(parent(rename.from()), name(rename.from()), parent(rename.to()), name(rename.to()), node);
            }
            case Operation.Delete delete ->
                change(parent(delete.path()), name(delete.path()), null, "", find(delete.path()));
        }
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static void contents(Node node, byte[] content) {
        node.between.add(content);
        node.content = content;
    }

    private void change(@Nullable Node from, String fromName, @Nullable Node to, String toName, Node node) {
        if (from != null) {
            from.names.remove(fromName);
        }
        if (to != null) {
            to.names.put(toName, node);
        }
        unsynced.add(new Change(from, fromName, to, toName, node));
    }

    /** Writes into a folder what the disk may hold when power comes back; the disk is as it is then. */
    public void powerCut(Order order, RandomGenerator random, Path into) throws IOException {
        int first = order == Order.JOURNAL ? random.nextInt(unsynced.size() + 1) : 0;
        for (int i = 0; i < unsynced.size(); i++) {
            boolean there = switch (order) {
                case LOST -> false;
                case THERE -> true;
                case JOURNAL -> i < first;
                case ANY -> random.nextBoolean();
            };
            if (there) {
                unsynced.get(i).apply();
            }
        }
        write(root, order, random, into);
    }

    private static void write(Node folder, Order order, RandomGenerator random, Path into) throws IOException {
        Files.createDirectories(into);
        for (Map.Entry<String, Node> entry : folder.syncedNames.entrySet()) {
            Path path = into.resolve(entry.getKey());
            Node node = entry.getValue();
            if (node.folder) {
                write(node, order, random, path);
            } else {
                Files.write(path, content(node, order, random));
            }
        }
    }

    private static byte[] content(Node node, Order order, RandomGenerator random) {
        if (node.between.isEmpty() || order == Order.LOST) {
            return node.synced;
        }
        if (order == Order.THERE) {
            return node.content;
        }
        byte[] some = node.between.get(random.nextInt(node.between.size()));
        return switch (random.nextInt(4)) {
            case 0 -> node.synced;
            case 1 -> node.content;
            case 2 -> Arrays.copyOf(some, random.nextInt(some.length + 1)); // torn
            default -> zeroed(some, random);
        };
    }

    /** The size is on the disk, but not all blocks are. */
    private static byte[] zeroed(byte[] content, RandomGenerator random) {
        byte[] bytes = content.clone();
        if (bytes.length > 0) {
            int from = random.nextInt(bytes.length);
            Arrays.fill(bytes, from, random.nextInt(from, bytes.length) + 1, (byte) 0);
        }
        return bytes;
    }
}
