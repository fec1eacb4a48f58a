import type { PathMapping, SmbSettings } from '../../api/host.ts';
import type { RemoteFiles, RemoteSessions } from '../../backup/host/host-files.ts';
import { isServerFolder } from '../../backup/host/path-map.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import { isEngineError } from '../../base/errors.ts';
import { formatUnc, parseUnc, type ShareMapping } from '../../net/smb/address/unc-path.ts';
import { SmbAccess } from '../../net/smb/client/servers/smb-access.ts';
import { SmbWriting } from '../../net/smb/client/servers/smb-writing.ts';
import { SmbServers } from '../../net/smb/client/servers/smb-servers.ts';
import type { SmbAccount } from '../../net/smb/client/session/login.ts';
import { sharedDisks } from './shared-disks.ts';
import { placesOf } from './places-of.ts';

export interface FileServerTarget {
  /** Name or address of the host. */
  readonly host: string;
  readonly account: SmbAccount;
  readonly settings: SmbSettings;
  readonly timeoutSeconds: number;
  /** Time in which a lost connection may be made again, in milliseconds; five minutes if undefined. */
  readonly patience?: number;
  /** Receives every exchange, without data and secrets. */
  readonly recorder?: ExchangeRecorder | undefined;
}

/** Returns the files of a host by SMB. Sends nothing yet. */
export function remoteFiles(
  { host, account, settings, timeoutSeconds, patience, recorder }: FileServerTarget,
  pathMap: readonly PathMapping[],
  sessions: RemoteSessions | undefined,
): RemoteFiles {
  const mappings: ShareMapping[] = pathMap
    .filter(({ local }) => isServerFolder(local))
    .map((each) => ({ host: each.host, unc: each.local }));
  const mapped = mappings.flatMap(({ unc }) => serverOf(unc) ?? []);
  const servers = new SmbServers({
    port: settings.port,
    encryption: settings.encryption,
    account,
    deadline: timeoutSeconds * 1000,
    recorder,
    ...(patience === undefined ? {} : { patience }),
    approved: [host, ...mapped, ...settings.servers],
    sessions: sessions && {
      previous: (server) => idOf(sessions.previous(server)),
      opened: (server, id) => sessions.opened(server, id.toString(16)),
    },
  });
  const access = new SmbAccess(servers);
  const pathOf = placesOf(host, mappings, access);
  return {
    access,
    pathOf,
    writing: new SmbWriting(servers),
    shared: sharedDisks(servers, pathOf),
    reaches: async (hostPath, signal) => {
      try {
        const place = parseUnc(await pathOf(hostPath, signal));
        if (place === undefined) return false;
        return (await access.stat(formatUnc({ ...place, path: '' }), signal)) !== undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (!isEngineError(error)) throw error;
        return false;
      }
    },
    followsNames: false,
    get contacted() {
      return servers.contacted;
    },
    get unencrypted() {
      return servers.unencrypted;
    },
    get protection() {
      return servers.protection;
    },
    endEarlier: (server, signal) => servers.logIn(server, signal),
    close: () => servers.close(),
  };
}

/** Returns the server of a mapped folder; undefined for one that only this system's own client reaches. */
function serverOf(unc: string): string | undefined {
  try {
    return parseUnc(unc)?.server;
  } catch (error) {
    if (!isEngineError(error, 'smb.address')) throw error;
    return undefined;
  }
}

/** Returns the session of a ledger; undefined for a text that is not an ID. */
function idOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
}
