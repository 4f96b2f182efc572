package dev.fieldfare.service;

import java.util.Optional;

/** Whether the board can bear hard work now. */
@FunctionalInterface
public interface Health {
    Health FINE = settings -> Optional.empty();

    /** Why a training should rest, in words; empty where it need not. */
    Optional<String> reasonToRest(RetrainSettings settings);
}
