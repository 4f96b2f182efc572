package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.noise.DropoutNodes;
import java.util.List;

/**
 * Noise inside the network, drawn anew for every look while it trains.
 *
 * @param dropout probability of dropping an element of what a layer reads, 0 up to 0.95; 0 for none
 * @param dropoutBefore before which trained layers: {@code classifier}, {@code all}, or names of layers, of their weights
 *     or of what they compute
 * @param dropoutForm how its expectation is kept in use
 * @param dropConnect probability of dropping a weight, 0 up to 0.95; 0 for none
 * @param dropConnectOn of which trained layers, named likewise
 * @param stochasticDepth probability of leaving out the last residual branch among the trained layers, 0 up to 0.95; that
 *     of the others rises linearly up to it
 */
public record NoiseSettings(
        double dropout,
        List<String> dropoutBefore,
        DropoutNodes.Form dropoutForm,
        double dropConnect,
        List<String> dropConnectOn,
        double stochasticDepth) {
    /** The name of the last layer. */
    static final String CLASSIFIER = "classifier";

    /** The name of all trained layers together. */
    static final String ALL = "all";

    public static final NoiseSettings NONE =
            new NoiseSettings(0, List.of(CLASSIFIER), DropoutNodes.Form.INVERTED, 0, List.of(CLASSIFIER), 0);

    public NoiseSettings {
        Settings.requireRange("noise.dropout", dropout, 0, 0.95);
        Settings.requireRange("noise.dropConnect", dropConnect, 0, 0.95);
        Settings.requireRange("noise.stochasticDepth", stochasticDepth, 0, 0.95);
        dropoutBefore = named("noise.dropoutBefore", dropoutBefore);
        dropConnectOn = named("noise.dropConnectOn", dropConnectOn);
    }

    private static List<String> named(String key, List<String> layers) {
        if (layers.isEmpty()) {
            throw new FieldfareException(
                    key + " names no layer; write classifier, all, or names of layers, or set the" + " rate to 0");
        }
        return List.copyOf(layers);
    }
}
