package dev.fieldfare.board;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fieldfare.board.Board.Battery;
import dev.fieldfare.board.Board.Memory;
import dev.fieldfare.board.Board.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoardTest {
    @TempDir
    private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Board board() {
        return new Board(root);
    }

    @Test
    void aBoardThatTellsNothing() {
        assertEquals(Optional.empty(), board().model());
        assertEquals(OptionalDouble.empty(), board().temperature());
        assertEquals(Set.of(), board().troubles());
        assertEquals(Optional.empty(), board().battery());
        assertEquals(Optional.empty(), board().memory());
    }

    /** Files as a Pi 4 has them. */
    @Test
    void aPi() throws IOException {
        file("proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0");
        file("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
        file("sys/class/thermal/thermal_zone0/temp", "52582\n");
        file("proc/meminfo", "MemTotal:        3884272 kB\nMemFree:          123456 kB\nMemAvailable:    3200000 kB\n");
        assertEquals(Optional.of("Raspberry Pi 4 Model B Rev 1.4"), board().model());
        assertEquals(OptionalDouble.of(52.582), board().temperature());
        assertEquals(Optional.of(new Memory(3884272L * 1024, 3200000L * 1024)), board().memory());
    }

    /** Bits 0 to 3 are about now, 16 to 19 about the time since the start. */
    @ParameterizedTest
    @CsvSource({
        "0, ''",
        "1, UNDER_VOLTAGE",
        "2, SLOWED",
        "4, SLOWED",
        "8, HOT",
        "50005, UNDER_VOLTAGE SLOWED",
        "f0000, ''",
        "0x8, HOT"
    })
    void whatTheFirmwareSays(String flags, String expected) throws IOException {
        file("sys/devices/platform/soc/soc:firmware/get_throttled", flags + "\n");
        EnumSet<Trouble> troubles = EnumSet.noneOf(Trouble.class);
        for (String trouble : expected.isEmpty() ? new String[0] : expected.split(" ")) {
            troubles.add(Trouble.valueOf(trouble));
        }
        assertEquals(troubles, board().troubles());
    }

    @Test
    void theVoltageMonitorIsAskedToo() throws IOException {
        file("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
        file("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n");
        assertEquals(Set.of(), board().troubles());
        file("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
        file("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
        assertEquals(Set.of(Trouble.UNDER_VOLTAGE), board().troubles());
    }

    @Test
    void ofManyZonesTheProcessorsHottest() throws IOException {
        file("sys/class/thermal/thermal_zone0/type", "acpitz");
        file("sys/class/thermal/thermal_zone0/temp", "99000");
        file("sys/class/thermal/thermal_zone1/type", "x86_pkg_temp");
        file("sys/class/thermal/thermal_zone1/temp", "61000");
        file("sys/class/thermal/thermal_zone2/type", "cpu0-thermal");
        file("sys/class/thermal/thermal_zone2/temp", "not now");
        assertEquals(OptionalDouble.of(61), board().temperature());
    }

    @Test
    void theBatteryThatFeedsTheBoard() throws IOException {
        file("sys/class/power_supply/AC/type", "Mains");
        file("sys/class/power_supply/hidpp_battery_0/type", "Battery");
        file("sys/class/power_supply/hidpp_battery_0/scope", "Device");
        file("sys/class/power_supply/hidpp_battery_0/capacity", "5");
        assertEquals(Optional.empty(), board().battery());
        file("sys/class/power_supply/BAT0/type", "Battery");
        file("sys/class/power_supply/BAT0/capacity", "73");
        file("sys/class/power_supply/BAT0/status", "Discharging");
        assertEquals(Optional.of(new Battery(73, true)), board().battery());
        file("sys/class/power_supply/BAT1/type", "Battery");
        file("sys/class/power_supply/BAT1/capacity", "20");
        file("sys/class/power_supply/BAT1/status", "Charging");
        assertEquals(Optional.of(new Battery(20, false)), board().battery());
    }
}
