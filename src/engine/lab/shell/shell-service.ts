import { randomUUID } from 'node:crypto';
import { child, childText, childrenOf, type XmlElement } from '../../cim/xml/xml-element.ts';
import { element, textElement } from '../../cim/xml/xml-writer.ts';
import { ANONYMOUS, NS, SHELL_URI } from '../../net/wsman/names.ts';
import {
  COMMAND_STATE,
  SHELL_ACTION,
  SHELL_ID,
  SIGNAL,
} from '../../net/wsman/shell/shell-names.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { WireRequest } from '../wsman/read/request.ts';
import { startProgram, type ShellPrograms } from './programs.ts';
import { ShellCommand } from './shell-command.ts';

/** Quotas of WinRM: MaxShellsPerUser and MaxProcessesPerShell of Windows Server 2012 and newer. */
const MAX_SHELLS = 30;
const MAX_COMMANDS = 25;
/** Bytes of the envelope that are not output: headers, and the elements around two streams. */
const AROUND = 4096;
/** Part of the time limit of a Receive after which the host answers that nothing was written. */
const WAITING = 0.9;

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  [SIGNAL.terminate]: 'SIGKILL',
  [SIGNAL.ctrlC]: 'SIGINT',
  [SIGNAL.ctrlBreak]: 'SIGQUIT',
};

interface Shell {
  readonly owner: string;
  readonly commands: Map<string, ShellCommand>;
}

/**
 * The remote shells of a lab host (MS-WSMV 3.1.4, WinRS). Their commands are programs of this
 * computer, which is why a lab has shells only if it was asked to.
 */
export class ShellService {
  readonly #programs: ShellPrograms;
  readonly #shells = new Map<string, Shell>();

  constructor(programs: ShellPrograms) {
    this.#programs = programs;
  }

  /** Whether a request is about shells. */
  static serves({ resourceUri }: WireRequest): boolean {
    return resourceUri.toLowerCase() === SHELL_URI;
  }

  /** Returns the body of the answer. Throws {@link CimFault}. */
  async answer(request: WireRequest, caller: string): Promise<string> {
    const { action } = request;
    if (action === SHELL_ACTION.create) return this.#create(request, caller);
    const id = shellId(request);
    const shell = this.#shells.get(id);
    if (shell === undefined || shell.owner !== caller) {
      throw new CimFault('noShell', `No shell of this user has the id ${id}`);
    }
    if (action === SHELL_ACTION.remove) return this.#remove(id, shell);
    if (action === SHELL_ACTION.command) return this.#command(request, shell);
    if (action === SHELL_ACTION.send) return this.#write(request, shell);
    if (action === SHELL_ACTION.receive) return this.#receive(request, shell);
    if (action === SHELL_ACTION.signal) return this.#signal(request, shell);
    throw new CimFault('actionNotSupported', `A shell does not support ${action}`);
  }

