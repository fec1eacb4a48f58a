import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

export interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly placeHolder?: string;
  readonly password?: boolean;
  /** What is wrong with a text, said while one types; undefined where nothing is. */
  readonly validate: (text: string) => string | undefined;
}

/** Asks for one line; it is not lost when the person looks elsewhere meanwhile. undefined: given up. */
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
