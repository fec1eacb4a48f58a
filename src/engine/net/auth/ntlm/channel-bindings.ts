import { Buffer } from 'node:buffer';
import { md5 } from './crypto/digests.ts';

/** Value of the attribute without a channel. */
const NO_BINDINGS = Buffer.alloc(16);

/**
 * Returns the value of the attribute ChannelBindings (MS-NLMP 2.2.2.1, 3.1.5.1.2): the MD5 of a
 * `gss_channel_bindings_struct` with empty addresses. Zero without a channel.
 * @param applicationData `tls-server-end-point:` and the certificate's hash.
 */
export function channelBindingsHash(applicationData: Buffer | undefined): Buffer {
  if (applicationData === undefined) return NO_BINDINGS;
  const head = Buffer.alloc(20);
  head.writeUInt32LE(applicationData.length, 16);
  return md5(head, applicationData);
}

/** Whether an attribute's value says that the client bound no channel. */
export function bindsNoChannel(value: Buffer | undefined): boolean {
  return value === undefined || value.equals(NO_BINDINGS);
}
