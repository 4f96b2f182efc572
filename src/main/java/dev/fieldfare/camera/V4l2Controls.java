package dev.fieldfare.camera;

import dev.fieldfare.FieldfareException;
import dev.fieldfare.kernel.Struct;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A camera's controls, by name. */
final class V4l2Controls {
    private static final int MAX_CONTROLS = 500;

    private final V4l2Device device;
    private final Map<String, Known> controls = new LinkedHashMap<>();

    /** A control and the kernel's number for it. */
    private record Known(int id, V4l2Control control) {}

    V4l2Controls(V4l2Device device) {
        this.device = device;
        try (Arena arena = Arena.ofConfined()) {
            Struct query = V4l2Abi.QUERYCTRL.allocate(arena).set("id", V4l2Abi.CTRL_FLAG_NEXT_CTRL);
            for (int i = 0;
                    i < MAX_CONTROLS && device.answers(V4l2Abi.QUERY_CTRL, query, "listing its controls");
                    i++) {
                int id = query.get("id");
                add(id, query);
                query.clear().set("id", id | V4l2Abi.CTRL_FLAG_NEXT_CTRL);
            }
        }
    }

    private void add(int id, Struct query) {
        V4l2Control.Kind kind;
        switch (query.get("type")) {
            case V4l2Abi.CTRL_TYPE_INTEGER -> kind = V4l2Control.Kind.NUMBER;
            case V4l2Abi.CTRL_TYPE_BOOLEAN -> kind = V4l2Control.Kind.SWITCH;
            case V4l2Abi.CTRL_TYPE_MENU, V4l2Abi.CTRL_TYPE_INTEGER_MENU -> kind = V4l2Control.Kind.MENU;
            case V4l2Abi.CTRL_TYPE_BUTTON -> kind = V4l2Control.Kind.ACTION;
            default -> {
                return; // headings, texts, tables
            }
        }
        int flags = query.get("flags");
        if ((flags & V4l2Abi.CTRL_FLAG_DISABLED) != 0) {
            return;
        }
        String name = V4l2Control.plain(query.text("name"));
        V4l2Control control = new V4l2Control(
                name,
                kind,
                query.get("minimum"),
                query.get("maximum"),
                query.get("step"),
                query.get("default_value"),
                kind == V4l2Control.Kind.MENU ? items(id, query) : List.of(),
                (flags & (V4l2Abi.CTRL_FLAG_READ_ONLY | V4l2Abi.CTRL_FLAG_INACTIVE)) == 0);
        controls.put(name, new Known(id, control));
    }

    private List<String> items(int id, Struct query) {
        boolean numbers = query.get("type") == V4l2Abi.CTRL_TYPE_INTEGER_MENU;
        List<String> items = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            for (int i = query.get("minimum"); i <= query.get("maximum") && items.size() < MAX_CONTROLS; i++) {
                Struct item = V4l2Abi.QUERYMENU.allocate(arena).set("id", id).set("index", i);
                boolean exists = device.answers(V4l2Abi.QUERY_MENU, item, "listing what a control takes");
                items.add(
                        !exists
                                ? ""
                                : numbers ? Integer.toString(item.get("name")) : V4l2Control.plain(item.text("name")));
            }
        }
        return items;
    }

    List<V4l2Control> list() {
        return controls.values().stream().map(Known::control).toList();
    }

    int get(String name) {
        try (Arena arena = Arena.ofConfined()) {
            Struct control =
                    V4l2Abi.CONTROL.allocate(arena).set("id", find(name).id());
            device.ask(V4l2Abi.G_CTRL, control, "reading its control " + name);
            return control.get("value");
        }
    }

    /** See {@link V4l2Camera#set}. */
    void set(Map<String, String> wanted) {
        wanted.entrySet().stream()
                .sorted(Comparator.comparing(
                        entry -> find(entry.getKey()).control().kind() == V4l2Control.Kind.NUMBER))
                .forEach(entry -> set(find(entry.getKey()), entry.getValue()));
    }

    private void set(Known known, String value) {
        V4l2Control control = known.control();
        try (Arena arena = Arena.ofConfined()) {
            Struct struct =
                    V4l2Abi.CONTROL.allocate(arena).set("id", known.id()).set("value", parse(control, value));
            device.ask(V4l2Abi.S_CTRL, struct, "setting its control " + control.name() + " to " + value);
        }
    }

    private Known find(String name) {
        Known known = controls.get(V4l2Control.plain(name));
        if (known == null) {
            throw new FieldfareException("camera " + device.path() + " ('" + device.card() + "') has no control '"
                    + name + "'. It has " + String.join("; ", byLikeness(V4l2Control.plain(name))));
        }
        return known;
    }

    /** All with their ranges, those first that share a word with the name. */
    private List<String> byLikeness(String name) {
        List<String> words = List.of(name.split("_", -1));
        return list().stream()
                .sorted(Comparator.comparing((V4l2Control control) -> -words.stream()
                        .filter(word -> List.of(control.name().split("_", -1)).contains(word))
                        .count()))
                .map(control -> control.name() + ": " + control.range())
                .toList();
    }

    private int parse(V4l2Control control, String value) {
        String plain = V4l2Control.plain(value);
        int item = control.items().indexOf(plain);
        if (item >= 0 && !plain.isEmpty()) {
            return control.least() + item;
        }
        if (control.kind() == V4l2Control.Kind.SWITCH) {
            switch (value.toLowerCase(Locale.ROOT)) {
                case "on", "true", "yes", "1" -> {
                    return 1;
                }
                case "off", "false", "no", "0" -> {
                    return 0;
                }
                default -> throw refused(control, value);
            }
        }
        if (control.kind() == V4l2Control.Kind.ACTION) {
            if (!plain.equals("press")) {
                throw refused(control, value);
            }
            return 1;
        }
        try {
            int number = Integer.parseInt(value.strip());
            boolean known = control.items().isEmpty() || exists(control, number);
            if (known && number >= control.least() && number <= control.most()) {
                return number;
            }
        } catch (NumberFormatException e) {
            FieldfareException refused = refused(control, value);
            refused.addSuppressed(e);
            throw refused;
        }
        throw refused(control, value);
    }

    private static boolean exists(V4l2Control menu, int number) {
        int index = number - menu.least();
        return index >= 0
                && index < menu.items().size()
                && !menu.items().get(index).isEmpty();
    }

    private FieldfareException refused(V4l2Control control, String value) {
        return new FieldfareException("camera " + device.path() + " ('" + device.card() + "'): its control "
                + control.name() + " takes " + control.range() + ", not '" + value + "'");
    }
}
