import { createHash } from 'node:crypto';

/**
 * Returns the checksum of a manifest: the SHA-256 of its JSON without whitespace, with the fields
 * in their order, except `checksum`. It covers unknown fields too and does not depend on the file's
 * indentation.
 */
export function manifestChecksum(manifest: object): string {
  const { checksum: _, ...rest } = manifest as Readonly<Record<string, unknown>>;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex');
}

/**
 * Like {@link manifestChecksum}; undefined if unknown fields are nested too deeply to be written
 * again.
 */
export function tryManifestChecksum(manifest: object): string | undefined {
  try {
    return manifestChecksum(manifest);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
