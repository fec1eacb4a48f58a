import type { FileProtection } from '../../../../api/host.ts';
import { checkServer, parseUnc, type UncPath } from '../../address/unc-path.ts';
import { smbError } from '../../contract/smb-errors.ts';
import { describeNegotiated } from '../describe.ts';
import { SmbLink, type LinkOptions } from '../link/smb-link.ts';

/** Follows the sessions at servers, so that a later process can end what this one leaves open. */
export interface SessionWatch {
  /** Session that an earlier process left at a server; undefined if none is known. */
  previous(server: string): bigint | undefined;
  /** Called before anything is opened in a new session. */
  opened(server: string, session: bigint): Promise<void>;
}

export interface ServersOptions extends Omit<LinkOptions, 'host' | 'opened' | 'previousSessionId'> {
  /** Names of the servers that may receive a proof of the account's password. */
  readonly approved: readonly string[];
  readonly sessions?: SessionWatch | undefined;
}

/** A file of a server, with the link that reaches it. */
interface PlaceOnServer extends UncPath {
  readonly link: SmbLink;
}

/** The file servers of one user, each with a link of its own that is made when it is first used. */
export class SmbServers {
  readonly #options: ServersOptions;
  readonly #links = new Map<string, SmbLink>();
  readonly #plain = new Set<string>();
  readonly #protection = new Map<string, FileProtection>();
  #contacted = false;

  /** Sends nothing yet. */
  constructor(options: ServersOptions) {
    this.#options = options;
  }

  /** A login at a server has succeeded. */
  get contacted(): boolean {
    return this.#contacted;
  }

  /** Servers whose messages are only signed, although encryption was wanted. */
  get unencrypted(): readonly string[] {
    return [...this.#plain];
  }

  /** Servers at which a login has succeeded, and how their messages are protected. */
  get protection(): readonly FileProtection[] {
    return [...this.#protection.values()];
  }

  /** Returns the place of a UNC path. Throws `smb.server.unknown`, `smb.address`. */
  placeOf(path: string): PlaceOnServer {
    const place = parseUnc(path);
    if (place === undefined) {
      throw smbError('smb.address', `“${path}” is not \\\\server\\share\\path`, { data: { path } });
    }
    checkServer(place, this.#options.approved);
    return { ...place, link: this.#linkTo(place.server) };
  }

  /** Logs in at a server, so that it ends the session of an earlier process. */
  async logIn(server: string, signal: AbortSignal): Promise<void> {
    checkServer({ server, share: '', path: '' }, this.#options.approved);
    await this.#linkTo(server).session(signal);
  }

  /**
   * Logs off everywhere, which closes all files. A later use logs in again. Returns the servers that
   * may keep files open, since they did not answer.
   */
  async close(): Promise<readonly string[]> {
    const links = [...this.#links.values()];
    this.#links.clear();
    const ended = await Promise.all(links.map((link) => link.close()));
    return links.filter((_link, i) => ended[i] === false).map(({ host }) => host);
  }

  #linkTo(server: string): SmbLink {
    const key = server.toLowerCase();
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const { approved: _, sessions, ...options } = this.#options;
    const previousSessionId = sessions?.previous(server) ?? 0n;
    const link = new SmbLink({
      ...options,
      host: server,
      previousSessionId,
      opened: async ({ id, encrypted, connection }) => {
        this.#contacted = true;
        const names = describeNegotiated(connection.negotiated);
        this.#protection.set(key, { server, ...names, sealed: encrypted });
        if (options.encryption === 'wanted' && !encrypted) this.#plain.add(server);
        await sessions?.opened(server, id);
      },
    });
    this.#links.set(key, link);
    return link;
  }
}
