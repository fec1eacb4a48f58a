import {
  DEFAULT_SMB,
  type Finding,
  type HostTarget,
  type SmbSettings,
  type SmbTest,
} from '../../api/host.ts';
import { isEngineError } from '../../base/errors.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import { systemKnows } from '../../hosts/connect-target.ts';
import { fileServerOf } from '../../hosts/files/file-server-of.ts';
import { Secret } from '../../net/auth/contract/secret.ts';
import { refusedPasswords } from '../../net/auth/refused-passwords.ts';
import { checkServer, parseUnc } from '../../net/smb/address/unc-path.ts';
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
  const host = server.replace(/^\[|\]$/g, '');
  const credential = systemKnows(request) ? undefined : { user, password: new Secret(password) };
  // A person asks for the test: a password that was refused before is sent again.
  refusedPasswords.forget({ url: new URL(`smb://${inUrl(host)}`), credential });
  const patience = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const { session, tree, rsvd } = await openLines(
      {
        host,
        port: request.port,
        deadline: timeoutSeconds * 1000,
        encryption: request.encryption,
        recorder,
        account: {
          credential,
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

/**
 * Tests the access to files for a window: of the host itself, or of a place on a server that was
 * approved. Throws `smb.server.unknown` before any other server is contacted.
 * @param place as in a request of the test; empty: the host
 */
export async function testFileAccess(
  target: HostTarget,
  place: string,
  signal: AbortSignal,
  recorder: ExchangeRecorder,
): Promise<SmbTest> {
  const { smb = DEFAULT_SMB } = target;
  const host = fileServerOf(target.url);
  // As backups do: other logins than those of SMB have no counterpart there.
  const { authentication } = target;
  const isCertificate = authentication === 'certificate';
  const request = {
    ...target,
    ...(isCertificate ? { user: '', password: '' } : {}),
    authentication: isCertificate || authentication === 'basic' ? 'auto' : authentication,
    ...smb,
    place: place === '' ? host : place,
  } as const;
  const unc = parseUnc(request.place);
  const named = { server: unc?.server ?? request.place, share: unc?.share ?? '', path: '' };
  checkServer(named, [host, ...smb.servers]);
  return testSmb(request, signal, recorder);
}

/** Host name as a URL has it. */
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function findingsOf(server: string, encryption: SmbEncryption, sealed: boolean): Finding[] {
  if (sealed || encryption === 'off') return [];
  const message = `${server} cannot encrypt: data crosses the network signed, but readable`;
  return [{ code: 'smb.encryption', severity: 'warning', message }];
}
