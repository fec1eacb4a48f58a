import * as vscode from 'vscode';
import type { OverPlan } from '../../../engine/api/backup.ts';
import type { ErrorInfo } from '../../../engine/api/errors.ts';
import { presentCode } from '../../errors/present-error.ts';
import { mapFolder } from '../../hosts/map-folder.ts';
import { pickVm } from '../../hosts/pick-host.ts';
import { vmLabel } from '../../nodes/node-names.ts';
import type { Services } from '../../services/services.ts';
import type { OverDraft, OverItem } from './over-draft.ts';

const { t } = vscode.l10n;

type Change = (services: Services) => Promise<OverDraft | undefined>;

/** Rows of what prevents a restore over a VM, each with its fix. */
export function overFixes(draft: OverDraft, plan: OverPlan): readonly OverItem[] {
  return plan.findings.flatMap((finding) => fixesOf(draft, plan, finding));
}

/** Asks for another VM whose disks are replaced. */
export async function changeVm(services: Services): Promise<OverDraft | undefined> {
  const vm = await pickVm(services, undefined, { always: true });
  return vm === undefined ? undefined : { vm, disks: [] };
}

function fixesOf(
  draft: OverDraft,
  plan: OverPlan,
  { code, message, data }: ErrorInfo,
): readonly OverItem[] {
  const { sentence, detail } = presentCode(code, message, undefined, data);
  const why = detail || sentence;
  const fix = (label: string, change: Change, text = '', icon = 'wrench'): OverItem => ({
    label,
    ...(text === '' ? {} : { detail: text }),
    icon,
    value: { do: 'change', change },
  });
  const again = (label: string): OverItem => fix(label, async () => draft, why, 'refresh');
  const run =
    (command: string): Change =>
    async () => {
      await vscode.commands.executeCommand(command, draft.vm);
      return draft;
    };
  const otherVm = fix(t('Choose Another VM…'), changeVm);
  switch (code) {
    case 'over.state':
      return [again(t('Look Again After “{0}” Was Shut Down', vmLabel(draft.vm))), otherVm];
    case 'over.checkpoints':
      return [
        again(t('Look Again After the Checkpoints Were Removed')),
        fix(t('Clean Up…'), run('refpoint.cleanUp'), t('removes what Refpoint itself left')),
      ];
    case 'over.open':
      return [
        fix(t('Undo Restore…'), run('refpoint.undoRestore'), why),
        fix(t('Accept Restore…'), run('refpoint.acceptRestore')),
      ];
    case 'path.unmapped':
    case 'path.missing': {
      const { folder } = data;
      const at = typeof folder === 'string' ? folder : '';
      const change: Change = async () => ((await mapFolder(draft.vm.host, at)) ? draft : undefined);
      return [fix(t('Map a Folder of the Host…'), change, why)];
    }
    case 'over.disk': {
      const left = plan.disks.filter(({ slot }) => slot !== data['slot']);
      const numbers = left.map(({ number }) => number);
      const leave = fix(
        t('Leave the Disk at {0} Out', String(data['slot'] ?? '')),
        async () => ({ ...draft, disks: numbers }),
        why,
      );
      return left.length === 0 ? [{ label: why, icon: 'error', value: null }, otherVm] : [leave];
    }
    case 'restore.space':
      return [again(t('Look Again After Space Was Freed'))];
    default:
      return [{ label: sentence, detail, icon: 'error', value: null }];
  }
}
