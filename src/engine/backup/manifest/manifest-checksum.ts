import { createHash } from 'node:crypto';

/**
 * Returns the checksum of a manifest: the SHA-256 of its JSON without blanks, fields in their order, `checksum` left out.
 * It covers fields that this program does not know, and is the same however the file is indented.
 */
export function manifestChecksum(manifest: object): string {
  const { checksum: _, ...rest } = manifest as Readonly<Record<string, unknown>>;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/** As {@link manifestChecksum}; undefined if unknown fields are nested too deeply to be written again. */
export function tryManifestChecksum(manifest: object): string | undefined {
  try {
    return manifestChecksum(manifest);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
