import type {
  DiskAnatomyHostMessage,
  DiskAnatomyInit,
  DiskAnatomyRequests,
  DiskAnatomyViewMessage,
  OpenedAnatomy,
} from '../api/disk-anatomy.ts';
import type { AnatomyNode } from '../../engine/api/anatomy.ts';
import { DISK_ANATOMY_STRINGS } from '../api/disk-anatomy-strings.ts';
import { ChannelClient } from '../common/channel-client.ts';
import { button, element } from '../common/dom.ts';
import { fill, Format } from '../common/format.ts';
import { vscodeApi } from '../common/vscode-api.ts';

const OPEN_MS = 60_000;

/** Starts the view: listens, says so, and waits to be told what to show. */
function start(root: HTMLElement): void {
  let init: DiskAnatomyInit | undefined;
  const { postMessage: post } = vscodeApi;
  const channel = new ChannelClient<DiskAnatomyRequests>(post, (seconds) =>
    fill((init?.strings ?? DISK_ANATOMY_STRINGS).timedOut, String(seconds)),
  );
  const open = async ({ strings, language, name }: DiskAnatomyInit): Promise<void> => {
    root.replaceChildren(element('p', { role: 'status' }, strings.loading));
    const again = button(strings.reload, () => init !== undefined && void open(init));
    try {
      const opened = await channel.request('open', {}, { timeoutMs: OPEN_MS });
      root.replaceChildren(element('h1', {}, name), again, ...shown(opened, new Format(language)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      root.replaceChildren(element('p', { role: 'alert' }, `${strings.failed} ${message}`), again);
    }
  };
  window.addEventListener('message', ({ data }: MessageEvent<DiskAnatomyHostMessage>) => {
    if (channel.receive(data)) return;
    if (data.type === 'init') init = data.init;
    if (init !== undefined) void open(init);
  });
  const ready: DiskAnatomyViewMessage = { type: 'ready', state: null };
  post(ready);
}

function shown({ info }: OpenedAnatomy, format: Format): HTMLElement[] {
  const findings = info.findings.map(({ message }) => element('li', {}, message));
  const parts = info.regions.map(({ label, start, length }) =>
    element('li', {}, `${label}: ${format.count(start)}, ${format.bytes(length)}`),
  );
  return [
    element('p', {}, `${info.format} ${format.bytes(info.fileSize)}`),
    element('ul', {}, ...findings),
    element('ul', {}, ...parts),
    nodes(info.tree),
  ];
}

function nodes(tree: readonly AnatomyNode[]): HTMLElement {
  const items = tree.map(({ label, value, children }) =>
    element('li', {}, value === '' ? label : `${label}: ${value}`, nodes(children)),
  );
  return element('ul', {}, ...items);
}

const root = document.getElementById('root');
if (root !== null) start(root);
