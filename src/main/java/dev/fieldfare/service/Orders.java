package dev.fieldfare.service;

/** Takes orders; from any thread, without waiting for what comes of them. */
@FunctionalInterface
public interface Orders {
    /** Hands over an order. Whether it was followed is told as an {@link Event}. */
    void give(Order order);
}
