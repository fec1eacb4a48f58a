import type { Connection } from 'vscode-languageserver/node';
import { notifications, type WithParts } from '../../api/methods.ts';
import type { PartRecord } from '../../api/notifications.ts';

/** Minimum interval between the parts of a result, in milliseconds. */
const PART_MS = 100;

/** Parts of a result: rows are gathered, and sent at a limited rate. */
export interface RemoteParts {
  readonly add: (row: unknown) => void;
  /** The result or an error follows, which replaces the rows that wait. */
  readonly end: () => void;
}

/** Sends parts of a result as notifications with its token. The first rows are sent at once. */
export function remoteParts(connection: Connection, params: unknown): RemoteParts {
  const { partialResultToken } = (params ?? {}) as WithParts;
  if (typeof partialResultToken !== 'string') {
    return { add: () => undefined, end: () => undefined };
  }
  let rows: unknown[] = [];
  let timer: NodeJS.Timeout | undefined;
  let pause = 0;
  let ended = false;
  const send = (): void => {
    timer = undefined;
    pause = PART_MS;
    const record: PartRecord = { partialResultToken, rows };
    rows = [];
    void connection.sendNotification(notifications.part.method, record);
  };
  return {
    add: (row) => {
      if (ended) return;
      rows.push(row);
      timer ??= setTimeout(send, pause);
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
