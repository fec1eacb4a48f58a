import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runRefpoint } from './refpoint.ts';

interface LabVm {
  readonly id: string;
  readonly name: string;
  readonly disks: readonly { readonly path: string }[];
}

interface Range {
  readonly start: number;
  readonly length: number;
}

interface MapEntry extends Range {
  readonly depth: number;
  readonly present: boolean;
}

/** The file of a lab VM's first disk on this machine, as it is now. */
export async function labDisk(labFolder: string, name = 'sample-vm'): Promise<string> {
  const vms = await runRefpoint<readonly LabVm[]>(['lab', 'list', '--dir', labFolder]);
  const path = vms.find((vm) => vm.name === name)?.disks[0]?.path;
  if (path === undefined) throw new Error(`the lab has no ${name} with a disk`);
  const parts = path.replace(/^C:\\Lab\\/i, '').split('\\');
  // The active file of a running VM lies out of reach of the host's folder.
  const held = join(labFolder, 'held', ...parts);
  return existsSync(held) ? held : join(labFolder, 'host', ...parts);
}

/** SHA-256 of every byte of a virtual disk. */
export async function diskHash(image: string): Promise<string> {
  return (await runRefpoint<{ readonly hash: string }>(['disk', 'hash', image])).hash;
}

/** Ranges that an image itself holds, not its parents: neighbours are one. */
export async function ownRanges(image: string): Promise<readonly Range[]> {
  const entries = await runRefpoint<readonly MapEntry[]>(['disk', 'map', image]);
  return joined(entries.filter(({ depth, present }) => depth === 0 && present));
}

/** Ranges in ascending order, of which those that touch become one. */
export function joined(ranges: readonly Range[]): readonly Range[] {
  const out: { start: number; length: number }[] = [];
  for (const { start, length } of ranges) {
    const last = out.at(-1);
    if (last !== undefined && last.start + last.length === start) last.length += length;
    else out.push({ start, length });
  }
  return out;
}

/** The image of the point whose id ends so. */
export async function pointImage(store: string, ending: string): Promise<string> {
  const files = await readdir(store, { recursive: true });
  const found = files.find((file) => /-disk0\.a?vhdx$/.test(file) && file.includes(`${ending}/`));
  if (found === undefined) throw new Error(`no point of ${store} ends in ${ending}`);
  return join(store, found);
}
