/**
 * Operations: one file for each action that a user can request, as (context, parameters, signal) =>
 * document of `api`. The command line and the server call the same ones, so that each document is
 * made in one place. Start reading at vm/show-vm.ts.
 */
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';

/** Everything that an operation receives besides its parameters. */
export interface OperationContext {
  /** The program's data folder of this user. */
  readonly home: string;
  readonly log: Log;
  readonly progress: Progress;
}
