import * as vscode from 'vscode';
import { SETTINGS } from '../contributions/setting-table.ts';
import { boundedNumber } from './setting-values.ts';

/** Jobs that may run at the same time, by the settings as they are now. */
export const parallelJobs = (): number =>
  Math.round(
    boundedNumber(
      vscode.workspace.getConfiguration('refpoint').get<unknown>('parallelJobs'),
      SETTINGS['refpoint.parallelJobs'],
    ),
  );
