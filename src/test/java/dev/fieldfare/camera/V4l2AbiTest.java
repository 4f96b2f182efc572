package dev.fieldfare.camera;

import dev.fieldfare.kernel.CHeader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class V4l2AbiTest {
    @Test
    void layoutsAndNumbersAreTheKernels(@TempDir Path folder) throws Exception {
        CHeader.assertAgrees("linux/videodev2.h", V4l2Abi.structs(), V4l2Abi.requests(), folder);
    }
}
