import * as vscode from 'vscode';
import type { MissingRight, RightFeature } from '../../engine/api/windows/rights.ts';

const { t } = vscode.l10n;

/** Names of the features that need rights on a host. */
export const FEATURES: Readonly<Record<RightFeature, () => string>> = {
  inventory: () => t('VMs, disks and checkpoints'),
  checkpoints: () => t('Checkpoints for backups'),
  referencePoints: () => t('Reference points'),
  changeTracking: () => t('Changes of disks'),
  export: () => t('Exports'),
  cluster: () => t('Owner nodes of clustered VMs'),
};

/** Sentences about what is missing. */
export const MISSING: Readonly<Record<MissingRight, () => string>> = {
  winrm: () =>
    t('WinRM refuses the account: it is neither an administrator nor in Remote Management Users.'),
  winrmExecute: () => t('WinRM lets the account read, but not call methods.'),
  wmiNamespace: () => t('The security of the WMI namespace refuses the account.'),
  hyperVAdministrators: () =>
    t('The account is neither an administrator nor in Hyper-V Administrators.'),
  tokenFilter: () =>
    t('The account may be a local administrator, whose rights Windows filters over the network.'),
  vmms: () => t('The service of Hyper-V (vmms) may be stopped.'),
  hyperVRole: () => t('The host does not have the Hyper-V role.'),
  server2016: () =>
    t('The host is older than Windows Server 2016, which brought reference points.'),
  clusterNamespace: () => t('The security of the cluster’s namespace refuses the account.'),
};
