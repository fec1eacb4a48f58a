import os from 'node:os';
import type { HostTarget, SmbSettings } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import { systemKnows } from '../../hosts/connect-target.ts';
import { Secret } from '../../net/auth/contract/secret.ts';
import { isInUse } from '../../net/rsvd/client/disk-use.ts';
import { SharedDisk } from '../../net/rsvd/client/shared-disk.ts';
import { rsvdError } from '../../net/rsvd/contract/rsvd-errors.ts';
import { parseUnc } from '../../net/smb/address/unc-path.ts';
import { SmbLink } from '../../net/smb/client/link/smb-link.ts';
import { smbError } from '../../net/smb/contract/smb-errors.ts';

/** A shared disk of a file server, and how to log in there. */
export interface SharedDiskTarget
  extends
    Pick<HostTarget, 'authentication' | 'user' | 'password' | 'ntlmFallback' | 'timeoutSeconds'>,
    Pick<SmbSettings, 'port' | 'encryption'> {
  /** `\\hv01\shared\disk.vhds` */
  readonly path: string;
}

/**
 * Opens a shared disk by its UNC path, runs work on it, closes it and logs off. Throws `smb.*`, `rsvd.*`,
 * `http.auth.*`.
 * @param alone refuses with `rsvd.busy` while somebody else has the disk open
 */
export async function withSharedDisk<T>(
  target: SharedDiskTarget,
  { alone = false, recorder }: { alone?: boolean; recorder?: ExchangeRecorder | undefined },
  work: (disk: SharedDisk) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { path, user, password, timeoutSeconds, port, encryption } = target;
  const unc = parseUnc(path);
  if (unc === undefined || unc.path === '') {
    throw smbError('smb.address', `“${path}” is not \\\\server\\share\\disk.vhds`, {
      data: { path },
    });
  }
  const credential = systemKnows(target) ? undefined : { user, password: new Secret(password) };
  const { authentication, ntlmFallback } = target;
  const link = new SmbLink({
    host: unc.server,
    port,
    deadline: timeoutSeconds * 1000,
    encryption,
    recorder,
    account: { credential, authentication, ntlmFallback },
  });
  try {
    if (alone) await requireUnused(link, unc, signal);
    const hostName = os.hostname();
    const disk = await SharedDisk.open(link, unc.share, unc.path, { hostName }, signal);
    try {
      return await work(disk);
    } catch (error) {
      throw explained(error, disk);
    } finally {
      await disk.close();
    }
  } finally {
    await link.close();
  }
}

async function requireUnused(
  link: SmbLink,
  { share, path }: { readonly share: string; readonly path: string },
  signal: AbortSignal,
): Promise<void> {
  const used = await link.run(share, (tree) => isInUse(tree, path, signal), signal);
  if (used === false) return;
  const why =
    used === undefined
      ? 'the server does not tell whether somebody else has it open'
      : 'somebody else has it open; shut down the VMs that use it';
  throw rsvdError('rsvd.busy', `\\\\${link.host}\\${share}\\${path} must not change now: ${why}`, {
    data: { path },
  });
}

/** Names the reason if the disk is a shared VHDX: snapshots and their changes are for VHD Sets. */
function explained(error: unknown, { facts, path }: SharedDisk): unknown {
  if (facts.isSet || !isEngineError(error, 'rsvd.kind')) return error;
  const text = `${path} is a shared VHDX. Snapshots, changes between them and optimizing need a VHD Set`;
  return rsvdError('rsvd.kind', text, { cause: error, data: { path, format: 'vhdx' } });
}
