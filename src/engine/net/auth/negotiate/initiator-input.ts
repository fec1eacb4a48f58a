import type { AuthConnection } from '../contract/scheme.ts';
import type { InitiatorInput } from '../contract/security-context.ts';
import { channelBinding } from '../tls/channel-binding.ts';

/** Returns the input of a mechanism for a connection. */
export function initiatorInput(connection: AuthConnection): InitiatorInput {
  const { credential, service, url, certificate } = connection;
  return {
    credential,
    service,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    channelBinding: certificate === undefined ? undefined : channelBinding(certificate),
  };
}
