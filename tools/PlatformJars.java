import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars without the native libraries of other platforms: {@code java PlatformJars.java amd64|arm64 FROM TO}. ONNX
 * Runtime's own are left out altogether: in a package they lie beside the jars. A jar without any is copied as it is, bit by
 * bit. From the same jars, the same Java makes the same files.
 */
final class PlatformJars {
    private static final Pattern NATIVE = Pattern.compile(".*\\.(so|dll|dylib|jnilib|lib|pdb)|.*\\.dSYM/.*");

    /** Where the other libraries have what is kept. */
    private static final Map<String, String> KEPT =
            Map.of("amd64", "org/jline/nativ/Linux/x86_64/", "arm64", "org/jline/nativ/Linux/arm64/");

    public static void main(String[] arguments) throws IOException {
        String kept = KEPT.get(arguments[0]);
        if (kept == null) {
            throw new IllegalArgumentException("no platform " + arguments[0] + "; there are " + KEPT.keySet());
        }
        Path to = Files.createDirectories(Path.of(arguments[2]));
        List<Path> jars;
        try (Stream<Path> files = Files.list(Path.of(arguments[1]))) {
            jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
        for (Path jar : jars) {
            copy(jar, to.resolve(jar.getFileName()), kept);
        }
    }

    private static boolean stays(ZipEntry entry, String kept) {
        return entry.getName().startsWith(kept)
                || !NATIVE.matcher(entry.getName()).matches();
    }

    private static void copy(Path from, Path to, String kept) throws IOException {
        try (ZipFile jar = new ZipFile(from.toFile())) {
            if (jar.stream().allMatch(entry -> stays(entry, kept))) {
                Files.copy(from, to);
                return;
            }
            try (OutputStream file = Files.newOutputStream(to);
                    ZipOutputStream out = new ZipOutputStream(file)) {
                for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                    ZipEntry entry = entries.nextElement();
                    if (stays(entry, kept)) {
                        ZipEntry copy = new ZipEntry(entry.getName());
                        copy.setTimeLocal(entry.getTimeLocal());
                        out.putNextEntry(copy);
                        jar.getInputStream(entry).transferTo(out);
                        out.closeEntry();
                    }
                }
            }
        }
    }
}
