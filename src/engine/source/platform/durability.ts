/**
 * Which parts survive a loss of power right after a file was written:
 * - `durable`: the file, under its name.
 * - `whole`: its bytes. The name may still lead to the old file, or to nothing, until its folder is
 *   flushed.
 * - `passing`: nothing. For files that are rewritten soon and mean nothing after a restart
 *   (progress, heartbeats).
 */
export type Durability = 'durable' | 'whole' | 'passing';
