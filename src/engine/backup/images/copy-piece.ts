import { forEachInFlight } from '../../base/in-flight.ts';
import type { Range } from '../../base/range.ts';
import type { VhdxWriter } from '../../disk/vhdx/write/vhdx-writer.ts';
import type { LocatedRange, VirtualDisk } from '../../disk/virtual/virtual-disk.ts';
import { zeroRuns } from '../../disk/virtual/zero-scan.ts';
import { backupError } from '../errors/backup-errors.ts';
import type { ChainHashes } from '../hashes/chain-hashes.ts';
import { digestOf } from '../hashes/hash-cell.ts';
import type { HashTreeWriter } from '../hashes/hash-tree-writer.ts';
import type { TouchedUnit } from '../hashes/touched-units.ts';
import type { CopyPiece } from './copy-pieces.ts';
import type { CopySource } from './copy-source.ts';
import type { CopyWindow } from './copy-window.ts';
import type { LocatedPiece } from './located-pieces.ts';
import { nameUnits } from './name-units.ts';
import { parentDamage } from './stored-disk.ts';

/** The increment's parent in the store, which completes partly changed units. */
export interface CopyBase {
  readonly disk: VirtualDisk;
  readonly hashes: ChainHashes;
}

/** The source and the target of pieces, and the state that their copies share. */
export interface CopyTarget {
  readonly source: CopySource;
  readonly writer: VhdxWriter;
  readonly hashes: HashTreeWriter;
  readonly base: CopyBase | null;
  readonly window: CopyWindow;
}

/**
 * Zeros are skipped in pieces of this size: the rest of a completed block is often zeros, and gaps
 * in the file cost nothing. Smaller pieces would split data into many writes.
 */
export const ZERO_UNIT = 64 * 1024;

/**
 * Reads a piece into `bytes`, writes it and records its hashes. Returns the bytes stored, without
 * zeros. Throws `parent.damaged`.
 */
export async function copyPiece(
  work: LocatedPiece,
  bytes: Buffer,
  target: CopyTarget,
  signal: AbortSignal,
): Promise<number> {
  const { base, hashes, writer, window } = target;
  const { piece } = work;
  for (const unit of piece.fill) await fillFromBase(base, hashes, unit, bytes, signal);
  await readParts(work, bytes, target, signal);
  // Hashes are computed while the piece is written. A unit that is only stored to complete its
  // block is unchanged.
  const naming = nameUnits(hashes, piece.changed, bytes, !window.grown);
  const writing = writeParts(writer, piece, bytes, base !== null, signal);
  // Other threads may read the bytes until both have ended, even if one fails.
  await Promise.allSettled([writing, naming]);
  await naming;
  return writing;
}

async function readParts(
  { piece, located }: LocatedPiece,
  bytes: Buffer,
  { source, window }: CopyTarget,
  signal: AbortSignal,
): Promise<void> {
  const read = ({ start, end }: Range, at?: LocatedRange): Promise<void> => {
    const into = bytes.subarray(start - piece.start, end - piece.start);
    return window.read(at?.requests ?? 1, () =>
      at === undefined ? source.read(start, into, signal) : at.read(into, signal),
    );
  };
  const parts = [...piece.parts.entries()];
  while (parts.length > 0 && !window.grown) {
    const [i, part] = parts.shift() as (typeof parts)[number];
    await read(part, located?.[i]);
  }
  if (parts.length === 0) return;
  await forEachInFlight(parts, window.requests, ([i, part]) => read(part, located?.[i]), signal);
}

async function writeParts(
  writer: VhdxWriter,
  { start, stored: parts }: CopyPiece,
  bytes: Buffer,
  increment: boolean,
  signal: AbortSignal,
): Promise<number> {
  let stored = 0;
  for (const part of parts) {
    const slice = bytes.subarray(part.start - start, part.end - start);
    for (const run of zeroRuns(slice, ZERO_UNIT, part.start)) {
      const at = part.start + run.start;
      if (!run.zero) {
        await writer.write(at, slice.subarray(run.start, run.end), signal);
        stored += run.end - run.start;
      } else if (increment) {
        writer.zero(at, run.end - run.start);
      }
    }
  }
  return stored;
}

/**
 * Fills a unit with the parent's bytes and checks them against the recorded hash. Fills it with
 * zeros if there is no parent.
 */
async function fillFromBase(
  base: CopyBase | null,
  hashes: HashTreeWriter,
  { unit, start, end }: TouchedUnit,
  piece: Buffer,
  signal: AbortSignal,
): Promise<void> {
  const bytes = piece.subarray(start, end);
  if (base === null) {
    bytes.fill(0);
    return;
  }
  const offset = unit * hashes.shape.format.unit;
  const recorded = await readParent(base, unit, offset, bytes, signal).catch((error: unknown) => {
    throw parentDamage(error, base.disk.name);
  });
  if (Buffer.compare(digestOf(bytes), recorded) !== 0) {
    throw backupError(
      'parent.damaged',
      `The parent in the store is damaged at ${offset}: its data does not match the recorded hash`,
      { data: { parent: base.disk.name, offset } },
    );
  }
}

async function readParent(
  base: CopyBase,
  unit: number,
  offset: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  await base.disk.read(offset, bytes, signal);
  return base.hashes.leaf(unit, signal);
}
