package dev.fieldfare.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of power_supply, hwmon and the Pi's firmware, as kernels have them. */
class PowerTest {
    @TempDir
    private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve("sys").resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content + "\n");
    }

    @Test
    void theBatteryThatFeedsTheMachine() throws IOException {
        assertEquals(Optional.empty(), Battery.read(root));
        file("class/power_supply/AC/type", "Mains");
        file("class/power_supply/hidpp_battery_0/type", "Battery");
        file("class/power_supply/hidpp_battery_0/scope", "Device");
        file("class/power_supply/hidpp_battery_0/capacity", "5");
        assertEquals(Optional.empty(), Battery.read(root));
        file("class/power_supply/BAT0/type", "Battery");
        file("class/power_supply/BAT0/capacity", "73");
        file("class/power_supply/BAT0/status", "Discharging");
        assertEquals(Optional.of(new Battery(73, true)), Battery.read(root));
        file("class/power_supply/BAT1/type", "Battery");
        file("class/power_supply/BAT1/capacity", "20");
        file("class/power_supply/BAT1/status", "Charging");
        assertEquals(Optional.of(new Battery(20, false)), Battery.read(root));
    }

    @Test
    void theKernelsWatchOverTheVoltageCounts() throws IOException {
        file("class/hwmon/hwmon0/name", "cpu_thermal");
        file("class/hwmon/hwmon0/in0_lcrit_alarm", "1");
        assertFalse(Heat.read(root).isUnderVoltage());
        file("class/hwmon/hwmon1/name", "rpi_volt");
        file("class/hwmon/hwmon1/in0_lcrit_alarm", "1");
        assertTrue(Heat.read(root).isUnderVoltage());
        file("devices/platform/soc/soc:firmware/get_throttled", "4");
        assertTrue(Heat.read(root).isUnderVoltage());
        assertTrue(Heat.read(root).isSlowed());
    }

    @Test
    void theFirmwareOfAPi5LiesElsewhere() throws IOException {
        file("devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "50005");
        assertTrue(Heat.read(root).isUnderVoltage());
        assertTrue(Heat.read(root).wasSlowed());
    }
}
