import type { CimClient } from '../../cim/client.ts';
import type { WsmanTarget } from '../../net/wsman/connect-wsman.ts';

/** The address of a host and how to log in there. */
export type TransportTarget = WsmanTarget;

/** A way to reach Hyper-V's management service: a row in transports.ts. */
export interface Transport {
  readonly name: string;
  /** Whether an address belongs to this transport. */
  matches(address: string): boolean;
  /** Creates a client. Sends nothing before the first call. Throws for an invalid address. */
  connect(target: TransportTarget): CimClient;
}
