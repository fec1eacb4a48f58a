import * as vscode from 'vscode';

/** Next step that a message offers. */
export interface NextStep {
  readonly title: string;
  readonly command: string;
  /** After the node that the step is about. */
  readonly args: readonly unknown[];
}

const { t } = vscode.l10n;

const step = (title: string, command: string, ...args: readonly unknown[]): NextStep => ({
  title,
  command,
  args,
});

/** The steps that errors lead to; their texts are looked up when they are shown. */
export const STEPS = {
  enterPassword: () => step(t('Enter Password…'), 'refpoint.connect', { ask: true }),
  reviewCertificate: () => step(t('Review Certificate…'), 'refpoint.connect', { review: true }),
  connect: () => step(t('Connect'), 'refpoint.connect'),
  editHost: () => step(t('Edit Host…'), 'refpoint.editHost'),
  leaveDiskOut: () => step(t('Leave This Disk Out'), 'refpoint.leaveDiskOut'),
  startLab: () => step(t('Start Lab Host'), 'refpoint.startLab'),
  addLabVm: () => step(t('Add Lab VM…'), 'refpoint.addLabVm'),
  showFindings: () => step(t('Show Findings'), 'refpoint.showFindings'),
  testFileAccess: () => step(t('Test File Access…'), 'refpoint.testFileAccess'),
  refresh: () => step(t('Refresh'), 'refpoint.refresh'),
  backUp: () => step(t('Back Up…'), 'refpoint.backup'),
  cleanUp: () => step(t('Clean Up…'), 'refpoint.cleanUp'),
  repairLedger: () => step(t('Repair Ledger…'), 'refpoint.repairLedger'),
  restore: () => step(t('Restore…'), 'refpoint.restore'),
  verify: () => step(t('Verify'), 'refpoint.verify'),
  addStore: () => step(t('Add Store…'), 'refpoint.addStore'),
  removeStore: () => step(t('Remove Store'), 'refpoint.removeStore'),
  showJobs: () => step(t('Show Jobs'), 'refpoint.jobs.focus'),
  showEnvironment: () => step(t('Show Environment'), 'refpoint.showEnvironment'),
  showLog: () => step(t('Show Log'), 'refpoint.showLog'),
} as const;

/** Edits the host, beginning with a folder of it that has no place here. */
export const mapFolderStep = (folder: string): NextStep =>
  step(t('Edit Host…'), 'refpoint.editHost', { folder });

/** Opens the page on preparing a host at the entry of a code. */
const prepareStep = (code: string): NextStep =>
  step(t('Prepare the Host…'), 'refpoint.prepareHost', { code });

/** Errors that a host, or its file server, gives that is not prepared for a connection. */
const UNPREPARED =
  /^(?:http\.(?!lost$|url$|tls\.fingerprint$)|smb\.(?!busy$|file\.changed$|lost$|request$)|wsman\.fault\.(?:accessDenied|noNamespace|noClass)$|powershell\.(?!fault)\w+$|host\.rights$|vss\.denied$)/;

/** Returns the step that prepares the host, if that helps against an error. */
export const prepareSteps = (code: string): readonly NextStep[] =>
  UNPREPARED.test(code) ? [prepareStep(code)] : [];
