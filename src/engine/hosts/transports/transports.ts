import { connectWsman } from '../../net/wsman/connect-wsman.ts';
import type { Transport } from './transport.ts';

/** WS-Management over HTTP or HTTPS. It takes every address that no other transport takes, and says what is wrong with it. */
const WSMAN: Transport = { name: 'wsman', matches: () => true, connect: connectWsman };

/** Every transport; the first that an address matches is used. */
const TRANSPORTS: readonly Transport[] = [WSMAN];

/** Returns the transport of an address. */
export const transportOf = (address: string): Transport =>
  TRANSPORTS.find((transport) => transport.matches(address)) ?? WSMAN;
