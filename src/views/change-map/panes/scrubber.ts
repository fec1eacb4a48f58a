import { partsOfPointId } from '../../common/words/point-time.ts';
import type { MapInfo } from '../../../engine/api/change-map.ts';
import { button, element, setText } from '../../common/dom.ts';
import { fill } from '../../common/words/format.ts';
import type { Words } from '../state/words.ts';

const STEP_MS = 900;
/** If the user prefers reduced motion, steps are slow enough to be separate still pictures. */
const CALM_STEP_MS = 2500;

/** A slider over the points of a chain, and a play button. Hidden for maps of a single moment. */
export class Scrubber {
  readonly root: HTMLElement;
  readonly #slider = element('input', { type: 'range', min: 0, step: 1 });
  readonly #text = element('output', { class: 'frame' });
  readonly #play: HTMLButtonElement;
  readonly #words: Words;
  readonly #onFrame: (frame: number) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #count = 0;
  #frame = -1;

  constructor(words: Words, onFrame: (frame: number) => void) {
    const { strings } = words;
    this.#words = words;
    this.#onFrame = onFrame;
    this.#play = button(strings.play, () =>
      this.#timer === undefined ? this.#start() : this.stop(),
    );
    this.#play.title = strings.playTip;
    this.#slider.setAttribute('aria-label', strings.frames);
    this.#slider.addEventListener('input', () => {
      this.stop();
      onFrame(this.#slider.valueAsNumber);
    });
    const label = { class: 'scrubber', role: 'group', 'aria-label': strings.frames, hidden: true };
    this.root = element('div', label);
    this.root.append(this.#play, this.#slider, this.#text);
  }

  draw({ frames }: MapInfo, frame: number): void {
    this.root.hidden = frames.length < 2;
    this.#count = frames.length;
    this.#frame = frame === -1 ? frames.length - 1 : frame;
    this.#slider.max = String(frames.length - 1);
    this.#slider.value = String(this.#frame);
    const { strings, format } = this.#words;
    const shown = frames[this.#frame];
    const text =
      shown === undefined
        ? ''
        : fill(
            strings.frameAt,
            format.time(partsOfPointId(shown.point)?.time ?? shown.created),
            strings[shown.kind],
            format.bytes(shown.changedBytes),
          );
    setText(this.#text, text);
    this.#slider.setAttribute('aria-valuetext', text);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    setText(this.#play, this.#words.strings.play);
  }

  /** Plays from the shown point, or from the first if the last is shown; stops at the last. */
  #start(): void {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (this.#frame >= this.#count - 1) this.#onFrame(0);
    setText(this.#play, this.#words.strings.pause);
    const step = (): void => {
      if (this.#frame < this.#count - 1) this.#onFrame(this.#frame + 1);
      if (this.#frame >= this.#count - 1) this.stop();
    };
    this.#timer = setInterval(step, calm ? CALM_STEP_MS : STEP_MS);
  }
}
