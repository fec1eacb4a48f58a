import type { NewParent } from '../../image/image-writer.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { pathBelow, storedFormatOf } from '../structures/backing-file.ts';
import { BACKING_FORMAT, encodeExtensions } from '../structures/header-extensions.ts';
import { encodeHeader, EXTENDED_L2, type Qcow2Header } from '../structures/header.ts';
import { MAX_BACKING_NAME, type Geometry } from '../structures/layout.ts';
import { REFCOUNT_ORDER_V2 } from '../structures/refcounts.ts';

/** Length of the header with compression_type and its padding. */
const HEADER_LENGTH = 112;

/** The parts of the first cluster of a new image that depend on its parent. */
export interface NewBacking {
  readonly name: Uint8Array;
  readonly extensions: Uint8Array;
}

/**
 * Returns what a new image stores about its parent. Throws `disk.write.argument` if the parent does
 * not lie in or below the folder of the image, or if its name does not fit into the first cluster.
 */
export function newBacking(parent: NewParent | undefined, clusterSize: number): NewBacking {
  if (parent === undefined) return { name: new Uint8Array(), extensions: encodeExtensions([]) };
  const { relativePath, absolutePath, format } = parent;
  const path = relativePath === undefined ? undefined : pathBelow(relativePath);
  if (path === undefined) {
    const found = relativePath ?? absolutePath ?? '';
    throw diskError(
      'disk.write.argument',
      `the parent of a qcow2 image must lie in or below the folder of the image, found “${found}”`,
      { data: { found, expected: 'a relative path without “..” at its start' } },
    );
  }
  const name = new TextEncoder().encode(path);
  const stored = format === undefined ? undefined : storedFormatOf(format);
  if (format !== undefined && stored === undefined) {
    throw diskError('disk.write.argument', `the parent of a qcow2 image cannot be ${format}`, {
      data: { found: format, expected: 'raw, qcow2, vhdx or vhd' },
    });
  }
  const data = new TextEncoder().encode(stored ?? '');
  const extensions = encodeExtensions(stored === undefined ? [] : [{ type: BACKING_FORMAT, data }]);
  const most = Math.min(MAX_BACKING_NAME, clusterSize - HEADER_LENGTH - extensions.length);
  if (name.length > most) {
    throw diskError(
      'disk.write.argument',
      `the path of the parent has ${name.length} bytes; ${most} fit into the header`,
      { data: { found: name.length, expected: most } },
    );
  }
  return { name, extensions };
}

/** Places of the tables of a complete image. */
export interface NewTables {
  readonly l1Size: number;
  readonly l1Offset: number;
  readonly refcountTableOffset: number;
  readonly refcountTableClusters: number;
}

/** Encodes the beginning of the first cluster: header, extensions, name of the backing file. */
export function encodeHead(g: Geometry, tables: NewTables, backing: NewBacking): Uint8Array {
  const nameAt = HEADER_LENGTH + backing.extensions.length;
  const named = backing.name.length > 0;
  const header: Qcow2Header = {
    version: 3,
    backingOffset: named ? nameAt : 0,
    backingLength: backing.name.length,
    clusterBits: g.clusterBits,
    size: g.size,
    cryptMethod: 0,
    ...tables,
    snapshotCount: 0,
    snapshotsOffset: 0,
    incompatible: g.extended ? EXTENDED_L2 : 0n,
    compatible: 0n,
    autoclear: 0n,
    refcountOrder: REFCOUNT_ORDER_V2,
    headerLength: HEADER_LENGTH,
    compressionType: 0,
  };
  const bytes = new Uint8Array(nameAt + backing.name.length);
  bytes.set(encodeHeader(header));
  bytes.set(backing.extensions, HEADER_LENGTH);
  bytes.set(backing.name, nameAt);
  return bytes;
}
