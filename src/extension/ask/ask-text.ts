import * as vscode from 'vscode';
import { inertText } from '../words/inert-text.ts';

/** A button of a box that opens an explanation. The box stays, with what was typed. */
export interface TextHelp {
  readonly tooltip: string;
  readonly open: () => void;
}

export interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string;
  readonly placeHolder?: string;
  readonly password?: boolean;
  /** Returns the problem with a text while it is typed, or undefined. */
  readonly validate: (text: string) => string | undefined;
  readonly help?: TextHelp;
}

/** Asks for one line; it stays open when the window loses the focus. Returns undefined if it is cancelled. */
export async function askText(question: TextQuestion): Promise<string | undefined> {
  const { title, prompt, value = '', placeHolder = '', password = false, validate } = question;
  if (question.help !== undefined) return askWithHelp(question, question.help);
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

async function askWithHelp(question: TextQuestion, help: TextHelp): Promise<string | undefined> {
  const { title, prompt, value = '', placeHolder = '', password = false, validate } = question;
  const box = vscode.window.createInputBox();
  box.title = inertText(title);
  box.prompt = inertText(prompt);
  box.placeholder = placeHolder;
  box.password = password;
  box.value = value;
  box.ignoreFocusOut = true;
  box.buttons = [{ iconPath: new vscode.ThemeIcon('question'), tooltip: help.tooltip }];
  try {
    return await new Promise<string | undefined>((resolve) => {
      box.onDidChangeValue((text) => {
        box.validationMessage = text === '' ? undefined : validate(text);
      });
      box.onDidAccept(() => {
        box.validationMessage = validate(box.value);
        if (box.validationMessage === undefined) resolve(box.value);
      });
      box.onDidTriggerButton(help.open);
      box.onDidHide(() => resolve(undefined));
      box.show();
    });
  } finally {
    box.dispose();
  }
}
