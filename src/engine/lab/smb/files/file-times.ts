import type { BigIntStats } from 'node:fs';
import { ATTRIBUTE } from '../../../net/smb/codec/protocol/constants.ts';
import type { FileFacts } from '../../../net/smb/codec/files/file-facts.ts';

/** FILETIME of 1970, in units of 100 ns since 1601. */
const EPOCH = 116_444_736_000_000_000n;
/** Bytes of a cluster of the lab's volume. */
export const CLUSTER = 4096;
/** Permission bits that let anybody write. */
const WRITABLE = 0o222n;

export const fileTime = (nanoseconds: bigint): bigint => nanoseconds / 100n + EPOCH;

export const fileTimeNow = (): bigint => BigInt(Date.now()) * 10_000n + EPOCH;

/** Returns seconds since 1970 as `fs.utimes` takes them. */
export const secondsOf = (time: bigint): number => Number((time - EPOCH) / 10n) / 1_000_000;

/** Returns times, sizes and attributes as Windows shows them. */
export function factsOf(stats: BigIntStats): FileFacts {
  const folder = stats.isDirectory();
  const size = folder ? 0 : Number(stats.size);
  return {
    // Some file systems do not record the creation.
    creationTime: fileTime(stats.birthtimeNs > 0n ? stats.birthtimeNs : stats.mtimeNs),
    accessTime: fileTime(stats.atimeNs),
    writeTime: fileTime(stats.mtimeNs),
    changeTime: fileTime(stats.ctimeNs),
    allocationSize: Math.ceil(size / CLUSTER) * CLUSTER,
    endOfFile: size,
    attributes: attributesOf(stats),
  };
}

function attributesOf(stats: BigIntStats): number {
  if (stats.isSymbolicLink()) return ATTRIBUTE.reparsePoint | ATTRIBUTE.archive;
  if (stats.isDirectory()) return ATTRIBUTE.directory;
  return ATTRIBUTE.archive | (isReadOnly(stats) ? ATTRIBUTE.readOnly : 0);
}

/** Whether a file has the read-only attribute, which here means that nobody may write it. */
export const isReadOnly = (stats: BigIntStats): boolean =>
  stats.isFile() && (stats.mode & WRITABLE) === 0n;
