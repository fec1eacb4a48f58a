import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

export interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly placeHolder?: string;
  readonly password?: boolean;
  /** Returns the problem with a text while it is typed, or undefined. */
  readonly validate: (text: string) => string | undefined;
}

/** Asks for one line; it stays open when the window loses the focus. Returns undefined if it is cancelled. */
export function askText(question: TextQuestion): Thenable<string | undefined> {
  const { title, prompt, value = '', placeHolder = '', password = false, validate } = question;
  return vscode.window.showInputBox({
    title: inertText(title),
    prompt: inertText(prompt),
    value,
    placeHolder,
    password,
    ignoreFocusOut: true,
    validateInput: validate,
  });
}
