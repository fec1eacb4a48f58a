import * as vscode from 'vscode';
import type { ErrorInfo } from '../../engine/api/errors.ts';
import { Cancelled, EngineFailure } from '../engine/engine-error.ts';
import { sayError } from '../ask/messages.ts';
import { howToGetRights } from '../words/own-rights.ts';
import { withPointNames } from '../words/point-name.ts';
import type { Output } from '../output/output.ts';
import { isThisComputer } from '../settings/host-address.ts';
import { isNode, nodeOf } from '../nodes/nodes.ts';
import type { ErrorMeaning } from './areas/error-meaning.ts';
import { ERROR_MEANINGS } from './error-table.ts';
import { mapFolderStep, prepareSteps, STEPS, type NextStep } from './areas/next-step.ts';

export interface PresentedError {
  /** Stable, as in the log and on the command line. */
  readonly code: string;
  /** Sentence in the user's language that says what happened. */
  readonly sentence: string;
  /** The facts: what was found where, in the engine's words. */
  readonly detail: string;
  /** Both, and the code. */
  readonly text: string;
  /** The best first; never empty. */
  readonly next: readonly NextStep[];
}

/** Returns the text of an error for the user. `subject` is the node that it is about. */
export function presentError(error: unknown, subject?: unknown): PresentedError {
  const { code, message, data } =
    error instanceof EngineFailure
      ? error.info
      : {
          code: 'internal',
          message: error instanceof Error ? error.message : String(error),
          data: {},
        };
  return presentCode(code, message, subject, data);
}

/** The same of an error that comes as code and message: of a job's state. */
export function presentCode(
  code: string,
  message: string,
  subject?: unknown,
  data: ErrorInfo['data'] = {},
): PresentedError {
  const { says, next } = meaningOf(code);
  const sentence = says();
  // A stack, or whatever else follows the first line, is for the log.
  const [first = ''] = message.trim().split('\n', 1);
  const detail = withPointNames(first);
  const full = detail === '' || /[.!?…]$/.test(detail) ? detail : `${detail}.`;
  const ntlm =
    data['ntlm'] === 'forbidden'
      ? vscode.l10n.t('The setting {0} allows NTLM.', 'refpoint.ntlmFallback')
      : '';
  const text = [sentence, rightsOf(code, subject), full, ntlm, `(${code})`]
    .filter(Boolean)
    .join(' ');
  const steps = [...stepsOf(code, subject, data), ...next.map((step) => step())];
  const two = [...steps, STEPS.showLog()].slice(0, 2);
  return { code, sentence, detail: full, text, next: [...two, ...prepareSteps(code)] };
}

/** The entry whose words are the longest that `code` begins with. */
function meaningOf(code: string): ErrorMeaning {
  const parts = code.split('.');
  for (let n = parts.length; n > 0; n--) {
    const area = parts.slice(0, n).join('.');
    // A state file may name anything, also what every object has.
    const found = Object.hasOwn(ERROR_MEANINGS, area) ? ERROR_MEANINGS[area] : undefined;
    if (found !== undefined) return found;
  }
  return { says: () => vscode.l10n.t('Something went wrong.'), next: [] };
}

/** Says how this computer gives the rights that are missing; other hosts have the page on preparing them. */
function rightsOf(code: string, subject: unknown): string {
  const host = nodeOf(subject, 'host', 'vm')?.host;
  const here = host !== undefined && isThisComputer(host.url);
  return here && /^(?:host\.rights|powershell\.fault\.accessDenied)$/.test(code)
    ? howToGetRights()
    : '';
}

/** Steps that know more than the code: a lab that does not answer has ended, a folder that has no place here is named. */
function stepsOf(code: string, subject: unknown, { folder }: ErrorInfo['data']): NextStep[] {
  if (/^path\b/.test(code) && typeof folder === 'string' && folder !== '') {
    return [mapFolderStep(folder)];
  }
  const lab = nodeOf(subject, 'host', 'vm')?.lab === true;
  return lab && /^http\.(?:unreachable|lost|timeout)$/.test(code) ? [STEPS.startLab()] : [];
}

/** Returns whether an error is a cancellation by the user or the caller. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof Cancelled || error instanceof vscode.CancellationError;

/** Says an error with what to do next, and writes all of it to the log. Nothing for what was cancelled. */
export async function showError(output: Output, error: unknown, subject?: unknown): Promise<void> {
  if (isCancelled(error)) return;
  const presented = presentError(error, subject);
  logError(output, error);
  await offerSteps(presented, subject);
}

export function logError(output: Output, error: unknown): void {
  const { code, text } = presentError(error);
  const stack = code === 'internal' && error instanceof Error ? (error.stack ?? '') : '';
  output.engine.error(stack === '' ? text : `${text}\n${stack}`);
}

/** The message with its buttons; does what is pressed. */
async function offerSteps(presented: PresentedError, subject?: unknown): Promise<void> {
  const log = STEPS.showLog();
  const titles = new Set([...presented.next.map(({ title }) => title), log.title]);
  const chosen = await sayError(presented.text, ...titles);
  const step = [...presented.next, log].find(({ title }) => title === chosen);
  if (step !== undefined) await takeStep(step, subject);
}

export async function takeStep({ command, args }: NextStep, subject?: unknown): Promise<void> {
  const node = isNode(subject) ? subject : undefined;
  await vscode.commands.executeCommand(command, node, ...args);
}
