package dev.fieldfare.service;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.StrictYaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * How commands on the same machine reach the running device: a socket in its data folder, so that whoever may write there
 * may command it. One line with an {@link Order}, or {@code status}; one line of JSON comes back.
 */
final class Control implements Action {
    static final String STATUS = "status";

    private static final int LONGEST_REQUEST = 4096;

    /** A path of a socket has at most 107 bytes (Linux, unix(7)). */
    private static final int LONGEST_PATH = 100;

    /** Besides the time that the intervals between the pictures take. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path path;
    private final Service service;
    private final Clock clock;
    private final List<Waiting> waiting = new CopyOnWriteArrayList<>();
    private volatile @Nullable ServerSocketChannel server;

    /** Somebody waits for the pictures of a label. */
    private record Waiting(String classifier, String label, CompletableFuture<Event.Captured> captured) {}

    Control(Path path, Service service, Clock clock) {
        this.path = path;
        this.service = service;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "control";
    }

    /** @throws FieldfareException if another device runs with the same data */
    static void requireAlone(Path path) {
        if (answers(path)) {
            throw new FieldfareException("another device is running with the data folder " + path.getParent()
                    + "; stop it first, or give this one another folder with the key data");
        }
    }

    static boolean answers(Path path) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false; // nobody is there, as it should be
        }
    }

    /** Begins to listen. */
    void open() {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new FieldfareException(
                    "data: the path " + path.getParent() + " is too long for the socket in it, by which"
                            + " commands reach the device; give a shorter one, of at most 90 characters");
        }
        try {
            Files.deleteIfExists(path); // one that a killed device left
            ServerSocketChannel opened = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            opened.bind(UnixDomainSocketAddress.of(path));
            server = opened;
            Thread.ofPlatform().daemon().name("control").start(() -> listen(opened));
        } catch (IOException e) {
            throw new FieldfareException("cannot listen for commands at " + path + ": " + e.getMessage(), e);
        }
    }

    private void listen(ServerSocketChannel opened) {
        while (opened.isOpen()) {
            try {
                SocketChannel channel = opened.accept();
                Thread.ofVirtual().name("command").start(() -> serve(channel));
            } catch (ClosedChannelException e) {
                return; // that is how it ends
            } catch (IOException e) {
                throw new UncheckedIOException("no more commands can be taken", e);
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            String answer;
            try {
                String request = line(channel);
                answer = request.strip().equals(STATUS)
                        ? StrictYaml.toJson(service.status())
                        : StrictYaml.toJson(follow(Order.parse(request)));
            } catch (FieldfareException e) {
                answer = StrictYaml.toJson(new Commander.Answer(false, String.valueOf(e.getMessage()), "", List.of()));
            }
            ByteBuffer bytes = ByteBuffer.wrap((answer + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            // Whoever asked is gone, and wants no answer any more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(LONGEST_REQUEST);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            int end = text.indexOf('\n');
            if (end >= 0) {
                return text.substring(0, end);
            }
        }
        throw new FieldfareException("an order is one line of at most " + LONGEST_REQUEST + " bytes");
    }

    private Commander.Answer follow(Order order) throws InterruptedException {
        if (!(order instanceof Order.Label label)) {
            service.obey(order);
            return new Commander.Answer(true, "done", "", List.of());
        }
        Waiting one = new Waiting(service.classifier(label.classifier()), label.label(), new CompletableFuture<>());
        waiting.add(one);
        try {
            service.obey(order);
            Event.Captured captured =
                    one.captured().get(PATIENCE.plus(service.burstTime(label)).toMillis(), TimeUnit.MILLISECONDS);
            List<String> files = captured.files().stream().map(Path::toString).toList();
            return new Commander.Answer(true, "taken", captured.session(), files);
        } catch (ExecutionException | TimeoutException e) {
            throw new FieldfareException("no pictures came from the camera; 'status' says why", e);
        } finally {
            waiting.remove(one);
        }
    }

    @Override
    public void on(Event event) {
        if (event instanceof Event.Captured captured) {
            waiting.stream()
                    .filter(one -> one.classifier().equals(captured.classifier())
                            && one.label().equals(captured.label()))
                    .forEach(one -> one.captured().complete(captured));
        }
    }

    @Override
    public void close() {
        ServerSocketChannel open = server;
        if (open == null) {
            return;
        }
        try {
            open.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new FieldfareException("cannot close " + path + ": " + e.getMessage(), e);
        }
    }
}
