import * as vscode from 'vscode';
import type { VmState } from '../../engine/api/host.ts';

const { t } = vscode.l10n;

/** Word, icon and colour of each state of a VM. */
export const VM_STATES: Readonly<
  Record<VmState, () => { text: string; icon: string; color?: string }>
> = {
  running: () => ({ text: t('running'), icon: 'vm-running', color: 'charts.green' }),
  off: () => ({ text: t('off'), icon: 'vm' }),
  saved: () => ({ text: t('saved'), icon: 'vm-outline' }),
  paused: () => ({ text: t('paused'), icon: 'debug-pause' }),
  other: () => ({ text: t('in another state'), icon: 'vm' }),
};
