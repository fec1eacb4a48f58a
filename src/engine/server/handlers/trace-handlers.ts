import type { OpenTraces } from '../../operations/trace/open-traces.ts';
import type { SessionTrace } from '../../operations/trace/session-trace.ts';
import type { Handlers } from '../contract/handlers.ts';

type Names =
  'recordTrace' | 'openTrace' | 'tracePage' | 'traceExchange' | 'compareTraces' | 'closeTrace';

/** Handles the requests about recordings: the session's own, and those in views. */
export function traceHandlers(traces: OpenTraces, session: SessionTrace): Handlers<Names> {
  return {
    recordTrace: async ({ on }) => ({ path: await session.switch(on) }),
    openTrace: ({ path }, { signal }) => traces.open(path, signal),
    tracePage: async (params) => traces.page(params),
    traceExchange: ({ traceId, sequence }) => traces.exchange(traceId, sequence),
    compareTraces: async (params) => traces.compare(params),
    closeTrace: async ({ traceId }) => {
      await traces.close(traceId);
      return {};
    },
  };
}
