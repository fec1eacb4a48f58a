import type { ErrorInfo } from '../../../engine/api/errors.ts';
import type { RequestTable } from '../../api/channel.ts';

/** An error of the other side, or a time-out (`view.timeout`). */
export class RequestError extends Error {
  readonly info: ErrorInfo;

  constructor(info: ErrorInfo) {
    super(info.message);
    this.info = info;
  }
}

/** Returns an error's message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const TIMEOUT = 'view.timeout';

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: ((done: number, total: number) => void) | undefined;
  readonly hear: () => void;
  readonly end: () => void;
}

export interface RequestOptions {
  /** Milliseconds without reply or progress after which the request fails. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** A view's side of a channel: requests are promises, and every one settles. */
export class ChannelClient<Requests extends RequestTable> {
  readonly #post: (message: unknown) => void;
  readonly #pending = new Map<number, Pending>();
  readonly #timeoutText: (seconds: number) => string;
  #next = 1;

  constructor(post: (message: unknown) => void, timeoutText: (seconds: number) => string) {
    this.#post = post;
    this.#timeoutText = timeoutText;
  }

  request<Method extends keyof Requests & string>(
    method: Method,
    params: Requests[Method]['params'],
    { timeoutMs, signal, onProgress }: RequestOptions,
  ): Promise<Requests[Method]['result']> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.#pending.delete(id);
      };
      const cancel = (): void => {
        end();
        this.#post({ type: 'cancel', id });
        reject(signal?.reason as Error);
      };
      const giveUp = (): void => {
        end();
        this.#post({ type: 'cancel', id });
        reject(new RequestError(timeoutInfo(this.#timeoutText(timeoutMs / 1000))));
      };
      const hear = (): void => {
        clearTimeout(timer);
        timer = setTimeout(giveUp, timeoutMs);
      };
      hear();
      signal?.addEventListener('abort', cancel, { once: true });
      this.#pending.set(id, { resolve, reject, onProgress, hear, end });
      this.#post({ type: 'request', id, method, params });
    });
  }

  /** Handles a message of the host; returns whether it belongs to this channel. */
  receive(message: unknown): boolean {
    if (!isReply(message)) return false;
    const pending = this.#pending.get(message.id);
    if (pending === undefined) return true;
    if (message.type === 'progress') {
      pending.hear();
      pending.onProgress?.(message.done, message.total);
      return true;
    }
    pending.end();
    if (message.ok) pending.resolve(message.result as never);
    else pending.reject(new RequestError(message.error));
    return true;
  }
}

type Reply =
  | { readonly type: 'reply'; readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly type: 'reply'; readonly id: number; readonly ok: false; readonly error: ErrorInfo }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly done: number;
      readonly total: number;
    };

function isReply(message: unknown): message is Reply {
  const type = (message as { readonly type?: unknown } | null)?.type;
  return type === 'reply' || type === 'progress';
}

const timeoutInfo = (message: string): ErrorInfo => ({
  code: TIMEOUT,
  message,
  data: {},
  permanent: false,
  userFixable: false,
  damage: false,
});
