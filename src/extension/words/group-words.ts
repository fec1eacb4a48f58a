import * as vscode from 'vscode';
import { byName } from './by-name.ts';

const { t } = vscode.l10n;

/** Icons of groups of VMs and of disks that several VMs share, in every list. */
export const GROUP_ICON = 'multiple-windows';
export const SHARED_DISK_ICON = 'live-share';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** VMs in the order of their names; a host lists them in any. */
export const sortedVms = <Vm extends Named>(vms: readonly Vm[]): readonly Vm[] =>
  byName(
    vms,
    ({ id, name }) => name || id,
    ({ id }) => id,
  );

/** Names of VMs in one line; an ID for a VM without a name. */
export const vmNames = (vms: readonly Named[]): string =>
  sortedVms(vms)
    .map(({ id, name }) => (name === '' ? id : name))
    .join(', ');

/** `group of 2 VMs` */
export const groupSize = (count: number): string =>
  count === 1 ? t('group of 1 VM') : t('group of {0} VMs', count);
