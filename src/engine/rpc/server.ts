import {
  ResponseError,
  type CancellationToken,
  type Connection,
  type InitializeResult,
} from 'vscode-languageserver/node';
import { ENGINE_ERROR, CANCELLED } from '../api/errors.ts';
import { notifications, requests } from '../api/methods.ts';
import type { ExchangeRecord } from '../api/notifications.ts';
import type { Log, LogRecord } from '../base/log.ts';
import type { Progress } from '../base/progress.ts';
import { VERSION } from '../base/version.ts';
import { Anatomies } from './anatomy/anatomies.ts';
import { anatomyHandlers } from './handlers/anatomy-handlers.ts';
import { environment } from './environment.ts';
import { errorInfo } from './error-info.ts';
import { ChangeMaps } from './change-map/change-maps.ts';
import type { Handlers, RequestContext, RequestName } from './handlers/handlers.ts';
import { hostHandlers } from './handlers/host-handlers.ts';
import { jobHandlers } from './handlers/job-handlers.ts';
import { mapHandlers } from './handlers/map-handlers.ts';
import { storeHandlers } from './handlers/store-handlers.ts';
import { HostPool } from './host-pool.ts';

type AnyHandler = (params: never, context: RequestContext) => Promise<unknown>;

/** At most so often for one request; what is in between is not sent. */
const PROGRESS_MS = 100;

/** Answers the extension's requests on a connection until it ends. */
export function serve(connection: Connection, home: string): void {
  const log = remoteLog(connection);
  const pool = new HostPool(log);
  const maps = new ChangeMaps(pool);
  const anatomies = new Anatomies();
  const handlers: Handlers = {
    environment: async () => environment(VERSION, home),
    ...hostHandlers(pool, home),
    ...storeHandlers,
    ...jobHandlers(home),
    ...mapHandlers(maps),
    ...anatomyHandlers(anatomies),
  };
  connection.onInitialize((): InitializeResult => ({
    capabilities: {},
    serverInfo: { name: 'refpoint', version: VERSION },
  }));
  connection.onShutdown(async () => {
    await Promise.all([pool.closeAll(), maps.closeAll(), anatomies.closeAll()]);
  });
  let registered = 0;
  for (const name of Object.keys(requests) as RequestName[]) {
    register(connection, name, handlers[name]);
    registered++;
  }
  log({
    level: 'info',
    area: 'engine',
    message: `Engine ${VERSION}, process ${process.pid}, ${registered} methods`,
  });
  connection.listen();
}

function register(connection: Connection, name: RequestName, handler: AnyHandler): void {
  const answer = async (params: unknown, token: CancellationToken): Promise<unknown> => {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort(new Error('cancelled')));
    try {
      const progress = progressOf(connection, params);
      return await handler(params as never, { signal: abort.signal, progress });
    } catch (error) {
      if (abort.signal.aborted) throw new ResponseError(CANCELLED, 'cancelled');
      const info = errorInfo(error);
      if (info.code === 'internal') connection.console.error(stackOf(error));
      throw new ResponseError(ENGINE_ERROR, info.message, info);
    } finally {
      listener.dispose();
    }
  };
  connection.onRequest<unknown, unknown>(requests[name].method, answer);
}

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/** Progress of a long request, thinned out. */
function progressOf(connection: Connection, params: unknown): Progress {
  const { progressToken } = (params ?? {}) as { readonly progressToken?: string };
  let phase = '';
  let done = 0;
  let total = 0;
  let sent = 0;
  const send = (now: boolean): void => {
    if (progressToken === undefined || (!now && Date.now() - sent < PROGRESS_MS)) return;
    sent = Date.now();
    const record = { progressToken, phase, done, total };
    void connection.sendNotification(notifications.progress.method, record);
  };
  return {
    phase: (name, bytes) => {
      [phase, done, total] = [name, 0, bytes];
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

/** Records go to the editor's output; exchanges with hosts to a channel of their own. */
function remoteLog(connection: Connection): Log {
  return (record: LogRecord) => {
    // Whole envelopes are for the command's --log-level trace; here they would cross twice.
    if (record.level === 'trace') return;
    if (record.area === 'exchange') {
      const data = record.data as Partial<ExchangeRecord> | undefined;
      const exchange: ExchangeRecord = {
        host: data?.host ?? '',
        action: record.message,
        milliseconds: data?.milliseconds ?? 0,
        outcome: data?.outcome ?? '',
      };
      void connection.sendNotification(notifications.exchange.method, exchange);
      return;
    }
    const { level, area, message, data } = record;
    const text = data === undefined ? '' : JSON.stringify(data);
    void connection.sendNotification(notifications.log.method, {
      level,
      area,
      message,
      data: text,
    });
  };
}
