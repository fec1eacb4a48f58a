import type { Writable } from 'node:stream';

/**
 * Resolves when the reader of a stream has taken everything that was written to it, or will take nothing more. A pipe takes
 * 64 KiB at once; what its reader has not asked for yet would be lost with the process.
 */
export function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.errored !== null) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', resolve);
    // Called in the order of the writes, with an error too.
    stream.write('', () => resolve());
  });
}
