import type { ErrorInfo } from '../../engine/api/errors.ts';

/**
 * Messages between a view and the extension. The view sends `ready` as soon as it listens (earlier
 * messages are lost), receives `init`, then sends requests. Every request gets exactly one reply,
 * with a result or an error; `progress` may precede it. A request that the view cancelled may still
 * get a reply. The view rejects a request that gets neither reply nor progress within its time
 * limit.
 */
export type RequestTable = Readonly<
  Record<string, { readonly params: unknown; readonly result: unknown }>
>;

export type ViewMessage<Requests extends RequestTable, State> =
  /** The view listens; `state` is the value stored with setState, or null. */
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
  /** The data that the view shows has changed: the view must reread it. */
  | { readonly type: 'reload' };
