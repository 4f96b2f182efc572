package dev.fieldfare.predict;

/** Student's t distribution. */
final class StudentT {
    private StudentT() {}

    /**
     * The probability of a value of at least {@code t}, by the finite series of Abramowitz and Stegun, "Handbook of
     * mathematical functions", 1964, equations 26.7.3 and 26.7.4.
     *
     * @param degrees of freedom, at least 1
     */
    static double upperTail(double t, int degrees) {
        if (degrees < 1) {
            throw new IllegalArgumentException(degrees + " degrees of freedom");
        }
        double angle = Math.atan(t / Math.sqrt(degrees));
        double cosine = Math.cos(angle);
        boolean odd = degrees % 2 == 1;
        double term = odd ? cosine : 1;
        double sum = degrees == 1 ? 0 : term;
        for (int k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
            term *= cosine * cosine * (k - 1) / k;
            sum += term;
        }
        double within = odd ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
        return (1 - within) / 2;
    }
}
