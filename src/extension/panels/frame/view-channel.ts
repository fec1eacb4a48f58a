import * as vscode from 'vscode';
import type { ErrorInfo } from '../../../engine/api/errors.ts';
import type { HostMessage, RequestTable, ViewMessage } from '../../../views/api/channel.ts';
import { EngineFailure } from '../../engine/engine-error.ts';
import { presentError } from '../../errors/present-error.ts';

/** Tells a view how far its request is. */
export type Report = (progress: {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}) => void;

/** Messages between a view and the extension. */
export interface ViewTypes {
  readonly requests: RequestTable;
  readonly init: unknown;
  readonly state: unknown;
}

export type ViewHandlers<Requests extends RequestTable> = {
  readonly [Method in keyof Requests & string]: (
    params: Requests[Method]['params'],
    token: vscode.CancellationToken,
    report: Report,
  ) => Promise<Requests[Method]['result']>;
};

/** The extension's end of a view's channel: every request gets one reply; errors cross with what they mean to the person. */
export function serveView<View extends ViewTypes>(
  webview: vscode.Webview,
  handlers: ViewHandlers<View['requests']>,
  init: (state: View['state'] | null) => View['init'],
): vscode.Disposable {
  const running = new Map<number, vscode.CancellationTokenSource>();
  const post = (message: HostMessage<View['requests'], View['init']>): void => {
    // A webview's own postMessage: it has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    void webview.postMessage(message);
  };
  const answer = async (
    id: number,
    method: keyof View['requests'] & string,
    params: unknown,
  ): Promise<void> => {
    const cancel = new vscode.CancellationTokenSource();
    running.set(id, cancel);
    try {
      const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
      if (handler === undefined) throw new Error(`a view asked for ${method}`);
      const report: Report = (progress) => post({ type: 'progress', id, ...progress });
      const result = await handler(params, cancel.token, report);
      post({ type: 'reply', id, ok: true, result });
    } catch (error) {
      post({ type: 'reply', id, ok: false, error: errorInfo(error) });
    } finally {
      running.delete(id);
      cancel.dispose();
    }
  };
  const listener = webview.onDidReceiveMessage(
    (message: ViewMessage<View['requests'], View['state']>) => {
      if (message.type === 'ready') post({ type: 'init', init: init(message.state) });
      else if (message.type === 'cancel') running.get(message.id)?.cancel();
      else void answer(message.id, message.method, message.params);
    },
  );
  return new vscode.Disposable(() => {
    listener.dispose();
    for (const cancel of running.values()) cancel.cancel();
  });
}

/** Tells a view that what it shows has changed. */
export function sendReload(webview: vscode.Webview): void {
  // As above.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  void webview.postMessage({ type: 'reload' } satisfies HostMessage<RequestTable, unknown>);
}

function errorInfo(error: unknown): ErrorInfo {
  if (error instanceof EngineFailure) {
    const { sentence, detail } = presentError(error);
    return { ...error.info, message: detail === '' ? sentence : `${sentence} ${detail}` };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message,
    data: {},
    permanent: false,
    userFixable: false,
    damage: false,
  };
}

/** The English strings of a view, translated key by key. */
export function translated<Strings extends Readonly<Record<string, string>>>(
  english: Strings,
): { readonly [Key in keyof Strings]: string } {
  const entries = Object.entries(english).map(([key, text]) => [key, vscode.l10n.t(text)]);
  return Object.fromEntries(entries) as { readonly [Key in keyof Strings]: string };
}
