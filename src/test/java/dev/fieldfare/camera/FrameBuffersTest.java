package dev.fieldfare.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fieldfare.image.PixelFormat;
import dev.fieldfare.image.YuvColours;
import org.junit.jupiter.api.Test;

class FrameBuffersTest {
    private final FrameBuffers buffers =
            new FrameBuffers("camera", PixelFormat.GREY, YuvColours.BT601_FULL, 2, 1, 2, 0);

    private Frame frame(int value) {
        buffers.next()[0] = (byte) value;
        return buffers.lend();
    }

    private static int value(Frame frame) {
        return frame.pixels().toPicture().rgb()[0];
    }

    @Test
    void aFrameOnLoanIsNotWrittenInto() {
        Frame one = frame(1);
        Frame two = frame(2);
        byte[] third = buffers.next();
        one.close(); // while the third is written
        assertSame(third, buffers.next());
        Frame three = frame(3);
        one.close(); // to no effect, though its buffer is the next
        Frame four = frame(4);
        one.close(); // nor now, when it is on loan to another
        assertEquals(2, value(two));
        assertEquals(3, value(three));
        assertEquals(4, value(four));
        assertThrows(IllegalStateException.class, buffers::next);
        two.close();
        assertNotSame(third, buffers.next());
    }
}