  /** Ends all commands. */
  close(): void {
    for (const [id, shell] of this.#shells) this.#remove(id, shell);
  }

  #create({ body }: WireRequest, owner: string): string {
    const shell = child(body, 'Shell', NS.shell);
    if (shell === undefined) throw new CimFault('schema', 'The body of Create has no Shell');
    const streams = childText(shell, 'OutputStreams')?.split(/\s+/) ?? [];
    if (!streams.includes('stdout')) {
      throw new CimFault('invalidParameter', 'A shell needs the output stream stdout');
    }
    const own = [...this.#shells.values()].filter((each) => each.owner === owner);
    if (own.length >= MAX_SHELLS) throw new CimFault('quota', `${MAX_SHELLS} shells of this user`);
    const id = newId();
    this.#shells.set(id, { owner, commands: new Map() });
    const selectors = element('w:SelectorSet', {}, selector(id));
    const created =
      textElement('a:Address', ANONYMOUS) +
      element('a:ReferenceParameters', {}, textElement('w:ResourceURI', SHELL_URI) + selectors);
    return (
      element('x:ResourceCreated', { 'xmlns:x': NS.transfer }, created) +
      element(
        'rsp:Shell',
        { 'xmlns:rsp': NS.shell },
        textElement('rsp:ShellId', id) +
          textElement('rsp:ResourceUri', SHELL_URI) +
          textElement('rsp:InputStreams', 'stdin') +
          textElement('rsp:OutputStreams', streams.join(' ')),
      )
    );
  }

  #command({ body }: WireRequest, shell: Shell): string {
    const line = child(body, 'CommandLine', NS.shell);
    const command = line && childText(line, 'Command');
    if (line === undefined || command === undefined || command === '') {
      throw new CimFault('schema', 'The body of Command has no CommandLine with a Command');
    }
    if (shell.commands.size >= MAX_COMMANDS) {
      throw new CimFault('quota', `${MAX_COMMANDS} commands of this shell`);
    }
    const words = [command, ...childrenOf(line, 'Arguments').map(({ text }) => text)];
    const id = newId();
    shell.commands.set(id, new ShellCommand(startProgram(words.join(' '), this.#programs)));
    return rsp('CommandResponse', {}, textElement('rsp:CommandId', id));
  }

  #write({ body }: WireRequest, shell: Shell): string {
    for (const stream of childrenOf(child(body, 'Send', NS.shell) ?? body, 'Stream')) {
      if (stream.attributes.get('Name') !== 'stdin') {
        throw new CimFault('invalidParameter', 'A shell reads the stream stdin only');
      }
      const bytes = Buffer.from(stream.text, 'base64');
      commandOf(shell, stream).write(bytes, /^(?:true|1)$/i.test(attribute(stream, 'End')));
    }
    return rsp('SendResponse', {}, '');
  }

  async #receive(request: WireRequest, shell: Shell): Promise<string> {
    const desired = child(
      child(request.body, 'Receive', NS.shell) ?? request.body,
      'DesiredStream',
    );
    if (desired === undefined) throw new CimFault('schema', 'Receive names no stream');
    const command = commandOf(shell, desired);
    const id = attribute(desired, 'CommandId');
    // Base64 takes four bytes for three, and both streams may be full.
    const limit = Math.floor((((request.maxEnvelopeSize - AROUND) / 4) * 3) / 2);
    const found = await command.receive(limit, request.operationTimeout * WAITING);
    const streams = (['stdout', 'stderr'] as const).flatMap((name) =>
      found[name].length === 0
        ? []
        : [stream(name, id, found[name].toString('base64'), found.exitCode !== undefined)],
    );
    return rsp('ReceiveResponse', {}, streams.join('') + stateOf(id, found.exitCode));
  }

  #signal({ body }: WireRequest, shell: Shell): string {
    const signal = child(body, 'Signal', NS.shell);
    const code = (signal && childText(signal, 'Code')) ?? '';
    const name = SIGNALS[code];
    if (signal === undefined || name === undefined) {
      throw new CimFault('invalidParameter', `“${code}” is not a signal of a shell`);
    }
    commandOf(shell, signal).signal(name);
    if (code === SIGNAL.terminate) shell.commands.delete(attribute(signal, 'CommandId'));
    return rsp('SignalResponse', {}, '');
  }

  #remove(id: string, shell: Shell): string {
    for (const command of shell.commands.values()) command.signal('SIGKILL');
    this.#shells.delete(id);
    return '';
  }
}

/** Returns the id of the shell that a request addresses. */
function shellId({ selectors = {} }: WireRequest): string {
  const [found, ...others] = Object.entries(selectors);
  if (found !== undefined && others.length === 0 && found[0] === SHELL_ID) return found[1];
  throw new CimFault('invalidSelectors', `A shell has the one selector ${SHELL_ID}`);
}

function commandOf(shell: Shell, part: XmlElement): ShellCommand {
  const id = attribute(part, 'CommandId');
  const command = shell.commands.get(id);
  if (command !== undefined) return command;
  throw new CimFault('invalidParameter', `The shell has no command “${id}”`);
}

const attribute = (part: XmlElement, name: string): string => part.attributes.get(name) ?? '';

const newId = (): string => randomUUID().toUpperCase();

const selector = (id: string): string => element('w:Selector', { Name: SHELL_ID }, id);

const stream = (Name: string, CommandId: string, text: string, last: boolean): string =>
  element('rsp:Stream', { Name, CommandId, ...(last ? { End: 'true' } : {}) }, text);

function stateOf(CommandId: string, exitCode: number | undefined): string {
  const State = exitCode === undefined ? COMMAND_STATE.running : COMMAND_STATE.done;
  const content = exitCode === undefined ? '' : textElement('rsp:ExitCode', String(exitCode));
  return element('rsp:CommandState', { CommandId, State }, content);
}

const rsp = (name: string, attributes: Readonly<Record<string, string>>, content: string): string =>
  element(`rsp:${name}`, { 'xmlns:rsp': NS.shell, ...attributes }, content);
