import { EventEmitter } from './events.ts';
import { matching, rowText, type Script } from './script.ts';

interface Item {
  readonly label: string;
  readonly kind?: number;
  readonly description?: string;
  readonly detail?: string;
  readonly picked?: boolean;
}

interface Button {
  readonly tooltip?: string;
}

interface Options {
  readonly title?: string;
  readonly placeHolder?: string;
  readonly canPickMany?: boolean;
}

/** `window.showQuickPick`. */
export async function showQuickPick(
  script: Script,
  given: readonly (Item | string)[] | PromiseLike<readonly (Item | string)[]>,
  options: Options = {},
): Promise<unknown> {
  hideShown();
  const all = (await given).map((item) => (typeof item === 'string' ? { label: item } : item));
  const items = all.filter(({ kind }) => kind !== -1);
  const text = options.title ?? options.placeHolder ?? '';
  script.record({ kind: 'quickPick', text, rows: items.map(rowText) });
  const step = script.next(
    `the pick “${text}” of ${items.map(rowText).join('; ')}`,
    'pick',
    'giveUp',
  );
  if (step?.kind !== 'pick') return undefined;
  const found = matching(items, step.matches);
  if (found.length !== step.matches.length) {
    script.problems.push(
      `“${text}” has no ${step.matches.join(', ')}, only ${items.map(rowText).join('; ')}`,
    );
    return undefined;
  }
  const [raw] = await given;
  const back = (item: Item): unknown => (typeof raw === 'string' ? item.label : item);
  if (options.canPickMany === true) return found.map(back);
  return found[0] === undefined ? undefined : back(found[0]);
}

interface BoxOptions {
  readonly title?: string;
  readonly prompt?: string;
  readonly value?: string;
  readonly password?: boolean;
  readonly validateInput?: (text: string) => unknown;
}

/** `window.showInputBox`: what the validation refuses is not accepted. */
export async function showInputBox(
  script: Script,
  options: BoxOptions = {},
): Promise<string | undefined> {
  hideShown();
  const text = options.title ?? options.prompt ?? '';
  const { prompt = '', password = false } = options;
  script.record({ kind: 'input', text, detail: prompt, password, rows: [options.value ?? ''] });
  await options.validateInput?.(options.value ?? '');
  for (;;) {
    const step = script.next(`the box “${text}” (${prompt})`, 'type', 'giveUp');
    if (step?.kind !== 'type') return undefined;
    const said = messageOf(await options.validateInput?.(step.text));
    if (!judged(script, text, step.text, said, step.refused)) continue;
    return step.text;
  }
}

/** Whether the text is accepted; that it was not expected so is a problem. */
function judged(
  script: Script,
  box: string,
  text: string,
  said: string | undefined,
  refused: RegExp | undefined,
): boolean {
  if (refused === undefined && said !== undefined) {
    script.problems.push(`“${box}” refused ${text}: ${said}`);
  }
  if (refused !== undefined && (said === undefined || !refused.test(said))) {
    script.problems.push(`“${box}” was to refuse ${text} with ${refused}, and said ${said}`);
  }
  return said === undefined && refused === undefined;
}

function messageOf(result: unknown): string | undefined {
  if (typeof result === 'string') return result === '' ? undefined : result;
  const { message, severity = 3 } = (result ?? {}) as { message?: string; severity?: number };
  return severity === 3 ? message : undefined;
}

let shown: QuickInput | undefined;

/** There is one place for picks, boxes and, in remote windows, the dialogs of files: a new one hides the last. */
export function hideShown(next?: QuickInput): void {
  const last = shown;
  shown = next;
  last?.hide();
}

