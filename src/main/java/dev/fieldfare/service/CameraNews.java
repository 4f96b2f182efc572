package dev.fieldfare.service;

import dev.fieldfare.camera.CameraFeed;
import dev.fieldfare.camera.FeedListener;
import java.time.Duration;
import java.time.InstantSource;

/** Knows whether a camera sees, and why not, and tells when that changes. Heard in the camera's thread, read in any. */
final class CameraNews implements FeedListener {
    private final String name;
    private final Events events;
    private final InstantSource clock;
    private volatile boolean sees;
    private volatile String trouble = "not opened yet";
    private String told = "";

    CameraNews(String name, Events events, InstantSource clock) {
        this.name = name;
        this.events = events;
        this.clock = clock;
    }

    /** How the camera stands. */
    Status.Camera status(CameraFeed.Counts counts) {
        return new Status.Camera(name, sees, trouble, counts.received(), counts.dropped());
    }

    @Override
    public void opened(String camera, boolean again) {
        sees = true;
        trouble = "";
        told = "";
        events.tell(new Event.CameraSees(clock.instant(), name));
    }

    @Override
    public void lost(String camera, String reason, Duration retryIn) {
        sees = false;
        trouble = reason;
        // It is tried again and again; that need not be told again and again.
        if (!reason.equals(told)) {
            told = reason;
            events.tell(new Event.CameraLost(clock.instant(), name, reason));
        }
    }

    @Override
    public void ended(String camera) {
        sees = false;
        trouble = "there are no more frames";
    }
}
