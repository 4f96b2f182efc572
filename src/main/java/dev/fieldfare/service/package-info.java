/** The running device: cameras, classifiers, decisions, actions, collecting, retraining. */
@NullMarked
package dev.fieldfare.service;

import org.jspecify.annotations.NullMarked;
