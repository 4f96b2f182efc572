package dev.fieldfare.model;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Looks after the versions in an open store: sets damaged ones aside, removes old ones. */
public final class Upkeep {
    private final ModelStore store;
    private final Versions versions;

    Upkeep(ModelStore store) {
        this.store = store;
        this.versions = new Versions(store.folder());
    }

    /**
     * Sees to it that the model in use is a whole one: where it is not, it is set aside, and the newest version that was in
     * use and is whole takes its place.
     *
     * @param words takes a sentence for each thing that was wrong and what was done
     */
    public void repair(Consumer<String> words) {
        List<String> damages = new ArrayList<>();
        Optional<Versions.Usable> usable = versions.usable(damages);
        if (usable.isPresent() && usable.get().file().equals(versions.model())) {
            return;
        }
        damages.forEach(words);
        try {
            if (store.current().isPresent()) {
                Path aside = store.folder().resolve(ModelStore.MODEL + Versions.DAMAGED);
                Files.deleteIfExists(aside);
                Folders.rename(versions.model(), aside);
                words.accept(versions.model() + " was set aside as " + aside);
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot set aside " + versions.model() + ": " + e.getMessage(), e);
        }
        if (!damages.isEmpty()) {
            setAsideDamaged(words);
        }
        usable.ifPresent(good -> {
            store.promote(good.version());
            words.accept("version " + good.version() + " in " + store.folder() + " is in use again");
        });
    }

    /**
     * Gives damaged versions another name, such as {@code 0003.damaged}, under which nobody uses them.
     *
     * @param words takes a sentence for each
     */
    public void setAsideDamaged(Consumer<String> words) {
        for (String name : versions.names()) {
            Optional<String> damage = versions.damage(name);
            if (damage.isPresent()) {
                try {
                    Folders.rename(store.version(name), store.version(name + Versions.DAMAGED));
                } catch (IOException e) {
                    throw new FieldfareException("cannot set aside " + store.version(name) + ": " + e.getMessage(), e);
                }
                words.accept("version " + name + " in " + store.folder() + " was set aside as " + name
                        + Versions.DAMAGED + ": " + damage.get());
            }
        }
    }

    /**
     * Removes all but the newest versions; never the one in use, nor the one before it.
     *
     * @param keep how many stay, at least 1; 0 for all
     * @return those that were removed
     */
    public List<String> prune(int keep) {
        List<String> all = versions.names();
        if (keep == 0 || all.size() <= keep) {
            return List.of();
        }
        Set<String> kept = new HashSet<>(all.subList(all.size() - keep, all.size()));
        Optional<String> current = versions.current();
        current.ifPresent(kept::add);
        current.flatMap(versions::before).ifPresent(kept::add);
        List<String> removed = all.stream().filter(name -> !kept.contains(name)).toList();
        long oldest = kept.stream().mapToLong(Long::parseLong).min().orElse(0);
        // What is set aside goes with those that it was among.
        List<String> outdated = versions.setAside().stream()
                .filter(name -> Long.parseLong(name.replace(Versions.DAMAGED, "")) < oldest)
                .toList();
        try {
            for (String name :
                    Stream.concat(removed.stream(), outdated.stream()).toList()) {
                // Under another name first, so that no half of it is ever taken for a version.
                Folders.rename(store.version(name), store.version(ModelStore.REMOVED));
                Folders.delete(store.version(ModelStore.REMOVED));
            }
        } catch (IOException e) {
            throw new FieldfareException("cannot remove old versions in " + store.folder() + ": " + e.getMessage(), e);
        }
        return removed;
    }
}
