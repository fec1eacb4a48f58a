/** What a person does, in order, when the extension asks for something. */
export type Step =
  | { readonly kind: 'pick'; readonly matches: readonly (string | RegExp)[] }
  | { readonly kind: 'type'; readonly text: string; readonly refused: RegExp | undefined }
  | { readonly kind: 'press'; readonly button: string }
  | { readonly kind: 'choose'; readonly paths: readonly string[] }
  | { readonly kind: 'click'; readonly tooltip: string }
  | { readonly kind: 'giveUp' };

/** Takes the item with this label, or whose texts match; several where several may be taken. */
export const pick = (...matches: readonly (string | RegExp)[]): Step => ({ kind: 'pick', matches });
/** Types a text and accepts it; with `refused`, the box must say so and stay for the next step. */
export const type = (text: string, refused?: RegExp): Step => ({ kind: 'type', text, refused });
/** Presses a button of a message. */
export const press = (button: string): Step => ({ kind: 'press', button });
/** Takes files or folders in a dialog. */
export const choose = (...paths: readonly string[]): Step => ({ kind: 'choose', paths });
/** Clicks a button of a quick pick or an input box. */
export const click = (tooltip: string): Step => ({ kind: 'click', tooltip });
/** Escape, or Cancel. */
export const giveUp = (): Step => ({ kind: 'giveUp' });

/** What was asked or said, as a person saw it. */
export interface Asked {
  readonly kind: 'quickPick' | 'input' | 'info' | 'warning' | 'error' | 'open' | 'save';
  /** Title of a pick or a box, text of a message. */
  readonly text: string;
  readonly detail: string;
  readonly modal: boolean;
  readonly buttons: readonly string[];
  /** Of a pick: `label | description | detail` of each row. */
  readonly rows: readonly string[];
  readonly password: boolean;
}

/** The steps that are left, and all that was asked. A question that no step answers is given up, and remembered. */
export class Script {
  readonly asked: Asked[] = [];
  readonly problems: string[] = [];
  #steps: Step[] = [];
  #taken = 0;

  reset(): void {
    this.asked.length = 0;
    this.problems.length = 0;
    this.#steps = [];
    this.#taken = 0;
  }

  play(...steps: readonly Step[]): void {
    this.#steps.push(...steps);
  }

  /** Steps that were played so far. */
  get taken(): number {
    return this.#taken;
  }

  get left(): readonly Step[] {
    return this.#steps;
  }

  record(asked: Partial<Asked> & Pick<Asked, 'kind' | 'text'>): void {
    const empty = { detail: '', modal: false, buttons: [], rows: [], password: false };
    this.asked.push({ ...empty, ...asked });
  }

  /** The next step where it is of these kinds; a question to a person who has no answer is a problem. */
  next<Kind extends Step['kind']>(
    what: string,
    ...kinds: readonly Kind[]
  ): Extract<Step, { readonly kind: Kind }> | undefined {
    const [step] = this.#steps;
    if (step === undefined) {
      this.problems.push(`nobody answers: ${what}`);
      return undefined;
    }
    if (!(kinds as readonly string[]).includes(step.kind)) {
      this.problems.push(`${step.kind} does not answer: ${what}`);
      return undefined;
    }
    this.take();
    return step as Extract<Step, { readonly kind: Kind }>;
  }

  /** The next step where it presses one of these buttons; messages need no answer. */
  nextPress(buttons: readonly string[]): string | undefined {
    const [step] = this.#steps;
    if (step?.kind !== 'press' || !buttons.includes(step.button)) return undefined;
    this.take();
    return step.button;
  }

  take(): void {
    this.#steps.shift();
    this.#taken++;
  }
}

/** The rows that a `pick` step means. */
export function matching<
  T extends { readonly label: string; readonly description?: string; readonly detail?: string },
>(items: readonly T[], matches: readonly (string | RegExp)[]): readonly T[] {
  return matches.flatMap((match) => {
    const found = items.find((item) =>
      typeof match === 'string' ? item.label === match : match.test(rowText(item)),
    );
    return found ?? [];
  });
}

export function rowText(item: {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}): string {
  return [item.label, item.description ?? '', item.detail ?? ''].join(' | ');
}
