import type { CertificateInfo } from '../../api/host.ts';
import { readCertificate } from '../../net/http/read-certificate.ts';
import { wsmanUrl } from '../../net/wsman/address.ts';

/** Reads the certificate that a host presents, without trusting it. Throws `http.*`. */
export function hostCertificate(
  { url, timeoutSeconds }: { readonly url: string; readonly timeoutSeconds: number },
  signal: AbortSignal,
): Promise<CertificateInfo> {
  return readCertificate(wsmanUrl(url, true), timeoutSeconds, signal);
}
