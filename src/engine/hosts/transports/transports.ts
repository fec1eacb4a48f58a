import { connectWsman } from '../../net/wsman/connect-wsman.ts';
import type { Transport } from './transport.ts';

/**
 * WS-Management over HTTP or HTTPS. Accepts every address that no other transport matches, and
 * reports what is wrong with an invalid one.
 */
const WSMAN: Transport = { name: 'wsman', matches: () => true, connect: connectWsman };

/** Every transport; the first that matches an address is used. */
const TRANSPORTS: readonly Transport[] = [WSMAN];

/** Returns the transport of an address. */
export const transportOf = (address: string): Transport =>
  TRANSPORTS.find((transport) => transport.matches(address)) ?? WSMAN;
