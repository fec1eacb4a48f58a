import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from 'vscode-languageserver/node';
import { notifications } from '../../../../src/engine/api/methods.ts';
import type { LogRecord } from '../../../../src/engine/api/notifications.ts';
import { remoteLog } from '../../../../src/engine/server/connection/remote-log.ts';

test('traced envelopes reach the editor, long ones with a note of what is left out', () => {
  const sent: LogRecord[] = [];
  const connection = {
    sendNotification: async (method: string, record: LogRecord) => {
      if (method === notifications.log.method) sent.push(record);
    },
  };
  const log = remoteLog(connection as unknown as Connection);
  log({ level: 'trace', area: 'wsman', message: 'request', data: { envelope: '<s:Envelope/>' } });
  log({
    level: 'trace',
    area: 'wsman',
    message: 'answer',
    data: { envelope: 'x'.repeat(2 ** 20) },
  });
  assert.deepEqual(sent[0], {
    level: 'trace',
    area: 'wsman',
    message: 'request',
    data: '{"envelope":"<s:Envelope/>"}',
  });
  assert.ok((sent[1]?.data.length ?? 0) < 70_000);
  assert.match(sent[1]?.data ?? '', /… \(983040 characters more\)/);
});
