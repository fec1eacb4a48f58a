import * as vscode from 'vscode';
import { Cancelled, EngineFailure } from './engine/engine-error.ts';

/** A next step that a message offers. */
export interface NextStep {
  readonly title: string;
  readonly command: string;
  readonly args: readonly unknown[];
}

/** What a code means to do next. The longest prefix counts. */
const STEPS: Readonly<Record<string, () => NextStep>> = {
  'http.auth': () => step(vscode.l10n.t('Enter Password Again'), 'refpoint.connect', { ask: true }),
  'http.tls.unknownCertificate': () => step(vscode.l10n.t('Connect'), 'refpoint.connect'),
  'http.tls.fingerprint': () => step(vscode.l10n.t('Edit Host…'), 'refpoint.editHost'),
  'http.unreachable': () => step(vscode.l10n.t('Edit Host…'), 'refpoint.editHost'),
  'http.url': () => step(vscode.l10n.t('Edit Host…'), 'refpoint.editHost'),
  http: () => step(vscode.l10n.t('Show Log'), 'refpoint.showLog'),
  store: () => step(vscode.l10n.t('Add Store…'), 'refpoint.addStore'),
  'host.vm.notFound': () => step(vscode.l10n.t('Refresh'), 'refpoint.refresh'),
  lab: () => step(vscode.l10n.t('Start Lab Host'), 'refpoint.startLab'),
};

const step = (title: string, command: string, ...args: readonly unknown[]): NextStep => ({
  title,
  command,
  args,
});

/** The step that fits a code; the log where none does. */
export function nextStep(code: string): NextStep {
  const parts = code.split('.');
  for (let n = parts.length; n > 0; n--) {
    const found = STEPS[parts.slice(0, n).join('.')];
    if (found !== undefined) return found();
  }
  return step(vscode.l10n.t('Show Log'), 'refpoint.showLog');
}

/** A sentence with its code, for messages and trees. */
export function describeError(error: unknown): { readonly text: string; readonly code: string } {
  if (error instanceof EngineFailure) return { text: error.info.message, code: error.info.code };
  return { text: error instanceof Error ? error.message : String(error), code: 'internal' };
}

/** Shows an error with its next step; `subject` is the node or host that the step is about. Nothing for what was cancelled. */
export async function showError(error: unknown, subject?: unknown): Promise<void> {
  if (error instanceof Cancelled || error instanceof vscode.CancellationError) return;
  const { text, code } = describeError(error);
  const next = nextStep(code);
  const log = vscode.l10n.t('Show Log');
  const buttons = next.title === log ? [log] : [next.title, log];
  const full = `${text}${/[.!?]$/.test(text) ? '' : '.'} (${code})`;
  const chosen = await vscode.window.showErrorMessage(full, ...buttons);
  if (chosen === undefined) return;
  if (chosen === log) await vscode.commands.executeCommand('refpoint.showLog');
  else await vscode.commands.executeCommand(next.command, subject, ...next.args);
}
