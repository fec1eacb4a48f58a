import type { HostMessage, RequestTable, ViewMessage } from '../../api/channel.ts';
import { ChannelClient } from './channel-client.ts';
import { fill } from '../words/format.ts';
import { vscodeApi } from './vscode-api.ts';

/** A view that is shown. */
interface View {
  /** Rereads the shown data. */
  reload(): void;
}

interface ViewStart<Requests extends RequestTable, Init, State> {
  /** English text used before the translations arrive. */
  readonly strings: { readonly timedOut: string };
  /** Parses the stored state; undefined if it cannot be used. */
  readonly parseState: (kept: unknown) => State | undefined;
  readonly make: (
    root: HTMLElement,
    parts: {
      readonly init: Init;
      readonly kept: State | undefined;
      readonly channel: ChannelClient<Requests>;
      /** Stores the state for a reload of the window, after a delay. */
      readonly keep: (state: () => State) => void;
    },
  ) => View;
}

/** Delay in milliseconds: the state changes with every pointer event. */
const KEEP_REST_MS = 100;

/** Starts a view: listens, sends `ready`, and creates the view when `init` arrives. */
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
