package dev.fieldfare.predict;

import dev.fieldfare.FieldfareException;
import java.time.Duration;
import java.util.List;

/** How far averaging goes: a rule that is asked after every few looks whether they suffice. */
public sealed interface Stopping {
    /** All looks that there are. */
    Stopping ALL = new All();

    /**
     * Whether no more looks are needed.
     *
     * @param looks so far, the probabilities of all classes in each
     * @param taken since the first began
     * @param next how long the next few will take, as the last did
     */
    boolean isEnough(List<float[]> looks, Duration taken, Duration next);

    /**
     * Reads a rule: {@code until:0.99} or {@code within:150ms}.
     *
     * @throws FieldfareException saying what rules there are
     */
    static Stopping parse(String spec, String rule) {
        if (rule.matches("until:0?\\.\\d{1,6}")) {
            double confidence = Double.parseDouble(rule.substring("until:".length()));
            if (confidence >= 0.5) {
                return new Until(confidence);
            }
        }
        if (rule.matches("within:\\d{1,7}ms")) {
            return new Within(Duration.ofMillis(Long.parseLong(rule.substring("within:".length(), rule.length() - 2))));
        }
        throw new FieldfareException("average " + spec + ": '" + rule + "' does not say how far to go; write until:P,"
                + " where P is a confidence from 0.5 up to 0.999999 such as 0.99, or within:Nms, such as within:150ms");
    }

    /** All looks that there are. */
    record All() implements Stopping {
        @Override
        public boolean isEnough(List<float[]> looks, Duration taken, Duration next) {
            return false;
        }
    }

    /**
     * Until the leading class is decided. One look decides where its probability is at least the confidence. From the
     * third look on, the class with the highest mean is tested against the second highest: the differences of their
     * probabilities, one for each look, have a mean above zero by Student's one-sided t test. The test is made anew after
     * more looks, which would find chance lead sooner or later, so the {@code k}-th is made at the level {@code (1 -
     * confidence) / (k (k + 1))}; these levels add up to {@code 1 - confidence} however long it goes on.
     *
     * @param confidence 0.5 up to but not including 1
     */
    record Until(double confidence) implements Stopping {
        private static final int LEAST_LOOKS = 3;

        @Override
        public boolean isEnough(List<float[]> looks, Duration taken, Duration next) {
            int count = looks.size();
            double[] mean = new double[looks.getFirst().length];
            for (float[] look : looks) {
                for (int c = 0; c < mean.length; c++) {
                    mean[c] += (double) look[c] / count;
                }
            }
            int first = 0;
            int second = -1;
            for (int c = 1; c < mean.length; c++) {
                if (mean[c] > mean[first]) {
                    second = first;
                    first = c;
                } else if (second < 0 || mean[c] > mean[second]) {
                    second = c;
                }
            }
            if (count < LEAST_LOOKS) {
                return count == 1 && mean[first] >= confidence;
            }
            double difference = mean[first] - mean[second];
            double squares = 0;
            for (float[] look : looks) {
                double deviation = look[first] - look[second] - difference;
                squares += deviation * deviation;
            }
            double error = Math.sqrt(squares / (count - 1) / count);
            long test = count - LEAST_LOOKS + 1L;
            double level = (1 - confidence) / (test * (test + 1.0));
            return difference > 0 && (error == 0 || StudentT.upperTail(difference / error, count - 1) <= level);
        }
    }

    /** As many looks as fit into a time, the first in any case. */
    record Within(Duration limit) implements Stopping {
        @Override
        public boolean isEnough(List<float[]> looks, Duration taken, Duration next) {
            return taken.plus(next).compareTo(limit) > 0;
        }
    }
}
