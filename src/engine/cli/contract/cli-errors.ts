import { defineErrors } from '../../base/errors.ts';

export const cliError = defineErrors({
  /** Ends with status 2. */
  usage: { permanent: true, userFixable: true },
  /** By Ctrl-C; ends with status 130. */
  interrupted: {},
  'credential.file': { permanent: true, userFixable: true },
  'not-yet': { permanent: true, userFixable: true },
  /** What a command prints finds no place: it goes to a full disk, or to a terminal that is gone. */
  'output.write': { userFixable: true },
  /** The demo's own proof did not hold. */
  'demo.failed': { permanent: true },
});

export const usage = (message: string): Error => cliError('usage', message);
