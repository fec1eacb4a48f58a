import type { HostMessage, RequestTable, ViewMessage } from '../../api/channel.ts';
import { ChannelClient } from './channel-client.ts';
import { fill } from '../words/format.ts';
import { vscodeApi } from './vscode-api.ts';

/** A view that is shown. */
interface View {
  /** Reads again what it shows. */
  reload(): void;
}

interface ViewStart<Requests extends RequestTable, Init, State> {
  /** Before the translated ones are known. */
  readonly strings: { readonly timedOut: string };
  /** Reads the state that was kept; undefined if it cannot be used. */
  readonly parseState: (kept: unknown) => State | undefined;
  readonly make: (
    root: HTMLElement,
    parts: {
      readonly init: Init;
      readonly kept: State | undefined;
      readonly channel: ChannelClient<Requests>;
      /** Keeps the state that comes back after a reload of the window, once it rests. */
      readonly keep: (state: () => State) => void;
    },
  ) => View;
}

/** States change with every step of a pointer. */
const KEEP_REST_MS = 100;

/** Starts a view: listens, says so, and makes the view when the extension has said what to show. */
export function startView<
  Requests extends RequestTable,
  Init extends { readonly strings: { readonly timedOut: string } },
  State,
>({ strings: english, parseState, make }: ViewStart<Requests, Init, State>): void {
  const root = document.getElementById('root');
  if (root === null) return;
  let view: View | undefined;
  let strings = english;
  const { postMessage: post } = vscodeApi;
  const channel = new ChannelClient<Requests>(post, (seconds) =>
    fill(strings.timedOut, String(seconds)),
  );
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const keep = (state: () => State): void => {
    clearTimeout(keeping);
    keeping = setTimeout(() => vscodeApi.setState(state()), KEEP_REST_MS);
  };
  window.addEventListener('message', ({ data }: MessageEvent<HostMessage<Requests, Init>>) => {
    if (channel.receive(data)) return;
    if (data.type === 'init') {
      const { init } = data;
      ({ strings } = init);
      view = make(root, { init, kept: parseState(vscodeApi.getState()), channel, keep });
    } else if (data.type === 'reload') {
      view?.reload();
    }
  });
  const ready: ViewMessage<Requests, State> = {
    type: 'ready',
    state: parseState(vscodeApi.getState()) ?? null,
  };
  post(ready);
}
