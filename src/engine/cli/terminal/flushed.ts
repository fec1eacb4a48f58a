import type { Writable } from 'node:stream';

/**
 * Resolves when the reader of a stream has read everything, or will read no more. A pipe accepts 64
 * KiB at once; unread data would be lost when the process exits.
 */
export function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.errored !== null) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', resolve);
    // The callback runs in the order of the writes, also after an error.
    stream.write('', () => resolve());
  });
}
