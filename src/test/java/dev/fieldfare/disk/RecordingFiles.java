package dev.fieldfare.disk;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A file system that does everything in a folder of the real one, and writes down what is done to it. From some operation
 * on it may refuse to write, as a disk does that is full or broken.
 */
public final class RecordingFiles extends FileSystemProvider {
    private final Path root;
    private final FileSystem system = new System();
    private final List<Operation> log = new ArrayList<>();
    private int refusesFrom = Integer.MAX_VALUE;
    private String reason = "";

    /** @param root a folder that exists */
    public RecordingFiles(Path root) {
        this.root = root;
    }

    /** The root, as those see it who are to be recorded. */
    public Path root() {
        return wrap(root);
    }

    /** What was done so far, in order. */
    public List<Operation> log() {
        return log;
    }

    /** From so many operations on, nothing can be made or written, for this reason. */
    public void refuseFrom(int operations, String why) {
        refusesFrom = operations;
        reason = why;
    }

    void record(Operation operation) throws IOException {
        boolean makesRoom = operation instanceof Operation.Delete || operation instanceof Operation.Sync;
        boolean readOnly = reason.startsWith("Read-only");
        if (log.size() >= refusesFrom && (readOnly || !makesRoom)) {
            throw new IOException(reason);
        }
        log.add(operation);
    }

    private Path relative(Path real) {
        return root.relativize(real);
    }

    private record Wrapped(RecordingFiles files, Path real) implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, java.lang.reflect.Method method, Object @Nullable [] given)
                throws Throwable {
            Object[] arguments = given == null ? new Object[0] : given.clone();
            switch (method.getName()) {
                case "getFileSystem":
                    return files.system;
                case "equals":
                    return arguments[0] instanceof Path other && real.equals(unwrap(other));
                case "iterator":
                    List<Path> names = new ArrayList<>();
                    real.forEach(name -> names.add(files.wrap(name)));
                    return names.iterator();
                default:
                    break;
            }
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = arguments[i] instanceof Path path ? unwrap(path) : arguments[i];
            }
            try {
                Object result = method.invoke(real, arguments);
                return result instanceof Path path ? files.wrap(path) : result;
            } catch (InvocationTargetException e) {
                throw e.getTargetException();
            }
        }
    }

    private Path wrap(Path real) {
        return (Path) Proxy.newProxyInstance(
                Path.class.getClassLoader(), new Class<?>[] {Path.class}, new Wrapped(this, real));
    }

    private static Path unwrap(Path path) {
        return Proxy.isProxyClass(path.getClass()) && Proxy.getInvocationHandler(path) instanceof Wrapped wrapped
                ? wrapped.real()
                : path;
    }

    @Override
    public RecordingChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        Path real = unwrap(path);
        boolean writes = options.contains(StandardOpenOption.WRITE);
        boolean makes = writes && Files.notExists(real);
        if (makes && options.contains(StandardOpenOption.CREATE)) {
            record(new Operation.Make(relative(real), false));
        }
        boolean empties = !makes && options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (empties) {
            record(new Operation.Truncate(relative(real), 0));
        }
        return new RecordingChannel(
                this, relative(real), java.nio.channels.FileChannel.open(real, options, attributes));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(unwrap(path));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return StreamSupport.stream(stream.spliterator(), false)
                        .map(RecordingFiles.this::wrap)
                        .iterator();
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    @Override
    public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
        Path real = unwrap(path);
        if (Files.notExists(real)) {
            record(new Operation.Make(relative(real), true));
        }
        Files.createDirectory(real, attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        Path real = unwrap(path);
        if (Files.exists(real)) {
            record(new Operation.Delete(relative(real)));
        }
        Files.delete(real);
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        record(new Operation.Rename(relative(unwrap(from)), relative(unwrap(to))));
        Files.move(unwrap(from), unwrap(to), options);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return Files.isSameFile(unwrap(one), unwrap(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return Files.isHidden(unwrap(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return Files.getFileStore(unwrap(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        unwrap(path).getFileSystem().provider().checkAccess(unwrap(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        return Files.getFileAttributeView(unwrap(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return Files.readAttributes(unwrap(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return Files.readAttributes(unwrap(path), attributes, options);
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String getScheme() {
        return "recording";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private final class System extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return RecordingFiles.this;
        }

        @Override
        public Path getPath(String first, String... more) {
            return wrap(root.getFileSystem().getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            PathMatcher matcher = root.getFileSystem().getPathMatcher(pattern);
            return path -> matcher.matches(unwrap(path));
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return root.getFileSystem().getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return List.of(root());
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return List.of();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return Set.of("basic");
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            throw new UnsupportedOperationException();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
