import zlib from 'node:zlib';
import type { Transform } from 'node:stream';
import { diskError } from '../../virtual/disk-errors.ts';

/** Compression of an image (Header, compression_type). */
export type Compression = 'zlib' | 'zstd';

/**
 * Largest window of zstd, as a power of two. A frame of one cluster needs 21; the limit bounds the
 * memory that a hostile frame can ask for.
 */
const MAX_WINDOW_LOG = 23;

/** The part of Node's zlib that Node 20 does not have. */
interface Zstd {
  readonly createZstdDecompress?: (options: {
    chunkSize: number;
    params: Readonly<Record<number, number>>;
  }) => Transform & { readonly bytesWritten: number };
  readonly constants: { readonly ZSTD_d_windowLogMax?: number };
}

/**
 * Decompresses one cluster: raw deflate, or frames of zstd. Reads until `size` bytes are there and
 * ignores what follows, since the length in the L2 entry is rounded up to sectors.
 * @returns undefined if the bytes give less than `size`, or are not a valid stream
 */
export async function decompress(
  compression: Compression,
  bytes: Uint8Array,
  size: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(size);
  let filled = 0;
  for (let from = 0; from < bytes.length;) {
    signal.throwIfAborted();
    const stream = open(compression, size);
    const part = await runStream(stream, bytes.subarray(from), out.subarray(filled));
    filled += part.filled;
    if (filled === size) return out;
    from += part.consumed;
    // A stream of deflate is one; zstd may have several frames.
    if (compression === 'zlib' || !part.ended || part.consumed === 0) return undefined;
  }
  return undefined;
}

/** Throws `disk.unsupported` if this Node cannot decompress it. */
export function mustDecompress(compression: Compression, name: string): void {
  if (compression === 'zlib' || (zlib as unknown as Zstd).createZstdDecompress !== undefined)
    return;
  throw diskError(
    'disk.unsupported',
    `${name} is compressed with zstd, which Node ${process.versions.node} cannot read: Node 22.15 or later can`,
    { data: { path: name, found: 'zstd', expected: 'zlib' } },
  );
}

type Decompressor = Transform & { readonly bytesWritten: number };

function open(compression: Compression, size: number): Decompressor {
  // One byte more than a cluster, so that the end of a stream of just that length is seen.
  const chunkSize = Math.max(size + 1, 64);
  // The window of writers is 2^12, but a larger one reads those streams too.
  if (compression === 'zlib') return zlib.createInflateRaw({ chunkSize });
  const { createZstdDecompress, constants } = zlib as unknown as Zstd;
  const { ZSTD_d_windowLogMax: windowLogMax } = constants;
  if (createZstdDecompress === undefined || windowLogMax === undefined) {
    mustDecompress(compression, 'the image');
    throw new Error('zstd has no parameters');
  }
  return createZstdDecompress({ chunkSize, params: { [windowLogMax]: MAX_WINDOW_LOG } });
}

/** Feeds one stream until it ends, fails, or `into` is full. Never rejects. */
function runStream(
  stream: Decompressor,
  bytes: Uint8Array,
  into: Uint8Array,
): Promise<{ readonly filled: number; readonly consumed: number; readonly ended: boolean }> {
  return new Promise((resolve) => {
    let filled = 0;
    const done = (ended: boolean): void => {
      resolve({ filled, consumed: stream.bytesWritten, ended });
      stream.destroy();
    };
    stream.on('data', (chunk: Uint8Array) => {
      const part = chunk.subarray(0, into.length - filled);
      into.set(part, filled);
      filled += part.length;
      if (filled === into.length) done(true);
    });
    stream.on('end', () => done(true));
    stream.on('error', () => done(false));
    stream.end(bytes);
  });
}
