package dev.fieldfare.camera;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.fieldfare.kernel.Ioctl;
import dev.fieldfare.kernel.StructType;
import java.lang.foreign.MemoryLayout;
import java.util.List;

/** What {@code linux/videodev2.h} says, as far as a camera needs it, on 64-bit Linux. Names are C's. */
final class V4l2Abi {
    static final int BUF_TYPE_VIDEO_CAPTURE = 1;
    static final int MEMORY_MMAP = 1;
    static final int FIELD_NONE = 1;
    static final int BUF_FLAG_ERROR = 0x40;
    static final int CAP_VIDEO_CAPTURE = 0x1;
    static final int CAP_STREAMING = 0x0400_0000;
    static final int CAP_DEVICE_CAPS = 0x8000_0000;
    static final int CAP_TIMEPERFRAME = 0x1000;

    /** Of {@code v4l2_frmsizeenum} and {@code v4l2_frmivalenum}; the two others give a range. */
    static final int TYPE_DISCRETE = 1;

    static final int CTRL_TYPE_INTEGER = 1;
    static final int CTRL_TYPE_BOOLEAN = 2;
    static final int CTRL_TYPE_MENU = 3;
    static final int CTRL_TYPE_BUTTON = 4;
    static final int CTRL_TYPE_INTEGER_MENU = 9;
    static final int CTRL_FLAG_DISABLED = 0x1;
    static final int CTRL_FLAG_READ_ONLY = 0x4;
    static final int CTRL_FLAG_INACTIVE = 0x10;
    static final int CTRL_FLAG_NEXT_CTRL = 0x8000_0000;

    static final StructType CAPABILITY = StructType.of(
            "v4l2_capability",
            text("driver", 16),
            text("card", 32),
            text("bus_info", 32),
            u32("version"),
            u32("capabilities"),
            u32("device_caps"),
            paddingLayout(12));
    static final StructType FMTDESC = StructType.of(
            "v4l2_fmtdesc",
            u32("index"),
            u32("type"),
            u32("flags"),
            text("description", 32),
            u32("pixelformat"),
            paddingLayout(16));
    static final StructType FRMSIZEENUM = StructType.of(
            "v4l2_frmsizeenum",
            u32("index"),
            u32("pixel_format"),
            u32("type"),
            u32("stepwise.min_width"), // discrete.width lies here too, discrete.height in the next
            u32("stepwise.max_width"),
            u32("stepwise.step_width"),
            u32("stepwise.min_height"),
            u32("stepwise.max_height"),
            u32("stepwise.step_height"),
            paddingLayout(8));
    static final StructType FRMIVALENUM = StructType.of(
            "v4l2_frmivalenum",
            u32("index"),
            u32("pixel_format"),
            u32("width"),
            u32("height"),
            u32("type"),
            u32("stepwise.min.numerator"), // of discrete, too
            u32("stepwise.min.denominator"),
            u32("stepwise.max.numerator"),
            u32("stepwise.max.denominator"),
            paddingLayout(16));
    static final StructType FORMAT = StructType.of(
            "v4l2_format",
            u32("type"),
            paddingLayout(4),
            u32("fmt.pix.width"),
            u32("fmt.pix.height"),
            u32("fmt.pix.pixelformat"),
            u32("fmt.pix.field"),
            u32("fmt.pix.bytesperline"),
            u32("fmt.pix.sizeimage"),
            u32("fmt.pix.colorspace"),
            u32("fmt.pix.priv"),
            u32("fmt.pix.flags"),
            u32("fmt.pix.ycbcr_enc"),
            u32("fmt.pix.quantization"),
            u32("fmt.pix.xfer_func"),
            paddingLayout(152));
    static final StructType STREAMPARM = StructType.of(
            "v4l2_streamparm",
            u32("type"),
            u32("parm.capture.capability"),
            u32("parm.capture.capturemode"),
            u32("parm.capture.timeperframe.numerator"),
            u32("parm.capture.timeperframe.denominator"),
            paddingLayout(184));
    static final StructType REQUESTBUFFERS = StructType.of(
            "v4l2_requestbuffers", u32("count"), u32("type"), u32("memory"), u32("capabilities"), paddingLayout(4));
    static final StructType BUFFER = StructType.of(
            "v4l2_buffer",
            u32("index"),
            u32("type"),
            u32("bytesused"),
            u32("flags"),
            u32("field"),
            paddingLayout(4),
            JAVA_LONG.withName("timestamp.tv_sec"),
            JAVA_LONG.withName("timestamp.tv_usec"),
            paddingLayout(16),
            u32("sequence"),
            u32("memory"),
            u32("m.offset"),
            paddingLayout(4),
            u32("length"),
            paddingLayout(12));
    static final StructType QUERYCTRL = StructType.of(
            "v4l2_queryctrl",
            u32("id"),
            u32("type"),
            text("name", 32),
            u32("minimum"),
            u32("maximum"),
            u32("step"),
            u32("default_value"),
            u32("flags"),
            paddingLayout(8));
    /** An item of an integer menu has its value where others have their name. */
    static final StructType QUERYMENU =
            StructType.of("v4l2_querymenu", u32("id"), u32("index"), text("name", 32), paddingLayout(4));

