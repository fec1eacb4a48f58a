import type { HostFiles } from '../../backup/host/host-files.ts';
import { isEngineError } from '../../base/errors.ts';
import {
  formatUnc,
  uncPathsOf,
  type ShareMapping,
  type UncPath,
} from '../../net/smb/address/unc-path.ts';
import type { FileAccess } from '../../source/files/file-access.ts';

/**
 * Returns the function that gives the UNC path of a host's file. If several shares may have it, takes
 * the first that the server has. Throws `smb.*`.
 * @param host name or address by which the host is reached
 */
export function placesOf(
  host: string,
  mappings: readonly ShareMapping[],
  access: Pick<FileAccess, 'stat'>,
): HostFiles['pathOf'] {
  /** Whether a share exists, by its path. */
  const shares = new Map<string, boolean>();
  const exists = async (share: string, signal: AbortSignal): Promise<boolean> => {
    const known = shares.get(share);
    if (known !== undefined) return known;
    const found = await hasShare(share, access, signal);
    shares.set(share, found);
    return found;
  };
  return async (hostPath, signal) => {
    const plain = hostPath.replace(/^\\\\\?\\(?=[a-z]:)/i, '');
    const places = uncPathsOf(plain, host, mappings).map((place) => ownServer(place, host));
    for (const place of places.slice(0, -1)) {
      if (await exists(formatUnc({ ...place, path: '' }), signal)) return formatUnc(place);
    }
    return formatUnc(places.at(-1) as UncPath);
  };
}

async function hasShare(
  share: string,
  access: Pick<FileAccess, 'stat'>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return (await access.stat(share, signal)) !== undefined;
  } catch (error) {
    if (isEngineError(error, 'smb.share', 'smb.denied')) return false;
    throw error;
  }
}

/** A host that reports paths on itself by its short name is reached by the name that was given. */
function ownServer(place: UncPath, host: string): UncPath {
  const [first = ''] = host.split('.');
  const isShort = /[a-z]/i.test(first) && first.toLowerCase() === place.server.toLowerCase();
  return isShort ? { ...place, server: host } : place;
}
