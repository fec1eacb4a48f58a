import type { Finding, HostTarget, SmbSettings } from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import { Secret } from '../../net/auth/contract/secret.ts';
import { parseUnc } from '../../net/smb/address/unc-path.ts';
import { describeNegotiated, shareFlagNames } from '../../net/smb/client/describe.ts';
import { openLines } from '../../net/smb/client/probe.ts';
import type { SmbEncryption } from '../../net/smb/client/session/smb-session.ts';
import { smbError } from '../../net/smb/contract/smb-errors.ts';

/** Parameters of a test of file access. */
export interface SmbTestRequest
  extends
    Pick<HostTarget, 'authentication' | 'user' | 'password' | 'ntlmFallback' | 'timeoutSeconds'>,
    Pick<SmbSettings, 'port' | 'encryption'> {
  /** `hv01`, or `\\hv01\vms`. */
  readonly place: string;
}

/** The document of `smb test`. */
export interface SmbTest {
  readonly server: string;
  readonly dialect: string;
  readonly signing: string;
  /** Cipher in common; null if the server cannot encrypt. */
  readonly cipher: string | null;
  /** Messages are encrypted. */
  readonly sealed: boolean;
  readonly mechanism: 'kerberos' | 'ntlm';
  /** As it was given; empty: the user of the ticket, or of the Windows session. */
  readonly account: string;
  /** null: no share was named. */
  readonly share: string | null;
  readonly shareFlags: readonly string[];
  /** Maximum bytes of one read. */
  readonly maxRead: number;
  readonly credits: number;
  /** The share has shared virtual disks (RSVD); null: not known. */
  readonly rsvd: boolean | null;
  readonly findings: readonly Finding[];
}

/**
 * Connects to a file server, logs in, enters the share if one is named, and reports the protection.
 * Throws `smb.*`, `http.auth.*`; `smb.timeout` if all of it takes too long.
 * @param recorder receives every exchange
 */
export async function testSmb(
  request: SmbTestRequest,
  signal: AbortSignal,
  recorder?: ExchangeRecorder,
): Promise<SmbTest> {
  const { place, user, password, timeoutSeconds } = request;
  const unc = parseUnc(place);
  const server = unc?.server ?? place;
  if (unc === undefined && !/^[\w.-]+$|^\[?[0-9a-f:]+\]?$/i.test(place)) {
    throw smbError('smb.address', `“${place}” is neither a server nor \\\\server\\share`, {
      data: { place },
    });
  }
  const patience = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const { session, tree, rsvd } = await openLines(
      {
        host: server.replace(/^\[|\]$/g, ''),
        port: request.port,
        deadline: timeoutSeconds * 1000,
        encryption: request.encryption,
        recorder,
        account: {
          credential: user === '' ? undefined : { user, password: new Secret(password) },
          authentication: request.authentication,
          ntlmFallback: request.ntlmFallback,
        },
      },
      unc?.share,
      AbortSignal.any([signal, patience]),
    );
    const { connection } = session;
    const sealed = unc === undefined ? session.encrypted : tree.encrypted;
    const document: SmbTest = {
      server,
      ...describeNegotiated(connection.negotiated),
      sealed,
      mechanism: session.mechanism,
      account: user,
      share: unc?.share ?? null,
      shareFlags: unc === undefined ? [] : shareFlagNames(tree.facts),
      maxRead: connection.maxRead,
      credits: connection.credits,
      rsvd,
      findings: findingsOf(server, request.encryption, sealed),
    };
    await session.close();
    return document;
  } catch (error) {
    if (!patience.aborted || signal.aborted || isEngineError(error)) throw error;
    throw smbError('smb.timeout', `${server} did not answer within ${timeoutSeconds} s`, {
      data: { host: server, seconds: timeoutSeconds },
    });
  }
}

function findingsOf(server: string, encryption: SmbEncryption, sealed: boolean): Finding[] {
  if (sealed || encryption === 'off') return [];
  const message = `${server} cannot encrypt: data crosses the network signed, but readable`;
  return [{ code: 'smb.encryption', severity: 'warning', message }];
}
