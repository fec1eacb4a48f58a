import { child, childrenOf, requireChild, type XmlElement } from '../../../cim/xml/xml-element.ts';
import { element, textElement } from '../../../cim/xml/xml-writer.ts';
import { wsmanError } from '../faults/wsman-errors.ts';
import type { WsmanRequest } from '../envelope.ts';
import { NS, SHELL_URI } from '../names.ts';
import { COMMAND_STATE, SHELL_ACTION, SHELL_ID } from './shell-names.ts';

/** Bound of an id that a host chose. */
const MAX_ID = 256;

/** A part of what a command wrote. */
export interface ShellOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Undefined while the command runs. */
  readonly exitCode: number | undefined;
}

/**
 * Creates the request for a new shell, without the profile of the user and with output in UTF-8
 * (code page 65001), as the language of the host must not decide how output is read.
 */
export function createShell(): WsmanRequest<string> {
  const content = textElement('rsp:InputStreams', 'stdin') + OUTPUT_STREAMS;
  return {
    ...base('create'),
    options: { WINRS_NOPROFILE: 'TRUE', WINRS_CODEPAGE: '65001' },
    body: rsp('Shell', {}, content),
    parse: (body) => shellIdOf(body),
  };
}

/** Creates the request that starts a command line. `args` follow the command, separated by spaces. */
export function startCommand(
  shell: string,
  command: string,
  args: readonly string[],
): WsmanRequest<string> {
  const words = args.map((word) => textElement('rsp:Arguments', word)).join('');
  return {
    ...base('command', shell),
    // Input is that of a pipe: a program that asks would wait for ever for a console.
    options: { WINRS_CONSOLEMODE_STDIN: 'FALSE', WINRS_SKIP_CMD_SHELL: 'FALSE' },
    body: rsp('CommandLine', {}, textElement('rsp:Command', command) + words),
    parse: (body) => idOf(requireChild(body, 'CommandResponse', NS.shell), 'CommandId'),
  };
}

/** Creates the request that writes to the input of a command; `end` closes the input. */
export function sendInput(
  shell: string,
  command: string,
  bytes: Uint8Array,
  end: boolean,
): WsmanRequest<void> {
  const attributes = { Name: 'stdin', CommandId: command, ...(end ? { End: 'true' } : {}) };
  const stream = element('rsp:Stream', attributes, Buffer.from(bytes).toString('base64'));
  return { ...base('send', shell), body: rsp('Send', {}, stream), parse: () => undefined };
}

/** Creates the request for what a command has written since the last one, and for its end. */
export function receiveOutput(shell: string, command: string): WsmanRequest<ShellOutput> {
  const streams = element('rsp:DesiredStream', { CommandId: command }, 'stdout stderr');
  return {
    ...base('receive', shell),
    body: rsp('Receive', {}, streams),
    parse: (body) => outputOf(requireChild(body, 'ReceiveResponse', NS.shell), command),
  };
}

/** Creates the request that sends a signal to a command. */
export function signalCommand(shell: string, command: string, code: string): WsmanRequest<void> {
  const body = rsp('Signal', { CommandId: command }, textElement('rsp:Code', code));
  return { ...base('signal', shell), body, parse: () => undefined };
}

/** Creates the request that ends a shell and its commands. */
export function removeShell(shell: string): WsmanRequest<void> {
  // A second one finds no shell, and changes nothing.
  return { ...base('remove', shell), body: '', parse: () => undefined };
}

const OUTPUT_STREAMS = textElement('rsp:OutputStreams', 'stdout stderr');

function base(
  action: keyof typeof SHELL_ACTION,
  shell?: string,
): Pick<WsmanRequest<unknown>, 'action' | 'resourceUri' | 'repetition' | 'selectors'> {
  const selectors = shell === undefined ? {} : { selectors: { keys: { [SHELL_ID]: shell } } };
  const head = { action: SHELL_ACTION[action], resourceUri: SHELL_URI };
  return { ...head, repetition: 'change', ...selectors };
}

const rsp = (name: string, attributes: Readonly<Record<string, string>>, content: string): string =>
  element(`rsp:${name}`, { 'xmlns:rsp': NS.shell, ...attributes }, content);

/** Reads the id of a new shell: from its element, or from the selectors of the created resource. */
function shellIdOf(body: XmlElement): string {
  const shell = child(body, 'Shell', NS.shell);
  if (shell !== undefined && child(shell, 'ShellId') !== undefined) return idOf(shell, 'ShellId');
  const created = requireChild(body, 'ResourceCreated');
  const set = requireChild(requireChild(created, 'ReferenceParameters'), 'SelectorSet');
  const found = childrenOf(set, 'Selector').find(
    (each) => each.attributes.get('Name') === SHELL_ID,
  );
  return checkedId(found?.text.trim(), 'ShellId');
}

const idOf = (parent: XmlElement, name: string): string =>
  checkedId(child(parent, name)?.text.trim(), name);

function checkedId(text: string | undefined, name: string): string {
  if (text !== undefined && text !== '' && text.length <= MAX_ID) return text;
  throw wsmanError('wsman.answer', `The answer has no usable ${name}`, {
    data: { found: text?.slice(0, 100) ?? null, expected: `${name}, up to ${MAX_ID} characters` },
  });
}

/** Reads the streams of one command; parts of another command are an error, never mixed in. */
function outputOf(response: XmlElement, command: string): ShellOutput {
  const parts: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  for (const stream of childrenOf(response, 'Stream')) {
    mustBeOf(stream, command);
    const name = stream.attributes.get('Name') ?? '';
    if (name !== 'stdout' && name !== 'stderr') {
      throw wsmanError('wsman.answer', `The answer has a stream “${name.slice(0, 100)}”`, {
        data: { found: name.slice(0, 100), expected: 'stdout or stderr' },
      });
    }
    parts[name].push(base64Of(stream.text));
  }
  const state = child(response, 'CommandState');
  if (state !== undefined) mustBeOf(state, command);
  const done = state?.attributes.get('State') === COMMAND_STATE.done;
  return {
    stdout: Buffer.concat(parts.stdout),
    stderr: Buffer.concat(parts.stderr),
    exitCode: state !== undefined && done ? exitCodeOf(state) : undefined,
  };
}

function mustBeOf(part: XmlElement, command: string): void {
  const id = part.attributes.get('CommandId') ?? '';
  if (id.toLowerCase() === command.toLowerCase()) return;
  throw wsmanError('wsman.answer', `The answer is of another command than the request`, {
    data: { found: id.slice(0, MAX_ID), expected: command },
  });
}

/** Decodes Base64, which may be broken by white space. Throws `wsman.answer` for other text. */
function base64Of(text: string): Buffer {
  const compact = text.replaceAll(/\s+/g, '');
  if (compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact)) {
    return Buffer.from(compact, 'base64');
  }
  throw wsmanError('wsman.answer', 'The answer has a stream that is not Base64', {
    data: { found: text.slice(0, 100), expected: 'Base64' },
  });
}

/** Returns the exit code, which Windows gives as an unsigned or signed number of 32 bits. */
function exitCodeOf(state: XmlElement): number {
  const text = child(state, 'ExitCode')?.text.trim() ?? '';
  const code = Number(text);
  if (/^-?\d{1,10}$/.test(text) && code >= -(2 ** 31) && code < 2 ** 32) return code >>> 0;
  throw wsmanError('wsman.answer', 'The answer has no usable exit code', {
    data: { found: text.slice(0, 100), expected: 'a number of 32 bits' },
  });
}
