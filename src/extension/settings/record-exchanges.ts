import * as vscode from 'vscode';

/** Setting that switches recordings on. */
export const RECORD_EXCHANGES = 'refpoint.trace.exchanges';

/** Whether exchanges with hosts are recorded, by the settings as they are now. */
export const recordExchanges = (): boolean =>
  vscode.workspace.getConfiguration('refpoint').get<unknown>('trace.exchanges') === true;
