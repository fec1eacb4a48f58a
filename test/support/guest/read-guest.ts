import { never } from '../../../src/engine/base/abort.ts';
import { inspectDisk, type GuestDiskBytes } from '../../../src/engine/guest/inspect-disk.ts';
import type { GuestFiles, GuestNode } from '../../../src/engine/guest/contract/guest-files.ts';
import { openVolume } from '../../../src/engine/guest/files/open-volume.ts';
import { HeldSource } from '../../../src/engine/source/held-source.ts';
import { readFileSync } from 'node:fs';

/** A disk in memory. */
export function diskOf(bytes: Uint8Array, logicalSectorSize = 512): GuestDiskBytes {
  const held = new HeldSource(bytes, 'disk');
  return {
    name: held.name,
    size: held.size,
    logicalSectorSize,
    read: (offset, into, signal) => held.read(offset, into, signal),
  };
}

/** A raw image as a disk. */
export const diskFrom = (path: string): GuestDiskBytes => diskOf(readFileSync(path));

/** Opens the only volume of a disk whose files can be read. */
export async function filesOf(disk: GuestDiskBytes): Promise<GuestFiles> {
  const { files } = await openVolume(disk, await inspectDisk(disk, never), null, never);
  return files;
}

/** Everything below the root: contents of files, and targets of links. */
export async function readGuest(
  files: GuestFiles,
): Promise<{ readonly files: Map<string, Buffer>; readonly links: Map<string, string | null> }> {
  const found = new Map<string, Buffer>();
  const links = new Map<string, string | null>();
  const walk = async (node: GuestNode, path: string): Promise<void> => {
    if (node.kind === 'link') links.set(path, node.target);
    if (node.kind === 'file') found.set(path, await contents(node));
    if (node.kind !== 'folder') return;
    for await (const entry of node.entries(never)) {
      await walk(await entry.node(never), `${path}/${entry.name}`);
    }
  };
  await walk(await files.root(never), '');
  return { files: found, links };
}

/** Reads a file in pieces of an odd length, as programs do. */
export async function contents(node: GuestNode, stream: string | null = null): Promise<Buffer> {
  const bytes = await node.open(stream, never);
  // Zeros must be written, too.
  const out = Buffer.alloc(bytes.size, 0xaa);
  const piece = 77_777;
  for (let at = 0; at < out.length; at += piece) {
    await bytes.read(at, out.subarray(at, Math.min(out.length, at + piece)), never);
  }
  return out;
}
