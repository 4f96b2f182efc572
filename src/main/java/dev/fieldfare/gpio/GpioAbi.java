package dev.fieldfare.gpio;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fieldfare.kernel.Ioctl;
import dev.fieldfare.kernel.StructType;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/** What {@code linux/gpio.h} says, version 2, as far as single pins need it. Names are C's. */
final class GpioAbi {
    static final long FLAG_INPUT = 1 << 2;
    static final long FLAG_OUTPUT = 1 << 3;
    static final long FLAG_EDGE_RISING = 1 << 4;
    static final long FLAG_EDGE_FALLING = 1 << 5;
    static final long FLAG_BIAS_PULL_UP = 1 << 8;
    static final long FLAG_BIAS_PULL_DOWN = 1 << 9;
    static final long FLAG_BIAS_DISABLED = 1 << 10;
    static final int ATTR_ID_OUTPUT_VALUES = 2;
    static final int ATTR_ID_DEBOUNCE = 3;
    static final int EVENT_RISING_EDGE = 1;

    static final StructType CHIP_INFO = StructType.of("gpiochip_info", text("name"), text("label"), u32("lines"));
    static final StructType LINE_INFO = StructType.of(
            "gpio_v2_line_info",
            text("name"),
            text("consumer"),
            u32("offset"),
            u32("num_attrs"),
            u64("flags"),
            paddingLayout(176));
    static final StructType LINE_REQUEST = StructType.of(
            "gpio_v2_line_request",
            u32("offsets[0]"),
            paddingLayout(252),
            text("consumer"),
            u64("config.flags"),
            u32("config.num_attrs"),
            paddingLayout(20),
            u32("config.attrs[0].attr.id"),
            paddingLayout(4),
            u64("config.attrs[0].attr.values"), // debounce_period_us is the first half of it
            u64("config.attrs[0].mask"),
            paddingLayout(216),
            u32("num_lines"),
            u32("event_buffer_size"),
            paddingLayout(20),
            u32("fd"));
    static final StructType LINE_VALUES = StructType.of("gpio_v2_line_values", u64("bits"), u64("mask"));
    static final StructType LINE_EVENT = StructType.of(
            "gpio_v2_line_event",
            u64("timestamp_ns"),
            u32("id"),
            u32("offset"),
            u32("seqno"),
            u32("line_seqno"),
            paddingLayout(24));

    static final Ioctl GET_CHIPINFO = Ioctl.read("GPIO_GET_CHIPINFO_IOCTL", 0xB4, 0x01, CHIP_INFO);
    static final Ioctl GET_LINEINFO = Ioctl.readWrite("GPIO_V2_GET_LINEINFO_IOCTL", 0xB4, 0x05, LINE_INFO);
    static final Ioctl GET_LINE = Ioctl.readWrite("GPIO_V2_GET_LINE_IOCTL", 0xB4, 0x07, LINE_REQUEST);
    static final Ioctl GET_VALUES = Ioctl.readWrite("GPIO_V2_LINE_GET_VALUES_IOCTL", 0xB4, 0x0E, LINE_VALUES);
    static final Ioctl SET_VALUES = Ioctl.readWrite("GPIO_V2_LINE_SET_VALUES_IOCTL", 0xB4, 0x0F, LINE_VALUES);

    private GpioAbi() {}

    static List<StructType> structs() {
        return List.of(CHIP_INFO, LINE_INFO, LINE_REQUEST, LINE_VALUES, LINE_EVENT);
    }

    static List<Ioctl> requests() {
        return List.of(GET_CHIPINFO, GET_LINEINFO, GET_LINE, GET_VALUES, SET_VALUES);
    }

    private static MemoryLayout u32(String name) {
        return JAVA_INT.withName(name);
    }

    private static MemoryLayout u64(String name) {
        return JAVA_LONG.withName(name);
    }

    private static MemoryLayout text(String name) {
        return sequenceLayout(32, JAVA_BYTE).withName(name);
    }
}
