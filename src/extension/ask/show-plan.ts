import * as vscode from 'vscode';
import { toRow, type Item } from './choose.ts';
import { inertText } from '../words/inert-text.ts';

const { t } = vscode.l10n;

type Row<Answer> = vscode.QuickPickItem & { readonly value?: Answer | null };

/** Rows of a plan below a heading; '' for none. null: a row that only tells. */
export interface PlanSection<Answer> {
  readonly heading: string;
  readonly items: readonly Item<Answer | null>[];
}

/**
 * Shows a plan in a pick that is busy until the plan is known. Returns the row that the person chose, undefined if it is cancelled. Throws
 * what `ask` throws.
 */
export async function showPlan<Plan, Answer>(
  title: string,
  ask: (token: vscode.CancellationToken, report: (text: string) => void) => Promise<Plan>,
  sectionsOf: (plan: Plan) => readonly PlanSection<Answer>[],
): Promise<Answer | undefined> {
  const pick = vscode.window.createQuickPick<Row<Answer>>();
  pick.title = inertText(title);
  const told = t('What to do; nothing has been done yet');
  pick.placeholder = told;
  pick.busy = true;
  pick.ignoreFocusOut = true;
  const gone = new vscode.CancellationTokenSource();
  try {
    const chosen = new Promise<Answer | undefined>((resolve) => {
      pick.onDidAccept(() => {
        const value = pick.selectedItems[0]?.value ?? null;
        if (value !== null) resolve(value);
      });
      pick.onDidHide(() => {
        gone.cancel();
        resolve(undefined);
      });
    });
    pick.show();
    const plan = await ask(gone.token, (text) => {
      pick.placeholder = inertText(text);
    });
    pick.placeholder = told;
    pick.items = sectionsOf(plan).flatMap(rowsOf);
    pick.busy = false;
    return await chosen;
  } finally {
    pick.dispose();
    gone.dispose();
  }
}

function rowsOf<Answer>({ heading, items }: PlanSection<Answer>): readonly Row<Answer>[] {
  if (items.length === 0) return [];
  const separator = { label: heading, kind: vscode.QuickPickItemKind.Separator };
  const rows = items.map(toRow);
  return heading === '' ? rows : [separator, ...rows];
}
