package dev.fieldfare.cli;

import dev.fieldfare.service.DeviceConfig;
import dev.fieldfare.service.DeviceFolder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which device. */
final class DeviceOptions {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "CONFIG",
            description = "What the device is told (YAML); device-config/ has one for each board.")
    Path config = Path.of("");

    DeviceConfig read() {
        return DeviceConfig.read(config);
    }

    DeviceFolder folder(DeviceConfig device) {
        return DeviceFolder.of(config, device, ShippedModel.file());
    }
}
