import type {
  ReportPageHostMessage,
  ReportPageRequests,
  ReportPageState,
  ReportPageViewMessage,
} from '../api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../api/report-page-strings.ts';
import { ChannelClient } from '../common/channel-client.ts';
import { fill } from '../common/format.ts';
import { vscodeApi } from '../common/vscode-api.ts';
import { ReportPageView } from './report-page-view.ts';

/** Starts the view: listens, says so, and waits for its texts. */
function start(root: HTMLElement): void {
  let view: ReportPageView | undefined;
  let strings: { readonly timedOut: string } = REPORT_PAGE_STRINGS;
  const { postMessage: post } = vscodeApi;
  const channel = new ChannelClient<ReportPageRequests>(post, (seconds) =>
    fill(strings.timedOut, String(seconds)),
  );
  window.addEventListener('message', ({ data }: MessageEvent<ReportPageHostMessage>) => {
    if (channel.receive(data)) return;
    if (data.type === 'init') {
      strings = data.init.strings;
      const keep = (state: ReportPageState): void => vscodeApi.setState(state);
      view = new ReportPageView(root, { init: data.init, channel, keep });
    } else if (data.type === 'command') {
      view?.command(data.command);
    }
  });
  const ready: ReportPageViewMessage = { type: 'ready', state: null };
  post(ready);
}

const root = document.getElementById('root');
if (root !== null) start(root);