    static final StructType CONTROL = StructType.of("v4l2_control", u32("id"), u32("value"));

    static final Ioctl QUERYCAP = Ioctl.read("VIDIOC_QUERYCAP", 'V', 0, CAPABILITY);
    static final Ioctl ENUM_FMT = Ioctl.readWrite("VIDIOC_ENUM_FMT", 'V', 2, FMTDESC);
    static final Ioctl S_FMT = Ioctl.readWrite("VIDIOC_S_FMT", 'V', 5, FORMAT);
    static final Ioctl REQBUFS = Ioctl.readWrite("VIDIOC_REQBUFS", 'V', 8, REQUESTBUFFERS);
    static final Ioctl QUERYBUF = Ioctl.readWrite("VIDIOC_QUERYBUF", 'V', 9, BUFFER);
    static final Ioctl QBUF = Ioctl.readWrite("VIDIOC_QBUF", 'V', 15, BUFFER);
    static final Ioctl DQBUF = Ioctl.readWrite("VIDIOC_DQBUF", 'V', 17, BUFFER);
    static final Ioctl STREAMON = Ioctl.writeInt("VIDIOC_STREAMON", 'V', 18);
    static final Ioctl STREAMOFF = Ioctl.writeInt("VIDIOC_STREAMOFF", 'V', 19);
    static final Ioctl G_PARM = Ioctl.readWrite("VIDIOC_G_PARM", 'V', 21, STREAMPARM);
    static final Ioctl S_PARM = Ioctl.readWrite("VIDIOC_S_PARM", 'V', 22, STREAMPARM);
    static final Ioctl G_CTRL = Ioctl.readWrite("VIDIOC_G_CTRL", 'V', 27, CONTROL);
    static final Ioctl S_CTRL = Ioctl.readWrite("VIDIOC_S_CTRL", 'V', 28, CONTROL);
    static final Ioctl QUERY_CTRL = Ioctl.readWrite("VIDIOC_QUERYCTRL", 'V', 36, QUERYCTRL);
    static final Ioctl QUERY_MENU = Ioctl.readWrite("VIDIOC_QUERYMENU", 'V', 37, QUERYMENU);
    static final Ioctl ENUM_FRAMESIZES = Ioctl.readWrite("VIDIOC_ENUM_FRAMESIZES", 'V', 74, FRMSIZEENUM);
    static final Ioctl ENUM_FRAMEINTERVALS = Ioctl.readWrite("VIDIOC_ENUM_FRAMEINTERVALS", 'V', 75, FRMIVALENUM);

    private V4l2Abi() {}

    static List<StructType> structs() {
        return List.of(
                CAPABILITY,
                FMTDESC,
                FRMSIZEENUM,
                FRMIVALENUM,
                FORMAT,
                STREAMPARM,
                REQUESTBUFFERS,
                BUFFER,
                QUERYCTRL,
                QUERYMENU,
                CONTROL);
    }

    static List<Ioctl> requests() {
        return List.of(
                QUERYCAP,
                ENUM_FMT,
                S_FMT,
                REQBUFS,
                QUERYBUF,
                QBUF,
                DQBUF,
                STREAMON,
                STREAMOFF,
                G_PARM,
                S_PARM,
                G_CTRL,
                S_CTRL,
                QUERY_CTRL,
                QUERY_MENU,
                ENUM_FRAMESIZES,
                ENUM_FRAMEINTERVALS);
    }

    private static MemoryLayout u32(String name) {
        return JAVA_INT.withName(name);
    }

    private static MemoryLayout text(String name, long length) {
        return sequenceLayout(length, JAVA_BYTE).withName(name);
    }
}
