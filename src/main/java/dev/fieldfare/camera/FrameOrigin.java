package dev.fieldfare.camera;

import java.util.function.Supplier;

/**
 * Something that frames can be had from, not opened yet.
 *
 * @param name what messages call it; without passwords
 * @param live whether it goes on whether or not anybody looks, so that old frames are worth nothing; otherwise every
 *     frame counts
 * @param opener opens it; throws {@link dev.fieldfare.FieldfareException} where it cannot be opened
 */
public record FrameOrigin(String name, boolean live, Supplier<FrameSource> opener) {}
