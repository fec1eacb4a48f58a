import type { ReportPageInit, ReportPageRequests, ReportPageState } from '../api/report-page.ts';
import { messageOf, type ChannelClient } from '../common/frame/channel-client.ts';
import { makeNotice, type Notice } from '../common/frame/notice.ts';
import { ViewFrame } from '../common/frame/view-frame.ts';
import { documentElements } from './document-dom.ts';

/** Findings query a host, which may be slow. */
const OPEN_TIMEOUT_MS = 120_000;
/** A link's action may ask the user something. */
const FOLLOW_TIMEOUT_MS = 3_600_000;

interface ViewOptions {
  readonly init: ReportPageInit;
  readonly channel: ChannelClient<ReportPageRequests>;
  readonly keep: (state: ReportPageState) => void;
}

/** A rendered page: requests its contents, shows them, and reports clicked links. */
export class ReportPageView {
  readonly #options: ViewOptions;
  readonly #screen: Notice;
  readonly #frame: ViewFrame;
  /** Only the answer to the last request is shown. */
  #asked = 0;

  constructor(root: HTMLElement, options: ViewOptions) {
    this.#options = options;
    const { strings } = options.init;
    this.#screen = makeNotice('screen', 'status', strings.retry);
    this.#frame = new ViewFrame(root, {
      screen: this.#screen.root,
      retryText: strings.retry,
    });
    this.#frame.body.classList.add('page');
    void this.#open();
  }

  reload(): void {
    void this.#open();
  }

  async #open(): Promise<void> {
    const { channel, keep, init } = this.#options;
    const asked = ++this.#asked;
    // While a page is rendered again, the previous contents stay visible.
    if (this.#frame.body.hidden) this.#screen.set(init.strings.loading, undefined);
    try {
      const answer = await channel.request('open', {}, { timeoutMs: OPEN_TIMEOUT_MS });
      if (asked !== this.#asked) return;
      keep(answer.state);
      this.#screen.set('', undefined);
      this.#frame.notice.set('', undefined);
      const follow = (link: number): Promise<void> => this.#follow(link);
      const made = documentElements(answer.document, init.strings, follow);
      this.#frame.body.replaceChildren(...made);
      this.#frame.body.hidden = false;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#frame.body.hidden = true;
      const retry = (): void => void this.#open();
      this.#screen.set(`${init.strings.failed} ${messageOf(error)}`, retry);
    }
  }

  async #follow(link: number): Promise<void> {
    const { channel } = this.#options;
    try {
      await channel.request('follow', { link }, { timeoutMs: FOLLOW_TIMEOUT_MS });
      this.#frame.notice.set('', undefined);
    } catch (error) {
      this.#frame.notice.set(messageOf(error), undefined);
      throw error;
    }
  }
}
