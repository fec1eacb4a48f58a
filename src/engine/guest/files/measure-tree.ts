import { formatBytes } from '../../base/format-bytes.ts';
import { isEngineError } from '../../base/errors.ts';
import { freeBytes } from '../../source/folders/free-bytes.ts';
import { guestError } from '../bytes/guest-errors.ts';
import type { GuestNode } from '../contract/guest-files.ts';
import type { FoundPath } from './find-path.ts';

/** Allocation unit of most file systems, in bytes; a folder takes one. */
const CLUSTER = 4096;
/** Files of at least this size are asked for their holes, in bytes. */
const LARGE = 2 ** 20;
const MAX_DEPTH = 256;

/**
 * Throws `guest.space` if the files do not fit into a folder, before anything is written there. Files
 * that cannot be read count as nothing: copying skips them.
 */
export async function requireRoomFor(
  found: readonly FoundPath[],
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const free = await freeBytes(to);
  if (free === undefined) return;
  let needed = 0;
  for (const { node, path, stream } of found) {
    const bytes = await readable(() =>
      stream === null ? treeBytes(node, 0, new Set(), signal) : dataBytes(node, stream, signal),
    );
    // The entries of the root are copied into the folder itself.
    needed += path === '/' ? Math.max(0, bytes - CLUSTER) : bytes;
  }
  if (needed <= free) return;
  throw guestError(
    'guest.space',
    `${to} has ${formatBytes(free)} (${free} bytes) free; the files need ${formatBytes(needed)} (${needed} bytes)`,
    { data: { path: to, free, needed } },
  );
}

/** Returns the bytes that a file, or a folder with all below it, takes. */
async function treeBytes(
  node: GuestNode,
  depth: number,
  seen: Set<string>,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  if (node.kind === 'file') {
    return node.size < LARGE ? clusters(node.size) : dataBytes(node, null, signal);
  }
  // A damaged file system may have a folder in itself.
  if (node.kind !== 'folder' || depth > MAX_DEPTH || seen.has(node.id)) return 0;
  seen.add(node.id);
  let bytes = CLUSTER;
  for await (const entry of node.entries(signal)) {
    bytes += await readable(async () =>
      treeBytes(await entry.node(signal), depth + 1, seen, signal),
    );
  }
  return bytes;
}

/** Returns the bytes of the contents of a file, without its holes. */
async function dataBytes(
  node: GuestNode,
  stream: string | null,
  signal: AbortSignal,
): Promise<number> {
  const contents = await node.open(stream, signal);
  const { size } = contents;
  const next = contents.holes?.();
  if (next === undefined) return clusters(size);
  let bytes = 0;
  for (let at = 0; at < size;) {
    const data = next(at);
    if (data === undefined) break;
    bytes += clusters(data.end - data.start);
    at = data.end;
  }
  return bytes;
}

const clusters = (bytes: number): number => Math.ceil(bytes / CLUSTER) * CLUSTER;

/** Returns 0 for what cannot be read. */
async function readable(bytes: () => Promise<number>): Promise<number> {
  try {
    return await bytes();
  } catch (error) {
    if (isEngineError(error) && error.code.startsWith('guest.')) return 0;
    throw error;
  }
}
