import type { HostTarget } from '../../api/host.ts';
import type { ExchangeRecorder } from '../../base/exchange.ts';
import type { Log } from '../../base/log.ts';
import { withRemoteShell } from '../../hosts/shell/remote-shell.ts';
import { HOST_LOG, readDiskshadowLog } from '../../vss/diskshadow/read-log.ts';
import { runDiskshadow } from '../../vss/diskshadow/run-diskshadow.ts';
import type { WriterStatus } from '../../vss/model.ts';
import { vssError } from '../../vss/vss-errors.ts';

/**
 * Lists the VSS writers of a host with their states, by diskshadow in a remote shell. Throws
 * `vss.missing`, `vss.diskshadow`, and the errors of the login.
 * @param recorder receives every exchange
 */
export async function listWriters(
  target: HostTarget,
  log: Log,
  signal: AbortSignal,
  recorder?: ExchangeRecorder,
): Promise<readonly WriterStatus[]> {
  return withRemoteShell(
    { target, log, recorder },
    async (shell) => {
      const run = await runDiskshadow(
        (command, args, until) => shell.run({ command, args }, until),
        ['list writers status', 'exit'],
        signal,
      );
      const { writers, failedCalls } = readDiskshadowLog(run.log, HOST_LOG);
      if (run.exitCode === 0 && writers.length > 0) return writers;
      throw vssError(
        'vss.diskshadow',
        `diskshadow ended with ${run.exitCode} and listed ${writers.length} writers`,
        { data: { exitCode: run.exitCode, failedCalls: failedCalls.slice(0, 20) } },
      );
    },
    signal,
  );
}
