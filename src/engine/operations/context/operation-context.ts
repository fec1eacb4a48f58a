/**
 * Operations: one file for each thing that a person can ask for, as (context, parameters, signal) => document of `api`. The command
 * line and the server bind to the same ones, so that a document is made in one place. Start reading at vm/show-vm.ts.
 */
import type { Log } from '../../base/log.ts';
import type { Progress } from '../../base/progress.ts';

/** What every operation is given beside its parameters. */
export interface OperationContext {
  /** The program's data folder of this user. */
  readonly home: string;
  readonly log: Log;
  readonly progress: Progress;
}
