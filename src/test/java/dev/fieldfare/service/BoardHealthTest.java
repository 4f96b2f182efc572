package dev.fieldfare.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoardHealthTest {
    @TempDir
    Path root;

    private final RetrainSettings settings = RetrainSettings.DEFAULT;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text + "\n");
    }

    @Test
    void aBoardThatSaysNothingIsFine() {
        assertEquals(Optional.empty(), new BoardHealth(root).reasonToRest(settings));
    }

    @Test
    void onceHotItHasToCoolDownClearly() throws IOException {
        BoardHealth health = new BoardHealth(root);
        String zone = "sys/class/thermal/thermal_zone0/temp";
        write(zone, "79900");
        assertEquals(Optional.empty(), health.reasonToRest(settings));
        write(zone, "80500");
        assertTrue(health.reasonToRest(settings).orElseThrow().contains("degrees"));
        write(zone, "75000");
        assertTrue(health.reasonToRest(settings).isPresent());
        write(zone, "71000");
        assertEquals(Optional.empty(), health.reasonToRest(settings));
        write(zone, "79000");
        assertEquals(Optional.empty(), health.reasonToRest(settings));
    }

    @Test
    void aWeakSupplyAndAnEmptyBatteryAreReasons() throws IOException {
        BoardHealth health = new BoardHealth(root);
        String throttled = "sys/devices/platform/soc/soc:firmware/get_throttled";
        write(throttled, "50005");
        assertTrue(health.reasonToRest(settings).orElseThrow().contains("supply"));
        write(throttled, "50000"); // it was so once, and is no more
        assertEquals(Optional.empty(), health.reasonToRest(settings));
        write("sys/class/power_supply/BAT0/type", "Battery");
        write("sys/class/power_supply/BAT0/capacity", "29");
        write("sys/class/power_supply/BAT0/status", "Discharging");
        assertTrue(health.reasonToRest(settings).orElseThrow().contains("29 percent"));
        write("sys/class/power_supply/BAT0/status", "Charging");
        assertEquals(Optional.empty(), health.reasonToRest(settings));
    }
}
