package dev.fieldfare.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes what a fuzzer starts from: {@code FuzzSeeds FOLDER}, one folder in it for each target. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        write(folder, Fuzzer.Kind.MODELS, GoodFiles.models());
        write(folder, Fuzzer.Kind.PICTURES, GoodFiles.pictures());
        write(folder, Fuzzer.Kind.CARDS, GoodFiles.configurations());
        List<String> orders =
                List.of("label nut x20", "parts: label nut", "retrain", "rollback", "pause", "resume", "toggle");
        write(
                folder,
                Fuzzer.Kind.ORDERS,
                orders.stream()
                        .map(order -> order.getBytes(StandardCharsets.UTF_8))
                        .toList());
    }

    private static void write(Path folder, Fuzzer.Kind kind, List<byte[]> files) throws IOException {
        Path own = Files.createDirectories(folder.resolve(kind.name().toLowerCase(Locale.ROOT)));
        for (int i = 0; i < files.size(); i++) {
            Files.write(own.resolve("good-" + i), files.get(i));
        }
    }
}
