import * as vscode from 'vscode';

interface Said {
  readonly level: 'information' | 'warning' | 'error';
  readonly text: string;
  readonly detail: string;
}

interface Choice {
  readonly title: RegExp;
  readonly row: RegExp;
  /** Rows of the pick, once the question was asked. */
  readonly asked: (rows: readonly vscode.QuickPickItem[]) => void;
}

type Window = { -readonly [Name in keyof typeof vscode.window]: (typeof vscode.window)[Name] };

const MESSAGES = {
  information: 'showInformationMessage',
  warning: 'showWarningMessage',
  error: 'showErrorMessage',
} as const;

/**
 * Stands between the extension and the editor's window: the suite lies in the extension's folder, so both have the same `vscode`.
 * Messages are written down and shown; questions in front of everything are answered here, since the editor refuses them in
 * tests; rows of picks are chosen in the real pick, by the editor's own commands.
 */
export class WindowWatch {
  readonly said: Said[] = [];
  readonly #confirmations: string[] = [];
  /** Questions that are to come, in any order; some may not come at all. */
  readonly #choices: Choice[] = [];

  constructor() {
    const window: Window = vscode.window;
    for (const [level, name] of Object.entries(MESSAGES)) {
      const real = vscode.window[name] as (...args: unknown[]) => Thenable<unknown>;
      const watched = (text: string, ...rest: unknown[]): Thenable<unknown> => {
        const { modal = false, detail = '' } = (rest[0] ?? {}) as vscode.MessageOptions;
        this.said.push({ level: level as Said['level'], text, detail });
        return modal ? Promise.resolve(this.#confirmations.shift()) : real(text, ...rest);
      };
      Object.assign(window, { [name]: watched });
    }
    this.#watchShowQuickPick(window);
    this.#watchCreateQuickPick(window);
  }

  /** What was said since the last time. */
  take(): readonly Said[] {
    return this.said.splice(0);
  }

  /** The next question in front of everything is answered by this button. */
  confirmNext(button: string): void {
    this.#confirmations.push(button);
  }

  /** Where a pick of such a title asks, the row whose label is like this is chosen; answers all rows once it asked. */
  choose(title: RegExp, row: RegExp): Promise<readonly vscode.QuickPickItem[]> {
    return new Promise((asked) => {
      this.#choices.push({ title, row, asked });
    });
  }

  #take(title: string | undefined): Choice | undefined {
    const at = this.#choices.findIndex((choice) => choice.title.test(title ?? ''));
    return at < 0 ? undefined : this.#choices.splice(at, 1)[0];
  }

  #watchShowQuickPick(window: Window): void {
    const real = vscode.window.showQuickPick as (
      rows: readonly vscode.QuickPickItem[],
      options?: vscode.QuickPickOptions,
    ) => Thenable<unknown>;
    const watched = async (
      given: readonly vscode.QuickPickItem[] | Thenable<readonly vscode.QuickPickItem[]>,
      options?: vscode.QuickPickOptions,
    ): Promise<unknown> => {
      const rows = await given;
      const choice = this.#take(options?.title);
      if (choice === undefined) throw new Error(`nobody expected “${options?.title}”`);
      choice.asked(rows);
      const at = rows.findIndex(({ label }) => choice.row.test(label));
      // The first row is selected as soon as the pick is seen.
      const seen = Promise.withResolvers<void>();
      const answer = real(rows, { ...options, onDidSelectItem: () => seen.resolve() });
      await seen.promise;
      for (let i = 0; i < at; i++) {
        await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
      }
      const command = at < 0 ? 'closeQuickOpen' : 'acceptSelectedQuickOpenItem';
      await vscode.commands.executeCommand(`workbench.action.${command}`);
      return answer;
    };
    Object.assign(window, { showQuickPick: watched });
  }

  #watchCreateQuickPick(window: Window): void {
    const real = vscode.window.createQuickPick.bind(vscode.window);
    const watched = (): vscode.QuickPick<vscode.QuickPickItem> => {
      const pick = real();
      const listening = pick.onDidChangeActive(([active]) => {
        const choice = this.#choices.find(({ title }) => title.test(pick.title ?? ''));
        const row = pick.items.find(({ label }) => choice?.row.test(label) === true);
        if (active === undefined || choice === undefined || row === undefined) return;
        if (active !== row) {
          pick.activeItems = [row];
          return;
        }
        listening.dispose();
        this.#take(pick.title);
        choice.asked(pick.items);
        void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      });
      return pick;
    };
    Object.assign(window, { createQuickPick: watched });
  }
}
