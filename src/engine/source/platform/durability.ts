/**
 * What survives a loss of power right after a file was written:
 * - `durable`: the file, under its name.
 * - `whole`: its bytes. The name may still lead to the old file, or to none, until its folder is flushed.
 * - `passing`: nothing. For what is written again soon and says nothing after a restart (progress, heartbeats).
 */
export type Durability = 'durable' | 'whole' | 'passing';
