package dev.fieldfare.service;

import java.util.List;

/** Knows how this program is started once more, as a child of this one. */
@FunctionalInterface
public interface Launcher {
    /** The whole command line for these arguments: a program and what it is given. */
    List<String> command(List<String> arguments);
}
