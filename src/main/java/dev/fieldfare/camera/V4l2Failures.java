package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.Holders;
import dev.fieldfare.kernel.KernelException;
import java.nio.file.Path;

/** What the kernel's refusals mean for somebody with a camera. */
final class V4l2Failures {
    private V4l2Failures() {}

    static FieldfareException of(Path device, String doing, KernelException e) {
        return new FieldfareException("camera " + device + ": " + sentence(device, doing, e), e);
    }

    private static String sentence(Path device, String doing, KernelException e) {
        return switch (e.errno()) {
            case EBUSY ->
                "another program uses it" + Holders.of(device)
                        + ". Only one can have a camera's pictures: end that one,"
                        + " or give Fieldfare another camera";
            case EACCES, EPERM ->
                "this user may not open it. Cameras belong to the group video: sudo usermod -aG video "
                        + System.getProperty("user.name", "USER")
                        + ", then log out and in again (or restart the service)";
            case ENODEV, ENXIO ->
                "it was unplugged, or its cable or power fails (" + doing + "). Once it is back, it is found again;"
                        + " a name below /dev/v4l/by-id stays the same when the number changes";
            case ENOENT ->
                "there is no such device. 'v4l2-ctl --list-devices' and 'ls /dev/v4l/by-id' show what there is";
            case EIO ->
                "it does not answer properly (" + doing + "). Mostly that is a bad cable, a hub without power of its"
                        + " own, or a board without enough power: try another port";
            case ENOSPC ->
                "its bus has no room for this size and rate, because of other cameras or a hub (" + doing
                        + "). Ask for a smaller size or rate, or use another port";
            case ENOTTY, EINVAL -> "it is not a camera that can be used: " + e.getMessage() + " (" + doing + ")";
            default -> doing + " failed: " + e.getMessage();
        };
    }
}
