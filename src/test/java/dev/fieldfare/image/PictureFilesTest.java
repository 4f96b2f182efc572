package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureFilesTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "a.jpg, true",
        "a.JPG, true",
        "b/c.d.Jpeg, true",
        "a.png, true",
        "a.bmp, true",
        "a.gif, true",
        "a.TIF, true",
        "a.tiff, true",
        "a.wbmp, true",
        "a.mpo, true",
        "a.webp, true",
        "IMG_0001.HEIC, true",
        "a.txt, false",
        "jpg, false",
        ".jpg, false",
        "._a.jpg, false",
        "a.jpg.part, false",
        "/, false",
    })
    void picturesAreKnownByTheirExtension(Path file, boolean picture) {
        assertEquals(picture, PictureFiles.isPicture(file));
    }

    @Test
    void listsInOrder() throws IOException {
        for (String name : List.of("b.jpg", "a.PNG", "notes.txt", "c/d.gif", "c/a.jpg", "._b.jpg")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        Files.createDirectory(folder.resolve("folder.jpg"));
        assertEquals(List.of(folder.resolve("a.PNG"), folder.resolve("b.jpg")), PictureFiles.list(folder));
        assertEquals(
                List.of(
                        folder.resolve("a.PNG"),
                        folder.resolve("b.jpg"),
                        folder.resolve("c/a.jpg"),
                        folder.resolve("c/d.gif")),
                PictureFiles.list(folder, true));
        assertEquals(List.of(), PictureFiles.list(folder.resolve("folder.jpg")));
    }

    @Test
    void saysWhichFolderIsMissing() throws IOException {
        Path missing = folder.resolve("none");
        Path file = Files.createFile(folder.resolve("a.jpg"));
        for (Path wrong : List.of(missing, file)) {
            FieldfareException e = assertThrows(FieldfareException.class, () -> PictureFiles.list(wrong));
            assertTrue(String.valueOf(e.getMessage()).contains(wrong.toString()), e.getMessage());
        }
    }

    @Test
    void aLinkIntoItselfIsAnErrorNotALoop() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.createSymbolicLink(inner.resolve("again"), folder);
        assertThrows(FieldfareException.class, () -> PictureFiles.list(folder, true));
    }
}
