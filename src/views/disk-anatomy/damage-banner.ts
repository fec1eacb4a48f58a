import type { ImageFix, ImageSurveyInfo, LostRange } from '../../engine/api/disk-contents.ts';
import { button, element } from '../common/dom.ts';
import { fill } from '../common/words/format.ts';
import { sentence } from '../common/words/plain-text.ts';
import type { ViewContext } from './state/view-context.ts';
import { hexOffset } from '../common/hex/hex-format.ts';

/** Number of lost ranges that are listed at once. */
const FEW = 4;
/** Number of lost ranges that are listed on request. */
const MANY = 200;

interface BannerActions {
  readonly showSector: (range: LostRange) => void;
  readonly showFindings: () => void;
  readonly fix: (fix: ImageFix) => void;
}

/** Says that an image is damaged, which parts of its disk are lost, and offers fixes. */
export class DamageBanner {
  readonly root = element('section', { class: 'banner', hidden: true });
  readonly #context: ViewContext;
  readonly #actions: BannerActions;
  readonly #list = element('ul', { class: 'lost' });
  #shown: ImageSurveyInfo | undefined;
  #all = false;

  constructor(context: ViewContext, actions: BannerActions) {
    this.#context = context;
    this.#actions = actions;
    this.root.setAttribute('aria-label', context.words.strings.damage);
  }

  draw(): void {
    const { survey } = this.#context.model;
    if (survey === this.#shown) return;
    this.#shown = survey;
    this.#all = false;
    const errors = survey?.findings.filter(({ severity }) => severity === 'error') ?? [];
    this.root.hidden = survey === undefined || (errors.length === 0 && survey.lostBytes === 0);
    if (survey === undefined || this.root.hidden) return;
    const { strings } = this.#context.words;
    const [first] = errors;
    this.root.replaceChildren(
      element('p', { class: 'banner-title', role: 'alert' }, this.#title(survey, errors.length)),
      ...(first === undefined ? [] : [element('p', {}, sentence(first.message))]),
      this.#list,
      element(
        'div',
        { class: 'steps' },
        ...survey.fixes.map((fix) => button(strings[fix], () => this.#actions.fix(fix))),
        button(strings.showFindings, () => this.#actions.showFindings()),
      ),
    );
    this.#drawLost(survey);
  }

  #title({ lostBytes, virtualSize }: ImageSurveyInfo, errors: number): string {
    const { strings, format } = this.#context.words;
    if (lostBytes === 0) {
      return errors === 1 ? strings.damagedOne : fill(strings.damagedMany, format.count(errors));
    }
    const all = virtualSize !== null && lostBytes >= virtualSize;
    return all
      ? strings.damagedAll
      : fill(strings.damagedLost, format.bytes(lostBytes), format.bytes(virtualSize ?? 0));
  }

  #drawLost(survey: ImageSurveyInfo): void {
    const { strings, format } = this.#context.words;
    const { lost } = survey;
    this.#list.hidden = lost.length === 0;
    this.#list.setAttribute('aria-label', strings.lostLabel);
    const shown = lost.slice(0, this.#all ? MANY : FEW);
    const rest = lost.length - shown.length;
    const items = shown.map((range) => {
      const { start, length } = range;
      const text = fill(strings.lostRange, format.bytes(length), hexOffset(start));
      return element(
        'li',
        {},
        button(text, () => this.#actions.showSector(range), 'link'),
      );
    });
    if (rest > 0) {
      const text = fill(strings.lostMore, format.count(rest));
      const more = (): void => {
        this.#all = true;
        this.#drawLost(survey);
        this.#list.querySelectorAll('button')[FEW]?.focus();
      };
      items.push(element('li', {}, this.#all ? text : button(text, more, 'link')));
    }
    this.#list.replaceChildren(...items);
  }
}
