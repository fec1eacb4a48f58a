import type { AnatomyInfo } from '../../engine/api/anatomy.ts';
import type { ImageSurveyInfo } from '../../engine/api/disk-contents.ts';
import { element } from '../common/dom.ts';
import { fill } from '../common/words/format.ts';
import { sentence } from '../common/words/plain-text.ts';
import { hexOffset } from '../common/hex/hex-format.ts';
import { allFindings, type ShownFinding } from './state/all-findings.ts';
import type { ViewContext } from './state/view-context.ts';

/** Findings about the file. Those with an offset link to it. */
export class FindingsList {
  readonly panel = element('div', { class: 'panel scrolls', tabindex: 0 });
  readonly #context: ViewContext;
  #info: AnatomyInfo | undefined;
  #survey: ImageSurveyInfo | undefined;

  constructor(context: ViewContext) {
    this.#context = context;
    this.panel.addEventListener('keydown', (event) => this.#key(event));
  }

  draw(info: AnatomyInfo): void {
    const { words, model } = this.#context;
    if (info === this.#info && model.survey === this.#survey) return;
    this.#info = info;
    this.#survey = model.survey;
    const findings = allFindings(info, model.survey);
    if (findings.length === 0) {
      this.panel.replaceChildren(element('p', { class: 'empty' }, words.strings.findingsNone));
      return;
    }
    const items = findings.map((finding) => element('li', {}, this.#item(finding)));
    const label = words.named(words.strings.findingsLabel);
    this.panel.replaceChildren(element('ul', { class: 'findings', 'aria-label': label }, ...items));
  }

  #item({ severity, message, code, offset, fix }: ShownFinding): HTMLElement {
    const { strings } = this.#context.words;
    const parts = [
      element('span', { class: `severity ${severity}` }, strings[severity]),
      element('span', { class: 'message' }, sentence(message)),
      element('span', { class: 'muted' }, code),
      ...(fix === null ? [] : [element('span', { class: 'fix' }, fix)]),
    ];
    if (offset === null) return element('div', { class: 'finding' }, ...parts);
    parts.push(element('span', { class: 'place' }, fill(strings.findingPlace, hexOffset(offset))));
    const made = element('button', { type: 'button', class: 'finding' }, ...parts);
    made.addEventListener('click', () => this.#context.jump(offset, 1));
    return made;
  }

  /** Handles the up and down keys, in addition to Tab. */
  #key(event: KeyboardEvent): void {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const buttons = [...this.panel.querySelectorAll('button')];
    const now = buttons.findIndex((each) => each === document.activeElement);
    if (step === undefined || now < 0) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, now + step))]?.focus();
  }
}
