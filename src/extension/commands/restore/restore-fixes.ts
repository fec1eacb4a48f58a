import * as vscode from 'vscode';
import type { ErrorInfo } from '../../../engine/api/errors.ts';
import type { ImportPlan } from '../../../engine/api/backup.ts';
import { presentCode } from '../../errors/present-error.ts';
import { folderText } from '../backup/plan-vm.ts';
import { changeFolder, changeName, changeNetwork, changePathMap } from './restore-changes.ts';
import type { Change, PlanItem, RestoreAnswer, RestoreDraft } from './restore-draft.ts';

const { t } = vscode.l10n;

/** Rows of what prevents a restore, the fixes first, and of what else the person could do. */
export function findingRows(
  draft: RestoreDraft,
  plan: ImportPlan,
): { readonly fixes: readonly PlanItem[]; readonly others: readonly PlanItem[] } {
  const found = draft.found.map((text): PlanItem => ({
    label: text,
    ...(plan.networks?.some(({ to }) => to !== null)
      ? { detail: t('If it is about a network, leave that disconnected below.') }
      : {}),
    icon: 'warning',
    value: null,
  }));
  const fixes = plan.findings.flatMap((finding) => fixesOf(draft, plan, finding));
  const others: PlanItem[] =
    plan.findings.length === 0
      ? []
      : [{ label: t('Restore Files Instead…'), icon: 'file', value: { do: 'files' } }];
  return { fixes: [...fixes, ...found], others };
}

/** One or more rows that fix a finding; a row that only tells if nothing here does. */
function fixesOf(
  draft: RestoreDraft,
  plan: ImportPlan,
  { code, message, data }: ErrorInfo,
): readonly PlanItem[] {
  const { sentence, detail } = presentCode(code, message, undefined, data);
  // The engine's words name what was found; the sentence alone does not fit beside them.
  const why = folderText(code, [plan.hostFolder]) ?? (detail || sentence);
  const fix = (label: string, change: Change, text = why): PlanItem => {
    const value: RestoreAnswer = { do: 'change', change };
    return { label, ...(text === '' ? {} : { detail: text }), icon: 'wrench', value };
  };
  const folder = (text?: string): PlanItem =>
    fix(t('Choose Another Folder…'), () => changeFolder(draft), text);
  switch (code) {
    case 'import.switch':
      return (plan.networks ?? [])
        .filter(({ missing }) => missing)
        .map((network) =>
          fix(t('Choose a Switch for “{0}”…', network.switch), () =>
            changeNetwork(draft, plan, network),
          ),
        );
    case 'import.name':
      return [fix(t('Choose Another Name…'), () => changeName(draft, plan))];
    case 'import.settings':
      return [
        {
          label: t('Restore Files Instead…'),
          detail: why,
          icon: 'wrench',
          value: { do: 'files' },
        },
      ];
    case 'path.unmapped':
    case 'path.missing':
      return [fix(t('Map a Folder of the Host…'), () => changePathMap(draft)), folder('')];
    case 'restore.exists':
    case 'restore.inStore':
    case 'restore.space':
    case 'path.invalid':
      return [folder()];
    default:
      return [{ label: sentence, detail, icon: 'error', value: null }];
  }
}
