package dev.fieldfare.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fieldfare.FieldfareException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Through Pi4J and the kernel's character device against the kernel's virtual chip, gpio-sim, which has a file for each
 * pin to press it by and to see it. {@code tools/pi-in-a-box check} runs this in a machine that has one.
 */
class HeaderKernelTest {
    private static final Pin BUTTON = new Pin(17);
    private static final Pin LIGHT = new Pin(22);
    /** The machine's kernel keeps it for itself. */
    private static final Pin TAKEN = new Pin(27);

    private static Path sim = Path.of("");
    private static ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();

    private final BlockingQueue<String> happened = new LinkedBlockingQueue<>();
    private final BlockingQueue<RuntimeException> failures = new LinkedBlockingQueue<>();
    private Header header;

    @BeforeAll
    static void findSim() {
        String folder = System.getenv("GPIO_SIM");
        Assumptions.assumeTrue(folder != null, "no virtual header here; tools/pi-in-a-box check has one");
        sim = Path.of(folder);
    }

    @BeforeEach
    void open() {
        header = Header.ofBoard(Timer.on(executor), failures::add);
    }

    @AfterEach
    void close() {
        header.close();
        assertNull(failures.poll());
    }

    @AfterAll
    static void stop() {
        executor.shutdown();
    }

    private static void pull(Pin pin, String direction) throws IOException {
        Files.writeString(sim.resolve("sim_gpio" + pin.number() + "/pull"), direction);
    }

    private static int level(Pin pin) throws IOException {
        return Integer.parseInt(Files.readString(sim.resolve("sim_gpio" + pin.number() + "/value"))
                .strip());
    }

    private Button button(Pull pull, int debounce) {
        Button button = header.button(
                new ButtonSettings("button label", BUTTON, pull, Duration.ofMillis(debounce), Duration.ofMillis(1500)));
        return button.onPress(() -> happened.add("short"));
    }

    /** Waits for as long as a test may take: an emulated machine on a busy one may stand still for seconds. */
    private String next() throws InterruptedException {
        return happened.poll(45, TimeUnit.SECONDS);
    }

    /**
     * Lets a button go, and gives the kernel time to see that: two changes before it looks are none for it, and the next press
     * would be no news.
     */
    private static void letGo(String direction) throws IOException, InterruptedException {
        pull(BUTTON, direction);
        Thread.sleep(500);
    }

    @Test
    void aButtonToGroundIsPressedAndLetGo() throws Exception {
        Button button = button(Pull.UP, 0);
        assertFalse(button.pressed()); // the pin's own resistor holds it
        for (int i = 0; i < 3; i++) {
            pull(BUTTON, "pull-down");
            assertEquals("short", next());
            assertTrue(button.pressed());
            letGo("pull-up");
        }
        assertNull(happened.poll());
        assertFalse(button.pressed());
    }

    @Test
    void aButtonToTheSupplyIsHighWhenPressed() throws Exception {
        Button button = button(Pull.DOWN, 20);
        assertFalse(button.pressed());
        pull(BUTTON, "pull-up");
        assertEquals("short", next());
        assertTrue(button.pressed());
        pull(BUTTON, "pull-down");
    }

    @Test
    void contactsThatBounceAreOnePress() throws Exception {
        // The longest that can be set: if the machine stands still between two of these, they are no bouncing.
        button(Pull.UP, 1000);
        for (int i = 0; i < 20; i++) {
            pull(BUTTON, i % 2 == 0 ? "pull-down" : "pull-up");
        }
        pull(BUTTON, "pull-down");
        assertEquals("short", next());
        assertNull(happened.poll(2, TimeUnit.SECONDS));
        pull(BUTTON, "pull-up");
    }

    @Test
    void heldItIsALongPress() throws Exception {
        button(Pull.UP, 5).onLongPress(() -> happened.add("long"));
        pull(BUTTON, "pull-down");
        assertEquals("long", next());
        pull(BUTTON, "pull-up");
        assertNull(happened.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void aLightFollowsAndEndsSafe() throws Exception {
        Output light = header.output(new OutputSettings("light", LIGHT, false, true, false));
        assertEquals(1, level(LIGHT));
        light.off();
        assertEquals(0, level(LIGHT));
        light.pulse(Duration.ofSeconds(5));
        assertEquals(1, level(LIGHT));
        while (level(LIGHT) == 1) { // until the test's own time is over
            Thread.sleep(50);
        }
        assertEquals(0, level(LIGHT));
        light.on();
        header.close();
        assertEquals(0, level(LIGHT));
    }

    @Test
    void aRelayBoardStaysQuietAtTheStart() throws Exception {
        header.output(new OutputSettings("relay", LIGHT, true, false, false));
        assertEquals(1, level(LIGHT));
    }

    @Test
    void pinsOfOthersAreNamed() {
        String kernels = assertThrows(
                        FieldfareException.class, () -> header.output(OutputSettings.of("light status", TAKEN)))
                .getMessage();
        assertTrue(
                kernels.startsWith("light status: GPIO27 (place 13 of the header) is in use by 'fan-overlay'"),
                kernels);
        header.output(OutputSettings.of("light", LIGHT));
        try (Header other = Header.ofBoard(Timer.on(executor), failures::add)) {
            String ours = assertThrows(FieldfareException.class, () -> other.output(OutputSettings.of("relay", LIGHT)))
                    .getMessage();
            assertTrue(ours.startsWith("relay: GPIO22 (place 15 of the header) is in use by 'fieldfare'"), ours);
        }
    }

    /** The lock of a pin is gone with the header. */
    @Test
    void pinsAreGivenBack() {
        for (int i = 0; i < 3; i++) {
            try (Header again = Header.ofBoard(Timer.on(executor), failures::add)) {
                again.output(OutputSettings.of("light", LIGHT)).on();
                again.button(ButtonSettings.of("button", BUTTON));
            }
        }
    }
}
