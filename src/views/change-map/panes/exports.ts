import { toBase64 } from '../../common/base64.ts';
import { fill } from '../../common/words/format.ts';
import { messageOf } from '../../common/frame/channel-client.ts';
import { TIMEOUTS } from '../state/requests.ts';
import { selectionText } from '../state/selection-text.ts';
import type { ViewContext } from '../draw/view-context.ts';

/**
 * Exports of the view: the selection's bytes to the clipboard, a picture, a table. The extension
 * performs them and reports the result.
 */
export class Exports {
  readonly #context: ViewContext;

  constructor(context: ViewContext) {
    this.#context = context;
  }

  copy(json: boolean): void {
    const { channel, model, words } = this.#context;
    const { selection } = model;
    if (selection === undefined) return this.#context.say(words.strings.noSelection);
    const text = selectionText(selection, json);
    this.#told(
      channel.request('copy', { text }, { timeoutMs: TIMEOUTS.copy }),
      fill(words.strings.copied, text),
    );
  }

  async png(background: string): Promise<void> {
    const { channel, info, pane, words } = this.#context;
    const blob = await pane.picture(background);
    if (blob === null) return;
    const png = toBase64(new Uint8Array(await blob.arrayBuffer()));
    const params = { png, name: `${info.title}.png` };
    this.#told(channel.request('png', params, { timeoutMs: TIMEOUTS.save }), words.strings.saved);
  }

  csv(): void {
    const { channel, mapId, model, words } = this.#context;
    const params = { mapId, frame: model.frame };
    this.#told(channel.request('csv', params, { timeoutMs: TIMEOUTS.save }), words.strings.saved);
  }

  #told(work: Promise<{ readonly saved?: boolean }>, done: string): void {
    work.then(
      ({ saved }) => {
        if (saved !== false) this.#context.say(done);
      },
      (error: unknown) => this.#context.say(messageOf(error)),
    );
  }
}
