import type { Connection, InitializeResult } from 'vscode-languageserver/node';
import { requests } from '../api/methods.ts';
import { VERSION } from '../base/version.ts';
import { Anatomies } from '../operations/anatomy/anatomies.ts';
import { answerRequest, UnderWay } from './connection/answer-request.ts';
import { ChangeMaps } from '../operations/change-map/change-maps.ts';
import { OpenTraces } from '../operations/trace/open-traces.ts';
import { SessionTrace } from '../operations/trace/session-trace.ts';
import { environment } from '../operations/host/environment.ts';
import { anatomyHandlers } from './handlers/anatomy-handlers.ts';
import { byHandHandlers } from './handlers/by-hand-handlers.ts';
import { diskHandlers } from './handlers/disk-handlers.ts';
import type { Handlers, RequestName } from './contract/handlers.ts';
import { guestHandlers } from './handlers/guest-handlers.ts';
import { imageHandlers } from './handlers/image-handlers.ts';
import { hostHandlers } from './handlers/host-handlers.ts';
import { jobHandlers } from './handlers/job-handlers.ts';
import { mapHandlers } from './handlers/map-handlers.ts';
import { storeHandlers } from './handlers/store-handlers.ts';
import { traceHandlers } from './handlers/trace-handlers.ts';
import { HostPool } from '../hosts/host-pool.ts';
import { JobList } from '../jobs/list/job-list.ts';
import { remoteLog } from './connection/remote-log.ts';

/** Answers the extension's requests on a connection until it ends. */
export function serve(connection: Connection, home: string): void {
  const log = remoteLog(connection);
  const own = { home, log };
  const session = new SessionTrace(home, log);
  const pool = new HostPool(log, session);
  const maps = new ChangeMaps(pool);
  const anatomies = new Anatomies();
  const traces = new OpenTraces();
  const jobs = new JobList(home);
  const handlers: Handlers = {
    environment: async () => environment(VERSION, home),
    ...hostHandlers(pool, { ...own, recorder: session }),
    ...byHandHandlers(pool, own),
    ...storeHandlers(own),
    ...jobHandlers(jobs, home),
    ...mapHandlers(maps),
    ...anatomyHandlers(anatomies),
    ...diskHandlers(own),
    ...guestHandlers(),
    ...imageHandlers(),
    ...traceHandlers(traces, session),
  };
  const underWay = new UnderWay();
  const names = Object.keys(requests) as RequestName[];
  for (const name of names) answerRequest(connection, name, handlers[name], underWay);
  connection.onInitialize((): InitializeResult => ({
    capabilities: {},
    serverInfo: { name: 'refpoint', version: VERSION },
  }));
  // Nothing may be sent before initialization.
  connection.onInitialized(() =>
    log({
      level: 'info',
      area: 'engine',
      message: `Engine ${VERSION}, process ${process.pid}, ${names.length} methods`,
    }),
  );
  connection.onShutdown(async () => {
    underWay.abortAll();
    await Promise.all([pool.closeAll(), maps.closeAll(), anatomies.closeAll(), traces.closeAll()]);
    await session.close();
  });
  connection.listen();
}
