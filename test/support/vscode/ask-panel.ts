import assert from 'node:assert/strict';
import { settled } from '../extension/extension-window.ts';
import type { FakeWebviewPanel } from './webview.ts';

/** What the extension answered a view. */
export interface PanelReply {
  readonly ok: boolean;
  readonly result: never;
  readonly error: { readonly code: string; readonly message: string };
}

const last = new WeakMap<FakeWebviewPanel, number>();

/** Asks as the script of a view does; answers the one reply. */
export async function askPanel(
  panel: FakeWebviewPanel,
  method: string,
  params: object = {},
): Promise<PanelReply> {
  const id = (last.get(panel) ?? 0) + 1;
  last.set(panel, id);
  panel.speak({ type: 'request', id, method, params });
  const replies = (): PanelReply[] =>
    panel.posted.filter((each) => {
      const message = each as { readonly type: string; readonly id?: number };
      return message.type === 'reply' && message.id === id;
    }) as PanelReply[];
  while (replies().length === 0) await settled();
  await settled();
  const [reply, ...more] = replies();
  assert.deepEqual(more, []);
  return reply as PanelReply;
}
