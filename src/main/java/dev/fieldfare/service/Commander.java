package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The other end of {@link Control}: how a command speaks to the device that runs on the same machine. */
public final class Commander {
    /**
     * What a device answers to an order.
     *
     * @param words that it is done, or why not
     * @param session of the pictures that were taken; empty where none were
     */
    public record Answer(boolean done, String words, String session, List<String> files) {
        public Answer {
            files = List.copyOf(files);
        }
    }

    private Commander() {}

    /** Whether a device runs with this data folder. */
    public static boolean isRunning(DeviceFolder folder) {
        return Control.answers(folder.control());
    }

    /**
     * Says a line, and returns the JSON that is answered.
     *
     * @throws FieldfareException if no device runs with this data folder
     */
    public static String say(DeviceFolder folder, String line) {
        Path path = folder.control();
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            ByteBuffer bytes = ByteBuffer.wrap((line.strip() + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new FieldfareException(
                    "no device is running with the data folder " + folder.data() + "; start it with 'fieldfare run -c "
                            + folder.config() + "'",
                    e);
        }
    }

    /** How the running device stands, as JSON. */
    public static String status(DeviceFolder folder) {
        return say(folder, Control.STATUS);
    }
}
