package dev.fieldfare.camera;

/** Keeps passwords out of messages. */
final class Secrets {
    private Secrets() {}

    /**
     * A text without what may be secret in the addresses in it: without user and password, and without what follows the
     * question mark, where many cameras take them.
     */
    static String hide(String text) {
        return text.replaceAll("://\\S*@", "://").replaceAll("(://[^\\s?]*)\\?\\S*", "$1");
    }
}
