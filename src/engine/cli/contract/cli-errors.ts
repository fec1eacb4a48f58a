import { defineErrors } from '../../base/errors.ts';

export const cliError = defineErrors({
  /** Exit status 2. */
  usage: { permanent: true, userFixable: true },
  /** Interrupted by Ctrl-C; exit status 130. */
  interrupted: {},
  'credential.file': { permanent: true, userFixable: true },
  'not-yet': { permanent: true, userFixable: true },
  /** The output cannot be written: the disk is full, or the terminal is gone. */
  'output.write': { userFixable: true },
  /** The demo's own check failed. */
  'demo.failed': { permanent: true },
});

export const usage = (message: string): Error => cliError('usage', message);
