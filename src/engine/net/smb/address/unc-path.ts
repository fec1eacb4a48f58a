import { smbError } from '../contract/smb-errors.ts';

/** A place on a file server. */
export interface UncPath {
  readonly server: string;
  readonly share: string;
  /** Relative to the share, `\` between its parts; empty: the root. */
  readonly path: string;
}

/** Whether no file on Windows can have a name; `:` would name a stream. */
function isForbidden(name: string): boolean {
  return name === '.' || name === '..' || /["*:<>?|]/.test(name) || /\p{Cc}/u.test(name);
}

/**
 * Whether a text cannot name a server. Blanks and invisible characters would make an unknown server look
 * like another one in a question; `@` belongs to WebDAV: `hv01@SSL@443`.
 */
const isForbiddenServer = (server: string): boolean => /[\p{C}\p{Z}"*<>?@|]/u.test(server);

/**
 * Parses `\\server\share\path`, also with slashes, or `\\?\UNC\server\share\path`; undefined for any
 * other text. Throws `smb.address` for names that Windows does not have, and for `.` and `..`.
 */
export function parseUnc(text: string): UncPath | undefined {
  const plain = text.replaceAll('/', '\\').replace(/^\\\\[?.]\\UNC\\/i, '\\\\');
  const match = /^\\\\([^\\?.][^\\]*)\\([^\\]+)(?:\\(.*))?$/.exec(plain);
  if (match === null) return undefined;
  const [, server = '', share = '', rest = ''] = match;
  const parts = rest.split('\\').filter((part) => part !== '');
  const names = [share, ...parts];
  if (isForbiddenServer(server) || names.some(isForbidden)) {
    throw smbError('smb.address', `${text} has a name that no server or file of Windows has`, {
      data: { path: text },
    });
  }
  return { server, share, path: parts.join('\\') };
}

export const formatUnc = ({ server, share, path }: UncPath): string =>
  `\\\\${server}\\${share}${path === '' ? '' : `\\${path}`}`;

/** A folder of a host, and the share that shows it. */
export interface ShareMapping {
  /** `D:\VMs` */
  readonly host: string;
  /** `\\hv01\vms` */
  readonly unc: string;
}

const CLUSTER_STORAGE = /^[a-z]:\\ClusterStorage(?:\\|$)/i;

/**
 * Returns the places at which a file of a host may be, the most likely first: as a mapping says (the
 * longest that fits), as the host reported it if that is a UNC path, or below the administrative
 * share of its drive. Volumes of a cluster have a share of their own (UNCONFIRMED). Throws `smb.address` for
 * another path.
 * @param hostPath as the host reported it
 * @param host name or address of the host
 */
export function uncPathsOf(
  hostPath: string,
  host: string,
  mappings: readonly ShareMapping[],
): readonly UncPath[] {
  const path = hostPath.replaceAll('/', '\\');
  const mapped = mappings
    .filter((each) => isBelow(path, each.host))
    .sort((a, b) => b.host.length - a.host.length)
    .map((each) => parseUnc(`${trimmed(each.unc)}\\${path.slice(trimmed(each.host).length)}`));
  const [first] = mapped;
  if (first !== undefined) return [first];
  const reported = parseUnc(path);
  if (reported !== undefined) return [reported];
  const drive = /^([a-z]):\\(.*)$/i.exec(path);
  if (drive === null) {
    throw smbError(
      'smb.address',
      `“${hostPath}” is neither a path with a drive letter nor \\\\server\\share\\path`,
      { data: { path: hostPath } },
    );
  }
  const [, letter = '', rest = ''] = drive;
  const administrative = parseUnc(`\\\\${host}\\${letter.toUpperCase()}$\\${rest}`) as UncPath;
  if (!CLUSTER_STORAGE.test(path)) return [administrative];
  const volume = rest.replace(/^ClusterStorage\\?/i, '');
  return [parseUnc(`\\\\${host}\\ClusterStorage$\\${volume}`) as UncPath, administrative];
}

/**
 * Checks that a server may be contacted: it receives a proof of the account's password. Throws
 * `smb.server.unknown`.
 * @param approved the host itself, servers of mappings, and servers that the user named
 */
export function checkServer({ server }: UncPath, approved: readonly string[]): void {
  const same = (name: string): boolean => name.toLowerCase() === server.toLowerCase();
  if (approved.some(same)) return;
  throw smbError(
    'smb.server.unknown',
    `The file server ${server} is neither the host nor an approved server: it was not contacted, since it would receive a proof of the password`,
    { data: { server, approved } },
  );
}

const trimmed = (folder: string): string => folder.replaceAll('/', '\\').replace(/\\+$/, '');

/** Whether a path is a folder, or below it; case does not count. */
function isBelow(path: string, folder: string): boolean {
  const start = trimmed(folder).toLowerCase();
  const own = path.toLowerCase();
  return own === start || own.startsWith(`${start}\\`);
}
