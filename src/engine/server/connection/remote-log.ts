import type { Connection } from 'vscode-languageserver/node';
import { notifications } from '../../api/methods.ts';
import type { ExchangeRecord, LogRecord as SentRecord } from '../../api/notifications.ts';
import type { Log } from '../../base/log.ts';

/** Sends records to the editor's output channel, and exchanges with hosts to a separate channel. */
export function remoteLog(connection: Connection): Log {
  return (record) => {
    const { level, area, message } = record;
    const data = level === 'trace' ? shortened(record.data) : record.data;
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

/**
 * Maximum number of characters of an envelope sent to the editor; `--log-level trace` of the
 * command line prints all of it.
 */
const MAX_ENVELOPE = 64 * 1024;

function shortened(data: Parameters<Log>[0]['data']): Parameters<Log>[0]['data'] {
  const envelope = data?.['envelope'];
  if (typeof envelope !== 'string' || envelope.length <= MAX_ENVELOPE) return data;
  const more = envelope.length - MAX_ENVELOPE;
  const text = `${envelope.slice(0, MAX_ENVELOPE).toWellFormed()}… (${more} characters more)`;
  return { ...data, envelope: text };
}
