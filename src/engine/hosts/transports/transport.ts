import type { HostTarget } from '../../api/host.ts';
import type { CimClient } from '../../cim/client.ts';
import type { WsmanTarget } from '../../net/wsman/connect-wsman.ts';

/** The address of a host and how to log in there. */
export interface TransportTarget extends WsmanTarget {
  readonly transport?: HostTarget['transport'];
  readonly cimProtocol?: HostTarget['cimProtocol'];
}

/** A way to reach Hyper-V's management service: a row in transports.ts. */
export interface Transport {
  readonly name: string;
  /** Whether a host is reached by this transport, by its address or because it was chosen. */
  matches(target: TransportTarget): boolean;
  /** Creates a client. Sends nothing before the first call. Throws for an invalid address. */
  connect(target: TransportTarget): CimClient;
}
