import type { Connection } from 'vscode-languageserver/node';
import { notifications } from '../../api/methods.ts';
import type { ProgressRecord } from '../../api/notifications.ts';
import type { Progress } from '../../base/progress.ts';

/**
 * Minimum interval between progress notifications of a request, in milliseconds. Earlier ones are
 * dropped.
 */
const PROGRESS_MS = 100;

/**
 * Sends the progress of a long request as notifications with its token, at a limited rate. Phases
 * are always sent.
 */
export function remoteProgress(connection: Connection, params: unknown): Progress {
  const { progressToken } = (params ?? {}) as { readonly progressToken?: unknown };
  let phase = '';
  let done = 0;
  let total = 0;
  let sent = 0;
  const send = (now: boolean): void => {
    if (typeof progressToken !== 'string' || (!now && Date.now() - sent < PROGRESS_MS)) return;
    sent = Date.now();
    const record: ProgressRecord = { progressToken, phase, done, total };
    void connection.sendNotification(notifications.progress.method, record);
  };
  return {
    phase: (name, bytes) => {
      [phase, done, total] = [name, 0, bytes];
      send(true);
    },
    regroup: (names, bytes, _share, bytesDone) => {
      [phase, done, total] = [names.join(', '), bytesDone, bytes];
      send(true);
    },
    advance: (bytes) => {
      done += bytes;
      send(false);
    },
    note: (text) => {
      phase = text;
      send(true);
    },
  };
}
