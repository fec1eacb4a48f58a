import type {
  ChangeMapHostMessage,
  ChangeMapRequests,
  ChangeMapViewMessage,
} from '../api/change-map.ts';
import { CHANGE_MAP_STRINGS } from '../api/change-map-strings.ts';
import { ChannelClient } from '../common/channel-client.ts';
import { fill } from '../common/format.ts';
import { vscodeApi } from '../common/vscode-api.ts';
import { ChangeMapView } from './change-map-view.ts';
import { parseState, stateFits, stateOf, type ViewModel } from './state/store.ts';

const KEEP_REST_MS = 200;

/** Starts the view: listens, says so, and waits to be told what to show. */
function start(root: HTMLElement): void {
  let view: ChangeMapView | undefined;
  let strings: { readonly timedOut: string } = CHANGE_MAP_STRINGS;
  const { postMessage: post } = vscodeApi;
  const channel = new ChannelClient<ChangeMapRequests>(post, (seconds) =>
    fill(strings.timedOut, String(seconds)),
  );
  let keeping: ReturnType<typeof setTimeout> | undefined;
  let current = 0;
  // A view that was replaced keeps nothing any more.
  const keepOf = (own: number) => (model: ViewModel) => {
    if (own !== current) return;
    clearTimeout(keeping);
    keeping = setTimeout(() => vscodeApi.setState(stateOf(model)), KEEP_REST_MS);
  };
  window.addEventListener('message', ({ data }: MessageEvent<ChangeMapHostMessage>) => {
    if (channel.receive(data)) return;
    if (data.type === 'init') {
      strings = data.init.strings;
      const kept = parseState(vscodeApi.getState());
      const fits = kept !== undefined && stateFits(kept, data.init.reference);
      const choice = root.dataset['renderer'];
      view = new ChangeMapView(root, {
        init: data.init,
        kept: fits ? kept : undefined,
        channel,
        keep: keepOf(++current),
        // Tests of one of them say so on the root.
        renderer: choice === 'webgl2' || choice === 'canvas2d' ? choice : 'auto',
      });
      root.dataset['rendererName'] = view.rendererName;
    } else if (data.type === 'command') {
      view?.command(data.command);
    }
  });
  const ready: ChangeMapViewMessage = {
    type: 'ready',
    state: parseState(vscodeApi.getState()) ?? null,
  };
  post(ready);
}

const root = document.getElementById('root');
if (root !== null) start(root);
