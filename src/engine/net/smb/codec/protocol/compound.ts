import { Buffer } from 'node:buffer';
import { smbError, type Sender } from '../../contract/smb-errors.ts';
import { HEADER_BYTES } from './fields.ts';
import { decodeHeader, type SmbHeader } from './header.ts';

/** Maximum messages of a chain; more would only multiply the work of one frame. */
const MAX_CHAIN = 128;

/** One message of a chain. Signatures cover `bytes` as they are, padding included. */
export interface ChainElement {
  readonly header: SmbHeader;
  readonly bytes: Buffer;
}

/**
 * Splits the content of a frame (MS-SMB2 3.2.5.1.9, 3.3.5.2.7) into its messages, as views. Throws the
 * code of the sender for a NextCommand outside of the frame, not aligned or below 64, and for
 * more than 128 messages.
 */
export function splitChain(bytes: Buffer, sender: Sender): ChainElement[] {
  const chain: ChainElement[] = [];
  for (let start = 0; ;) {
    const rest = bytes.subarray(start);
    const header = decodeHeader(rest, sender);
    const next = header.nextCommand;
    if (next === 0) {
      chain.push({ header, bytes: rest });
      return chain;
    }
    const fits = next >= HEADER_BYTES && next % 8 === 0 && next + HEADER_BYTES <= rest.length;
    if (!fits || chain.length + 2 > MAX_CHAIN) {
      const problem = fits
        ? `more than ${MAX_CHAIN} messages`
        : `NextCommand is ${next} in ${rest.length} bytes`;
      throw smbError(sender, `A compound has ${problem}`, { data: { next, start } });
    }
    chain.push({ header, bytes: rest.subarray(0, next) });
    start += next;
  }
}
