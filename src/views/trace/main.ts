import type { TraceViewInit, TraceViewRequests, TraceViewState } from '../api/trace.ts';
import { TRACE_STRINGS } from '../api/trace-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { parseState } from './state/kept-state.ts';
import { TraceView } from './trace-view.ts';

startView<TraceViewRequests, TraceViewInit, TraceViewState>({
  strings: TRACE_STRINGS,
  parseState,
  make: (root, { init, kept, channel, keep }) =>
    new TraceView(root, { init, kept, channel, keep: (state) => keep(() => state) }),
});
