package dev.fieldfare.train;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.model.Depths;
import dev.fieldfare.model.Parameter;
import dev.fieldfare.model.Suffix;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What of a network is trained besides its last layer, which always is. In configuration files: {@code last}, {@code
 * blocks:K}, {@code from:NODE}, {@code all}, {@code bias:K}, {@code sparse:W/B}, {@code auto}.
 */
public sealed interface TrainSpec {
    /** What a message says where none of the forms was recognized. */
    String FORMS = "one of auto, last, blocks:K (the last K blocks), all, from:NODE (a node and all behind it), bias:K"
            + " (biases of the last K blocks), sparse:W/B (weights of the last W blocks, biases of the last B)";

    /** As in a configuration file. */
    String spec();

    /** As in a sentence: "the last layer", "the last 3 blocks and the last layer". */
    String inWords();

    /**
     * The part of a network behind the cut, with the parameters to be trained.
     *
     * @throws FieldfareException if the network has no such part
     */
    Suffix suffix(Depths depths);

    /** The last layer alone. */
    record Last() implements TrainSpec {
        @Override
        public String spec() {
            return "last";
        }

        @Override
        public String inWords() {
            return "the last layer";
        }

        @Override
        public Suffix suffix(Depths depths) {
            return depths.last();
        }
    }

    /** The last blocks; 0 of them is the last layer. */
    record LastBlocks(int count) implements TrainSpec {
        @Override
        public String spec() {
            return "blocks:" + count;
        }

        @Override
        public String inWords() {
            return count == 0 ? "the last layer" : count == 1 ? "the last block and the last layer" : "the last " + count + " blocks and the last layer";
        }

        @Override
        public Suffix suffix(Depths depths) {
            return lastBlocks(depths, count, spec());
        }
    }

    /** Everything. */
    record All() implements TrainSpec {
        @Override
        public String spec() {
            return "all";
        }

        @Override
        public String inWords() {
            return "the whole network";
        }

        @Override
        public Suffix suffix(Depths depths) {
            return depths.all();
        }
    }

    /** A node and all that depends on it. */
    record From(String node) implements TrainSpec {
        @Override
        public String spec() {
            return "from:" + node;
        }

        @Override
        public String inWords() {
            return "the network from '" + node + "' on";
        }

        @Override
        public Suffix suffix(Depths depths) {
            return depths.from(node);
        }
    }

    /**
     * Weights of the last blocks and biases of more (Lin et al., "On-device training under 256KB memory", 2022; with no
     * weights at all: Cai et al., "TinyTL: reduce memory, not parameters for efficient on-device learning", 2020). The
     * gradient by a bias needs no activation, so little has to be kept.
     */
    record Sparse(int weights, int biases) implements TrainSpec {
        @Override
        public String spec() {
            return weights == 0 ? "bias:" + biases : "sparse:" + weights + "/" + biases;
        }

        @Override
        public String inWords() {
            return "the weights of " + weights + " and the biases of " + biases + " blocks, and the last layer";
        }

        @Override
        public Suffix suffix(Depths depths) {
            Suffix deep = lastBlocks(depths, biases, spec());
            Set<String> whole = lastBlocks(depths, weights, spec()).parameters().stream()
                    .map(Parameter::name)
                    .collect(Collectors.toSet());
            List<Parameter> trained = deep.parameters().stream()
                    .filter(parameter -> parameter.kind() == Parameter.Kind.BIAS || whole.contains(parameter.name()))
                    .toList();
            return deep.withParameters(trained);
        }
    }

    /** Whatever the plan finds best. */
    record Auto() implements TrainSpec {
        @Override
        public String spec() {
            return "auto";
        }

        @Override
        public String inWords() {
            return "what the plan chooses";
        }

        @Override
        public Suffix suffix(Depths depths) {
            throw new IllegalStateException("the plan decides what auto means");
        }
    }

    /** @throws FieldfareException if the text is none of the forms */
    static TrainSpec parse(String text) {
        String[] parts = text.strip().split(":", 2);
        String argument = parts.length == 2 ? parts[1] : "";
        return switch (parts[0]) {
            case "auto" -> alone(text, argument, new Auto());
            case "last" -> alone(text, argument, new Last());
            case "all" -> alone(text, argument, new All());
            case "blocks" -> new LastBlocks(count(text, argument, 0));
            case "bias" -> new Sparse(0, count(text, argument, 1));
            case "from" -> {
                if (argument.isEmpty()) {
                    throw unknown(text);
                }
                yield new From(argument);
            }
            case "sparse" -> {
                String[] counts = argument.split("/", -1);
                if (counts.length != 2) {
                    throw unknown(text);
                }
                Sparse sparse = new Sparse(count(text, counts[0], 0), count(text, counts[1], 1));
                if (sparse.weights() > sparse.biases()) {
                    throw new FieldfareException("train: '" + text + "' has weights of " + sparse.weights()
                            + " blocks but biases of only " + sparse.biases() + "; biases reach at least as deep");
                }
                yield sparse;
            }
            default -> throw unknown(text);
        };
    }

    private static Suffix lastBlocks(Depths depths, int count, String spec) {
        if (count > depths.blocks()) {
            throw new FieldfareException("train: '" + spec + "' asks for " + count + " blocks, but before its last layer"
                    + " the network has " + depths.blocks() + "; use at most that, or 'all'");
        }
        return count == 0 ? depths.last() : depths.lastBlocks(count);
    }

    private static TrainSpec alone(String text, String argument, TrainSpec spec) {
        if (!argument.isEmpty() || text.contains(":")) {
            throw unknown(text);
        }
        return spec;
    }

    private static int count(String text, String number, int least) {
        try {
            int count = Integer.parseInt(number.strip());
            if (count >= least) {
                return count;
            }
        } catch (NumberFormatException e) {
            throw unknown(text);
        }
        throw unknown(text);
    }

    private static FieldfareException unknown(String text) {
        return new FieldfareException("train: '" + text + "' is not something that can be trained; use " + FORMS);
    }
}
