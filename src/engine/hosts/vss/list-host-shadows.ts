import type { HostTarget } from '../../api/host.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { listShadows, type HostShadows } from '../../vss/wmi/list-shadows.ts';
import { toConnect } from '../connect-target.ts';
import { transportOf } from '../transports/transports.ts';

/**
 * Lists shadow copies and volumes of a host. Throws `vss.answer`, and the errors of the transport.
 * @param recorder receives every exchange
 */
export async function listHostShadows(
  target: HostTarget,
  log: Log,
  signal: AbortSignal,
  recorder?: ExchangeRecorder,
): Promise<HostShadows> {
  const connection = toConnect(target, log, recorder);
  const client = transportOf(connection).connect(connection);
  try {
    return await listShadows(client, signal);
  } finally {
    await client.close();
  }
}
