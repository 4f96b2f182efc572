package dev.fieldfare.disk;

import java.nio.file.Path;

/** What a program did to a disk; paths are relative to its root. */
public sealed interface Operation {
    /** A file or a folder appeared. */
    record Make(Path path, boolean folder) implements Operation {}

    record Write(Path path, long offset, byte[] bytes) implements Operation {}

    record Truncate(Path path, long size) implements Operation {}

    /** A file's content, or a folder's names, are on the disk. */
    record Sync(Path path) implements Operation {}

    record Rename(Path from, Path to) implements Operation {}

    record Delete(Path path) implements Operation {}
}
