/** What strangers may hand over: mutations and fuzzing of models, pictures and configurations. */
package dev.fieldfare.hostile;
