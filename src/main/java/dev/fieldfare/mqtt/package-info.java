/** The device at an MQTT broker: its state, its orders, and how Home Assistant finds it. The only importer of Paho. */
@NullMarked
package dev.fieldfare.mqtt;

import org.jspecify.annotations.NullMarked;
