import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

/**
 * Everything that is said to the person goes through here, since messages hold names that hosts, stores and images chose. Answers
 * the button that was pressed.
 */
export function sayInfo<Button extends string>(
  text: string,
  ...buttons: readonly Button[]
): Thenable<Button | undefined> {
  return vscode.window.showInformationMessage(inertText(text), ...buttons);
}

export function sayWarning<Button extends string>(
  text: string,
  ...buttons: readonly Button[]
): Thenable<Button | undefined> {
  return vscode.window.showWarningMessage(inertText(text), ...buttons);
}

export function sayError<Button extends string>(
  text: string,
  ...buttons: readonly Button[]
): Thenable<Button | undefined> {
  return vscode.window.showErrorMessage(inertText(text), ...buttons);
}

/** Asks before something is done that cannot be undone; `lines` name what is lost. */
export async function confirm(
  question: string,
  lines: readonly string[],
  button: string,
): Promise<boolean> {
  const detail = lines.map(inertText).join('\n');
  const options = { modal: true, detail };
  const chosen = await vscode.window.showWarningMessage(inertText(question), options, button);
  return chosen === button;
}

/** Asks which of some actions is carried out; `lines` say what it changes. Returns undefined if it is cancelled. */
export async function askWhich<Button extends string>(
  question: string,
  lines: readonly string[],
  ...buttons: readonly Button[]
): Promise<Button | undefined> {
  const options = { modal: true, detail: lines.map(inertText).join('\n') };
  return vscode.window.showInformationMessage(inertText(question), options, ...buttons);
}

/** Says in a notification that something goes on; with `cancellable`, the person can stop it. Increments of the bar add up to 100. */
export function withNotification<T>(
  title: string,
  cancellable: boolean,
  work: (
    report: (message: string, increment?: number) => void,
    token: vscode.CancellationToken,
  ) => Promise<T>,
): Thenable<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title: inertText(title), cancellable },
    (progress, token) =>
      work(
        (message, increment) =>
          progress.report({
            message: inertText(message),
            ...(increment === undefined ? {} : { increment }),
          }),
        token,
      ),
  );
}
