import path from 'node:path';
import type { Progress } from '../../base/progress.ts';
import { isEngineError } from '../../base/errors.ts';
import { FileStorage } from '../../source/files/file-storage.ts';
import { ChainDisk, checkSectors, MAX_CHAIN_DEPTH } from '../chain/chain.ts';
import { fileKey } from '../chain/find-parent.ts';
import { openAs } from '../chain/open-as.ts';
import { openDisk, type OpenedDisk } from '../chain/open-disk.ts';
import { newParent } from '../create/new-parent.ts';
import type { DiskImage } from '../image/image.ts';
import { compareDisks } from '../tools/disk-compare.ts';
import { diskError } from '../virtual/disk-errors.ts';
import { editsOf } from './edits-of.ts';
import { refuseInStore, refuseOtherChildren } from './guards.ts';
import type { InPlaceOptions } from './merge-in-place.ts';
import { noParent } from './merge-to-file.ts';
import { SeenThrough } from './seen-through.ts';

/** The document of `disk rebase`. */
export interface Rebased {
  readonly path: string;
  readonly parent: string;
  /** Identity of the parent that the child names now. */
  readonly identity: string | null;
  /**
   * Why the contents stay the same: the parent has the recorded identity, or everything that shows
   * through the child was compared with the old parent.
   */
  readonly proof: 'identity' | 'contents';
}

/**
 * Makes a child name another file as its parent; only the link changes. The new parent must have
 * the identity that the child recorded; otherwise all that shows through the child must be equal in
 * the old and the new parent. Throws `disk.parent.mismatch` if the old parent is missing,
 * `disk.rebase.contents` with the first difference, `disk.edit.*`, `disk.chain.*`.
 */
export async function rebaseDisk(
  file: string,
  parentFile: string,
  options: InPlaceOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Rebased> {
  const { open, storeMarker, environment } = options;
  const parent = await openDisk(parentFile, { search: open.search ?? [] }, signal);
  try {
    const { source, format } = await openAs(file, open, signal);
    const child = await format.open(source, open, signal);
    let proof: Rebased['proof'];
    try {
      await checkPair(file, child, parent);
      await refuseInStore([file], storeMarker);
      proof = await prove(file, child, parent, options, progress, signal);
    } finally {
      await child.close();
    }
    const [top] = parent.layers;
    const storage = await FileStorage.open(
      file,
      environment === undefined ? {} : { environment },
      signal,
    );
    try {
      await editsOf(child).relink(storage, newParent(top, parentFile, file), signal);
    } finally {
      await storage.close();
    }
    return { path: file, parent: parentFile, identity: top.identity ?? null, proof };
  } finally {
    await parent.disk.close();
  }
}

async function checkPair(file: string, child: DiskImage, parent: OpenedDisk): Promise<void> {
  const [top] = parent.layers;
  if (child.parent === undefined) throw noParent(child);
  editsOf(child);
  if (top.format !== child.format) {
    throw diskError(
      'disk.edit.format',
      `${top.name} has the format ${top.format}; the parent of ${child.name} must have ${child.format}`,
      { data: { found: top.format, expected: child.format } },
    );
  }
  checkSectors(child, top);
  const key = await fileKey(file);
  for (const each of parent.chain) {
    if ((await fileKey(each)) !== key) continue;
    throw diskError('disk.chain.cycle', `${file} would become its own parent through ${top.name}`, {
      data: { child: file, parent: top.name },
    });
  }
  if (parent.chain.length < MAX_CHAIN_DEPTH) return;
  throw diskError(
    'disk.chain.depth',
    `the chain of ${file} would be deeper than ${MAX_CHAIN_DEPTH}`,
    {
      data: { expected: MAX_CHAIN_DEPTH },
    },
  );
}

/** Proves that the child reads the same over the new parent, and that the parent has no other child. */
async function prove(
  file: string,
  child: DiskImage,
  parent: OpenedDisk,
  { open }: InPlaceOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<Rebased['proof']> {
  const [top] = parent.layers;
  const folders = [path.dirname(parent.chain[0] ?? top.name)];
  const problem = child.parent?.mismatch(top);
  if (problem === undefined) {
    await refuseOtherChildren(top, folders, [file, ...parent.chain], signal);
    return 'identity';
  }
  const old = await openDisk(file, open, signal).catch((error: unknown) => {
    // The old parent is gone: nothing can be compared.
    throw isEngineError(error, 'disk.parent.missing', 'disk.parent.mismatch') ? problem : error;
  });
  try {
    await refuseOtherChildren(top, folders, [...old.chain, ...parent.chain], signal);
    const [, ...below] = old.layers;
    const { firstDifference } = await compareDisks(
      new SeenThrough(child, new ChainDisk(below)),
      new SeenThrough(child, parent.disk),
      { strict: true },
      progress,
      signal,
    );
    if (firstDifference === null) return 'contents';
    throw diskError(
      'disk.rebase.contents',
      `${child.name} would read differently over ${top.name}, first at byte ${firstDifference} of the disk`,
      { data: { child: child.name, parent: top.name, offset: firstDifference } },
    );
  } finally {
    await old.disk.close();
  }
}
