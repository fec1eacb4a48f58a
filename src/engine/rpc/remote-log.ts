import type { Connection } from 'vscode-languageserver/node';
import { notifications } from '../api/methods.ts';
import type { ExchangeRecord, LogRecord as SentRecord } from '../api/notifications.ts';
import type { Log } from '../base/log.ts';

/** Records go to the editor's output; exchanges with hosts to a channel of their own. */
export function remoteLog(connection: Connection): Log {
  return (record) => {
    // Whole envelopes are for the command's --log-level trace; here they would cross twice.
    if (record.level === 'trace') return;
    const { level, area, message, data } = record;
    if (area === 'exchange') {
      const exchange: ExchangeRecord = { action: message, ...exchangeFacts(data ?? {}) };
      void connection.sendNotification(notifications.exchange.method, exchange);
      return;
    }
    const sent: SentRecord = {
      level,
      area,
      message,
      data: data === undefined ? '' : JSON.stringify(data),
    };
    void connection.sendNotification(notifications.log.method, sent);
  };
}

function exchangeFacts({
  host,
  milliseconds,
  outcome,
}: Readonly<Record<string, unknown>>): Omit<ExchangeRecord, 'action'> {
  return {
    host: typeof host === 'string' ? host : '',
    milliseconds: typeof milliseconds === 'number' ? milliseconds : 0,
    outcome: typeof outcome === 'string' ? outcome : '',
  };
}
