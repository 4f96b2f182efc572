package dev.fieldfare.cli;

import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.DeviceFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which device. */
final class DeviceOptions {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "CONFIG",
            description = "What the device is told (YAML), required; device-config/ has one for each board.")
    @Nullable
    Path config;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    /** The file; only what needs no device does without. */
    Path file() {
        if (config == null) {
            throw new ParameterException(spec.commandLine(), "Missing required option: '--config=CONFIG'");
        }
        return config;
    }

    DeviceConfig read() {
        return DeviceConfig.read(file());
    }

    DeviceFolder folder(DeviceConfig device) {
        return DeviceFolder.of(file(), device, ShippedModel.file());
    }
}
