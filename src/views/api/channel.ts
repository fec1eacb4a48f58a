import type { ErrorInfo } from '../../engine/api/errors.ts';

/**
 * How a view and the extension talk: the view says `ready` once it listens (what is posted before is lost), is given `init`, and asks.
 * Every request gets exactly one reply, with a result or an error; `progress` may come before it. A request that the view cancels
 * may still be replied to. The view gives up on a request that nothing was heard of for its time-out.
 */
export type RequestTable = Readonly<
  Record<string, { readonly params: unknown; readonly result: unknown }>
>;

export type ViewMessage<Requests extends RequestTable, State> =
  /** The view listens; `state` is what it kept with setState, or null. */
  | { readonly type: 'ready'; readonly state: State | null }
  | {
      readonly [Method in keyof Requests & string]: {
        readonly type: 'request';
        readonly id: number;
        readonly method: Method;
        readonly params: Requests[Method]['params'];
      };
    }[keyof Requests & string]
  | { readonly type: 'cancel'; readonly id: number };

export type HostMessage<Requests extends RequestTable, Init> =
  /** Answers `ready`. */
  | { readonly type: 'init'; readonly init: Init }
  | {
      readonly type: 'reply';
      readonly id: number;
      readonly ok: true;
      readonly result: Requests[keyof Requests]['result'];
    }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly error: ErrorInfo }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly phase: string;
      readonly done: number;
      readonly total: number;
    }
  /** What the view shows has changed: it reads it again. */
  | { readonly type: 'reload' };