/** What picks and boxes share. The person acts once the box is shown and not busy. */
abstract class QuickInput {
  title = '';
  placeholder = '';
  busy = false;
  enabled = true;
  ignoreFocusOut = false;
  step: number | undefined;
  totalSteps: number | undefined;
  value = '';
  buttons: readonly Button[] = [];
  protected readonly script: Script;
  protected visible = false;
  #showings = 0;
  protected readonly accepted = new EventEmitter<void>();
  protected readonly hidden = new EventEmitter<{ readonly reason: number }>();
  protected readonly valueChanged = new EventEmitter<string>();
  protected readonly triggered = new EventEmitter<Button>();
  readonly onDidAccept = this.accepted.event;
  readonly onDidHide = this.hidden.event;
  readonly onDidChangeValue = this.valueChanged.event;
  readonly onDidTriggerButton = this.triggered.event;

  constructor(script: Script) {
    this.script = script;
  }

  show(): void {
    if (this.visible) return;
    hideShown(this);
    this.visible = true;
    void this.#act();
  }

  hide(): void {
    if (!this.visible) return;
    this.visible = false;
    this.hidden.fire({ reason: 3 });
  }

  dispose(): void {
    this.hide();
  }

  /** Looks at the box until it is gone. */
  async #act(): Promise<void> {
    const showing = ++this.#showings;
    while (this.visible && showing === this.#showings) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      const still = this.visible && showing === this.#showings;
      if (still && !this.busy && this.ready()) await this.act();
    }
  }

  protected press(tooltip: string): void {
    const button = this.buttons.find((each) => each.tooltip === tooltip);
    if (button === undefined) this.script.problems.push(`there is no button ${tooltip}`);
    else this.triggered.fire(button);
  }

  protected abstract ready(): boolean;
  protected abstract act(): Promise<void>;
}

/** `window.createQuickPick`. */
export class FakeQuickPick extends QuickInput {
  items: readonly Item[] = [];
  activeItems: readonly Item[] = [];
  selectedItems: readonly Item[] = [];
  canSelectMany = false;
  matchOnDescription = false;
  matchOnDetail = false;
  keepScrollPosition = false;
  readonly #changed = new EventEmitter<readonly Item[]>();
  readonly onDidChangeSelection = this.#changed.event;
  readonly onDidChangeActive = new EventEmitter<readonly Item[]>().event;
  readonly onDidTriggerItemButton = new EventEmitter<unknown>().event;

  protected ready(): boolean {
    return this.items.length > 0;
  }

  protected async act(): Promise<void> {
    const rows = this.items.map(rowText);
    this.script.record({ kind: 'quickPick', text: this.title, rows });
    const what = `the pick “${this.title}” of ${rows.join('; ')}`;
    const step = this.script.next(what, 'pick', 'click', 'giveUp');
    if (step === undefined || step.kind === 'giveUp') this.hide();
    else if (step.kind === 'click') this.press(step.tooltip);
    else {
      const found = matching(this.items, step.matches);
      if (found.length !== step.matches.length) {
        this.script.problems.push(`no ${step.matches.join(', ')} in ${what}`);
        this.hide();
        return;
      }
      this.activeItems = found.slice(0, 1);
      this.selectedItems = found;
      this.#changed.fire(found);
      this.accepted.fire();
    }
  }
}

/** `window.createInputBox`. */
export class FakeInputBox extends QuickInput {
  prompt = '';
  password = false;
  validationMessage: unknown;
  valueSelection: unknown;

  protected ready(): boolean {
    return true;
  }

  protected async act(): Promise<void> {
    this.script.record({
      kind: 'input',
      text: this.title,
      detail: this.prompt,
      password: this.password,
    });
    const step = this.script.next(`the box “${this.title}”`, 'type', 'click', 'giveUp');
    if (step === undefined || step.kind === 'giveUp') this.hide();
    else if (step.kind === 'click') this.press(step.tooltip);
    else {
      this.value = step.text;
      this.valueChanged.fire(step.text);
      this.accepted.fire();
      do {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      } while (this.busy && this.visible);
      const said = messageOf(this.validationMessage);
      judged(this.script, this.title, step.text, said, step.refused);
    }
  }
}
