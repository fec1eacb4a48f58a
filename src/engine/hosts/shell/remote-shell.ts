import type { HostTarget } from '../../api/host.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { connectWsman } from '../../net/wsman/connect-wsman.ts';
import { RemoteShell } from '../../net/wsman/shell/remote-shell.ts';
import { toConnect } from '../connect-target.ts';

/** A host, and who watches what is sent to it. */
export interface ShellTarget {
  readonly target: HostTarget;
  readonly log: Log;
  /** Receives every exchange. */
  readonly recorder: ExchangeRecorder | undefined;
}

/**
 * Opens a shell on a host over WS-Management, and ends it after `work`. Only administrators of the
 * host may open one. Throws `wsman.*`, `http.*`.
 */
export async function withRemoteShell<T>(
  { target, log, recorder }: ShellTarget,
  work: (shell: RemoteShell) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const client = connectWsman(toConnect(target, log, recorder));
  try {
    const shell = await RemoteShell.open((request, until) => client.send(request, until), signal);
    try {
      return await work(shell);
    } finally {
      await shell.close();
    }
  } finally {
    await client.close();
  }
}
