import type { Defect } from '../../inspect/defect.ts';
import { headerField, INCOMPATIBLE_BITS, type HeaderFieldName } from './header-fields.ts';
import {
  COMPRESSION_TYPE,
  CORRUPT,
  decodeHeader,
  DIRTY,
  EXTENDED_L2,
  EXTERNAL_DATA,
  fixedHeaderLength,
  type Qcow2Header,
} from './header.ts';
import {
  HEADER_SIZE_V3,
  MAGIC,
  MAX_CLUSTER_BITS,
  MIN_CLUSTER_BITS,
  MIN_EXTENDED_CLUSTER_BITS,
  section,
} from './layout.ts';
import { placeRules } from './place-rules.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

export type Qcow2Defect = Defect<Qcow2ErrorCode>;

const STRUCTURE = 'qcow2 header';
const KNOWN_FEATURES = Object.keys(INCOMPATIBLE_BITS).reduce(
  (all, bit) => all | (1n << BigInt(bit)),
  0n,
);

/**
 * Yields the broken rules of a header (Header, Additional fields), the gravest first: behind a
 * value on which all others depend it ends.
 * @param bytes start of the file: 112 bytes, or all of a smaller file
 */
export function* headerRules(bytes: Uint8Array, fileSize: number): Generator<Qcow2Defect> {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) {
    yield broken('magic', {
      code: 'qcow2.signature',
      error: 'qcow2.signature',
      found: printable(magic),
      expected: '“QFI\\xfb”',
    });
    return;
  }
  const version = versionOf(bytes);
  if (version !== undefined && version !== 2 && version !== 3) {
    yield broken('version', {
      code: 'qcow2.version',
      error: 'qcow2.version',
      found: version,
      expected: '2 or 3',
    });
    return;
  }
  const needed = fixedHeaderLength(version ?? 2);
  if (bytes.length < needed) {
    yield {
      code: 'qcow2.truncated',
      error: 'qcow2.truncated',
      structure: STRUCTURE,
      offset: 0,
      found: fileSize,
      expected: needed,
      section: section('Header'),
      text: `the file has ${fileSize} bytes; its header needs ${needed}`,
    };
    return;
  }
  const header = decodeHeader(bytes);
  yield* featureRules(header);
  yield* lengthRules(header, bytes);
  const { clusterBits } = header;
  if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
    yield broken('cluster_bits', {
      code: 'qcow2.header.clusterBits',
      error: 'qcow2.header',
      found: clusterBits,
      expected: `${MIN_CLUSTER_BITS} to ${MAX_CLUSTER_BITS}`,
    });
    return;
  }
  yield* placeRules(header, fileSize);
}

/** Returns the version; undefined if the file ends before it. */
function versionOf(bytes: Uint8Array): number | undefined {
  if (bytes.length < 8) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
}

/** Yields features that are refused, and those that are only noted. */
function* featureRules(header: Qcow2Header): Generator<Qcow2Defect> {
  const { incompatible, cryptMethod } = header;
  const name = 'incompatible_features';
  const unknown = incompatible & ~KNOWN_FEATURES;
  if (unknown !== 0n) {
    yield broken(name, {
      code: 'qcow2.feature.unknown',
      error: 'qcow2.feature',
      found: `0x${unknown.toString(16)}`,
      expected: `bits of 0x${KNOWN_FEATURES.toString(16)}`,
      text: `the image needs features that this version does not know: bits 0x${unknown.toString(16)} of incompatible_features`,
    });
  }
  if ((incompatible & EXTERNAL_DATA) !== 0n) {
    yield broken(name, {
      code: 'qcow2.feature.dataFile',
      error: 'qcow2.dataFile',
      found: 'external data file',
      expected: 'contents in the image',
      text: 'the contents of the image lie in an external data file, which is not supported: convert it with qemu-img',
    });
  }
  if (cryptMethod !== 0) {
    const [aes, luks] = [cryptMethod === 1, cryptMethod === 2];
    const found = aes ? 'AES' : luks ? 'LUKS' : String(cryptMethod);
    yield broken('crypt_method', {
      code: 'qcow2.encrypted',
      error: 'qcow2.encrypted',
      found,
      expected: '0: not encrypted',
      text: `the contents of the image are encrypted (${found}), which is not supported: decrypt it with qemu-img`,
    });
  }
  if ((incompatible & CORRUPT) !== 0n) {
    yield broken(name, {
      code: 'qcow2.feature.corrupt',
      severity: 'warning',
      found: 'corrupt',
      expected: 'not marked as corrupt',
      text: 'the image is marked as corrupt: a program found wrong tables in it; run a check',
    });
  }
  if ((incompatible & DIRTY) !== 0n) {
    yield broken(name, {
      code: 'qcow2.feature.dirty',
      severity: 'warning',
      found: 'dirty',
      expected: 'closed',
      text: 'the image is marked as dirty: it was not closed, and its refcounts may be wrong; the contents are read from the L1 and L2 tables',
    });
  }
}

function* lengthRules(header: Qcow2Header, bytes: Uint8Array): Generator<Qcow2Defect> {
  const { version, headerLength, clusterBits, incompatible, compressionType } = header;
  if (version < 3) return;
  const most = 2 ** Math.min(clusterBits, MAX_CLUSTER_BITS);
  if (headerLength < HEADER_SIZE_V3 || headerLength % 8 !== 0 || headerLength > most) {
    yield broken('header_length', {
      code: 'qcow2.header.length',
      error: 'qcow2.header',
      found: headerLength,
      expected: `a multiple of 8 from ${HEADER_SIZE_V3} to ${most}`,
    });
  }
  if (header.refcountOrder > 6) {
    yield broken('refcount_order', {
      code: 'qcow2.header.refcountOrder',
      error: 'qcow2.header',
      found: header.refcountOrder,
      expected: '0 to 6',
    });
  }
  const marked = (incompatible & COMPRESSION_TYPE) !== 0n;
  if (marked !== (compressionType !== 0)) {
    yield broken('compression_type', {
      code: 'qcow2.header.compressionMark',
      error: 'qcow2.header',
      found: compressionType,
      expected: marked ? 'not 0: the feature bit is set' : '0: the feature bit is not set',
    });
  } else if (compressionType > 1) {
    yield broken('compression_type', {
      code: 'qcow2.header.compressionType',
      error: 'qcow2.feature',
      found: compressionType,
      expected: '0 (zlib) or 1 (zstd)',
    });
  }
  const padding = bytes.subarray(105, Math.min(headerLength, 112));
  if (padding.some((byte) => byte !== 0)) {
    yield broken('compression_type', {
      code: 'qcow2.header.padding',
      severity: 'warning',
      found: 'bytes that are not zero',
      expected: 'zeros up to the header’s end',
    });
  }
  if ((incompatible & EXTENDED_L2) !== 0n && clusterBits < MIN_EXTENDED_CLUSTER_BITS) {
    yield broken('cluster_bits', {
      code: 'qcow2.header.extendedClusterBits',
      error: 'qcow2.header',
      found: clusterBits,
      expected: `at least ${MIN_EXTENDED_CLUSTER_BITS} with extended L2 entries`,
    });
  }
}

const broken = (
  field: HeaderFieldName,
  defect: Omit<Qcow2Defect, 'structure' | 'field' | 'offset' | 'section'>,
): Qcow2Defect => ({
  structure: STRUCTURE,
  field,
  offset: headerField(field).offset,
  section: section('Header'),
  ...defect,
});

const printable = (text: string): string =>
  Array.from(text, (c) => (c >= ' ' && c <= '~' ? c : '.')).join('');
