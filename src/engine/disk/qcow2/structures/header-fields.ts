import { section } from './layout.ts';

/** A field of a structure, as specified. Integers are big-endian. */
export interface Qcow2Field {
  readonly name: string;
  /** Offset from the start of the structure, in bytes. */
  readonly offset: number;
  readonly size: number;
  readonly kind: 'ascii' | 'u32Be' | 'u64Be' | 'size64Be' | 'flags64Be' | 'u8' | 'reserved';
  readonly help: string;
  readonly section: string;
  /** Names of values, or of bits (`flags64Be`). */
  readonly names?: Readonly<Record<number, string>>;
}

const HEADER = section('Header');

const field = <Name extends string>(
  name: Name,
  offset: number,
  size: number,
  kind: Qcow2Field['kind'],
  help: string,
  names?: Readonly<Record<number, string>>,
): Qcow2Field & { readonly name: Name } => ({
  name,
  offset,
  size,
  kind,
  help,
  section: HEADER,
  ...(names === undefined ? {} : { names }),
});

export const INCOMPATIBLE_BITS = {
  0: 'dirty',
  1: 'corrupt',
  2: 'external data file',
  3: 'compression type',
  4: 'extended L2 entries',
} as const;

const COMPATIBLE_BITS = { 0: 'lazy refcounts' } as const;
const AUTOCLEAR_BITS = { 0: 'bitmaps', 1: 'raw external data' } as const;

/** Fields of both versions: 72 bytes. */
export const HEADER_FIELDS = [
  field('magic', 0, 4, 'ascii', 'The bytes “QFI” and 0xfb'),
  field('version', 4, 4, 'u32Be', '2 or 3'),
  field('backing_file_offset', 8, 8, 'u64Be', 'Offset of the backing file’s name; 0 without one'),
  field('backing_file_size', 16, 4, 'u32Be', 'Bytes of that name, at most 1023'),
  field('cluster_bits', 20, 4, 'u32Be', 'A cluster has 2 to this power bytes: 9 to 21'),
  field('size', 24, 8, 'size64Be', 'Virtual size of the disk'),
  field('crypt_method', 32, 4, 'u32Be', 'Encryption of the contents', {
    0: 'not encrypted',
    1: 'AES',
    2: 'LUKS',
  }),
  field('l1_size', 36, 4, 'u32Be', 'Entries of the active L1 table'),
  field('l1_table_offset', 40, 8, 'u64Be', 'Offset of the active L1 table, at a cluster’s start'),
  field('refcount_table_offset', 48, 8, 'u64Be', 'Offset of the refcount table'),
  field('refcount_table_clusters', 56, 4, 'u32Be', 'Clusters of the refcount table'),
  field('nb_snapshots', 60, 4, 'u32Be', 'Snapshots inside the image'),
  field('snapshots_offset', 64, 8, 'u64Be', 'Offset of the snapshot table'),
] as const satisfies readonly Qcow2Field[];

/** Further fields of version 3: to 104 bytes, and one that header_length may cover. */
export const HEADER_FIELDS_V3 = [
  field(
    'incompatible_features',
    72,
    8,
    'flags64Be',
    'A reader must know each bit that is set',
    INCOMPATIBLE_BITS,
  ),
  field('compatible_features', 80, 8, 'flags64Be', 'May be ignored', COMPATIBLE_BITS),
  field(
    'autoclear_features',
    88,
    8,
    'flags64Be',
    'A writer that does not know a bit clears it',
    AUTOCLEAR_BITS,
  ),
  field('refcount_order', 96, 4, 'u32Be', 'A refcount has 2 to this power bits: 0 to 6'),
  field('header_length', 100, 4, 'u32Be', 'Bytes of the header, a multiple of 8'),
  field('compression_type', 104, 1, 'u8', 'Compression of all compressed clusters', {
    0: 'zlib',
    1: 'zstd',
  }),
] as const satisfies readonly Qcow2Field[];

export type HeaderFieldName =
  (typeof HEADER_FIELDS)[number]['name'] | (typeof HEADER_FIELDS_V3)[number]['name'];

const BY_NAME = new Map<string, Qcow2Field>(
  [...HEADER_FIELDS, ...HEADER_FIELDS_V3].map((each) => [each.name, each]),
);

/** Returns the declaration of a field of the header. */
export function headerField(name: HeaderFieldName): Qcow2Field {
  return BY_NAME.get(name) as Qcow2Field;
}
