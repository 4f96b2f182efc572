package dev.fieldfare.gpio;

import dev.fieldfare.kernel.CHeader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpioAbiTest {
    @Test
    void layoutsAndNumbersAreTheKernels(@TempDir Path folder) throws Exception {
        CHeader.assertAgrees("linux/gpio.h", GpioAbi.structs(), GpioAbi.requests(), folder);
    }
}
