import type {
  TraceComparison,
  TraceComparisonRequest,
  TraceExchange,
  TraceFilter,
  TraceInfo,
  TracePage,
  TracePageRequest,
} from '../../engine/api/trace.ts';
import type { TraceStrings } from './trace-strings.ts';

/**
 * The view of a recording: a page like the disk anatomy's, named views/trace. The extension answers
 * requests as follows:
 *
 * | request     | answer                                                                          |
 * | ----------- | ------------------------------------------------------------------------------- |
 * | open        | trace/open of the panel's file; closes what was open                            |
 * | page        | trace/page                                                                      |
 * | exchange    | trace/exchange                                                                  |
 * | chooseOther | asks the user for a second recording and opens it; null: nothing was chosen     |
 * | compare     | trace/compare                                                                   |
 * | copy        | copies the text to the clipboard                                                |
 *
 * The extension sends `reload` after the file changed or the engine was restarted. On an error of
 * code `trace.notOpen` the view opens the recording again, once.
 */
export interface TraceViewInit {
  /** The file's name, for display. */
  readonly name: string;
  readonly strings: TraceStrings;
  /** BCP 47, for numbers and times: vscode.env.language. */
  readonly language: string;
}

// A type and not an interface: an interface is not assignable to a table of requests without an
// index signature.
export type TraceViewRequests = {
  readonly open: { readonly params: Readonly<Record<string, never>>; readonly result: TraceInfo };
  readonly page: { readonly params: TracePageRequest; readonly result: TracePage };
  readonly exchange: {
    readonly params: { readonly traceId: string; readonly sequence: number };
    readonly result: TraceExchange;
  };
  readonly chooseOther: {
    readonly params: Readonly<Record<string, never>>;
    readonly result: TraceInfo | null;
  };
  readonly compare: { readonly params: TraceComparisonRequest; readonly result: TraceComparison };
  readonly copy: {
    readonly params: { readonly text: string };
    readonly result: Readonly<Record<string, never>>;
  };
};

/** State restored after a reload of the window. */
export interface TraceViewState {
  readonly version: 1;
  readonly filter: TraceFilter;
  /** The shown exchange; null: none. */
  readonly sequence: number | null;
  readonly body: 'request' | 'answer';
}
