import { connectWsman } from '../../net/wsman/connect-wsman.ts';
import { POWERSHELL } from './powershell.ts';
import type { Transport, TransportTarget } from './transport.ts';

/**
 * WS-Management over HTTP or HTTPS. Accepts every address that no other transport matches, and
 * reports what is wrong with an invalid one.
 */
const WSMAN: Transport = { name: 'wsman', matches: () => true, connect: connectWsman };

/** Every transport; the first that matches a target is used. */
const TRANSPORTS: readonly Transport[] = [POWERSHELL, WSMAN];

/** Returns the transport of a host. */
export const transportOf = (target: TransportTarget): Transport =>
  TRANSPORTS.find((transport) => transport.matches(target)) ?? WSMAN;
