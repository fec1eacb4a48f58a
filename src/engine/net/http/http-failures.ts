import type { TLSSocket } from 'node:tls';
import { EngineError } from '../../base/errors.ts';
import { httpError } from './http-errors.ts';

const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ETIMEDOUT: 'the host does not answer',
  EADDRNOTAVAIL: 'the address cannot be used',
};

/** Certificate errors of OpenSSL as Node names them. */
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|UNABLE_TO|HOSTNAME|ALTNAME/;

/** What a failed request means for people, with the next step. `answered`: part of an answer had come. */
export function connectionFailure(error: Error, url: URL, answered: boolean): Error {
  if (error instanceof EngineError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const data = { url: url.href, system: code };
  const why = UNREACHABLE[code];
  if (why !== undefined && !answered) {
    return httpError(
      'http.unreachable',
      `${url.host} cannot be reached: ${why} (${code}). Check the address and that WinRM listens`,
      { data, cause: error },
    );
  }
  if (CERTIFICATE.test(code)) {
    const { cert } = error as { cert?: { fingerprint256?: string } };
    const fingerprint = normaliseFingerprint(cert?.fingerprint256 ?? '');
    return httpError(
      'http.tls.unknownCertificate',
      `The certificate of ${url.host} is not trusted (${code}). Give its authority with --ca, or pin it with --tls-fingerprint`,
      { data: fingerprint === '' ? data : { ...data, fingerprint }, cause: error },
    );
  }
  return httpError('http.lost', `The connection to ${url.host} was lost: ${error.message}`, {
    data,
    cause: error,
  });
}

/** An error unless the peer's certificate has the wanted SHA-256 fingerprint. */
export function certificateFailure(socket: TLSSocket, wanted: string, url: URL): Error | undefined {
  const found = normaliseFingerprint(socket.getPeerCertificate().fingerprint256 ?? '');
  const expected = normaliseFingerprint(wanted);
  if (found !== '' && found === expected) return undefined;
  return httpError(
    'http.tls.fingerprint',
    `The certificate of ${url.host} has the SHA-256 fingerprint ${found}; ${expected} was expected. Nothing was sent`,
    { data: { url: url.href, found, expected } },
  );
}

/** Lower-case hex without colons. */
export function normaliseFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}
