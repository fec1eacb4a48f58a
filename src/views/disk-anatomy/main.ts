import type {
  DiskAnatomyHostMessage,
  DiskAnatomyRequests,
  DiskAnatomyViewMessage,
} from '../api/disk-anatomy.ts';
import { DISK_ANATOMY_STRINGS } from '../api/disk-anatomy-strings.ts';
import { ChannelClient } from '../common/channel-client.ts';
import { fill } from '../common/format.ts';
import { vscodeApi } from '../common/vscode-api.ts';
import { DiskAnatomyView } from './disk-anatomy-view.ts';
import { parseState, stateOf, type ViewModel } from './state/store.ts';

const KEEP_REST_MS = 100;

/** Starts the view: listens, says so, and waits to be told what to show. */
function start(root: HTMLElement): void {
  let view: DiskAnatomyView | undefined;
  let strings: { readonly timedOut: string } = DISK_ANATOMY_STRINGS;
  const { postMessage: post } = vscodeApi;
  const channel = new ChannelClient<DiskAnatomyRequests>(post, (seconds) =>
    fill(strings.timedOut, String(seconds)),
  );
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const keep = (model: ViewModel): void => {
    clearTimeout(keeping);
    keeping = setTimeout(() => vscodeApi.setState(stateOf(model)), KEEP_REST_MS);
  };
  window.addEventListener('message', ({ data }: MessageEvent<DiskAnatomyHostMessage>) => {
    if (channel.receive(data)) return;
    if (data.type === 'init') {
      strings = data.init.strings;
      const kept = parseState(vscodeApi.getState());
      view = new DiskAnatomyView(root, { init: data.init, kept, channel, keep });
    } else if (data.type === 'command') {
      view?.command(data.command);
    }
  });
  const ready: DiskAnatomyViewMessage = {
    type: 'ready',
    state: parseState(vscodeApi.getState()) ?? null,
  };
  post(ready);
}

const root = document.getElementById('root');
if (root !== null) start(root);
