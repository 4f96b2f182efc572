package dev.fieldfare.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/** The configuration file of a running device, watched for changes. For one thread. */
final class ConfigFile {
    private final Path file;
    private Optional<FileTime> known;

    ConfigFile(Path file) {
        this.file = file;
        this.known = time();
    }

    /** A file that is away for a moment, as while an editor writes it, has no time. */
    private Optional<FileTime> time() {
        try {
            return Optional.of(Files.getLastModifiedTime(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * The configuration, if the file was changed since it was last asked for.
     *
     * @throws dev.fieldfare.FieldfareException if it is wrong; said once for each change, and the device goes by the old one
     */
    Optional<DeviceConfig> changed() {
        Optional<FileTime> now = time();
        if (now.isEmpty() || now.equals(known)) {
            return Optional.empty();
        }
        known = now;
        return Optional.of(DeviceConfig.read(file));
    }
}
