package dev.fieldfare.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureTimeTest {
    /** As Pillow reads the tags. The second has no DateTimeOriginal, the last is cut off behind its metadata. */
    @ParameterizedTest
    @CsvSource({
        "pictures/sign-digits/Dataset/7/IMG_5874.JPG, 2017-12-15T10:12:09",
        "robust/pillow/Tests/images/flower2.jpg, 2013-07-04T17:24:41",
        "robust/pillow/Tests/images/invalid-exif-without-x-resolution.jpg, 2016-12-03T11:17:43",
        "robust/pillow/Tests/images/xmp_test.jpg, 2018-10-27T13:27:23",
        "robust/pillow/Tests/images/ultrahdr.jpg, 2024-05-07T09:33:04",
    })
    void isTheCamerasClock(String file, LocalDateTime time) {
        assertEquals(Optional.of(time), CaptureTime.of(Pictures.data(file)));
    }

    @ParameterizedTest
    @CsvSource({
        "robust/pillow/Tests/images/hopper.jpg",
        "robust/pillow/Tests/images/broken.png",
        "robust/pillow/Tests/images/hopper_bad_exif.jpg",
        "robust/pillow/Tests/images/flower.webp",
        "pictures/coral-images/cat.bmp",
        "README.md",
    })
    void isEmptyWhereNothingIsSaid(String file) {
        assertEquals(Optional.empty(), CaptureTime.of(Pictures.data(file)));
    }

    @Test
    void isEmptyForAMissingFile() {
        assertEquals(Optional.empty(), CaptureTime.of(Path.of("no such file.jpg")));
    }
}
