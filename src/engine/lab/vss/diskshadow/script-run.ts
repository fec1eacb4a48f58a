/**
 * Runs a script of diskshadow in the lab (reference 4). A command that fails ends the script; a
 * command in the wrong place, or one that the lab does not know, is a failure.
 *
 * UNCONFIRMED: the words of the errors and the exit code; nothing may rely on them.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { HYPERV_WRITER } from '../../../vss/model.ts';
import { tryParseGuid, type Guid } from '../../../base/guid.ts';
import type { Lab } from '../../model/lab.ts';
import type { LabShadow } from '../../state/state.ts';
import { BackupSet } from '../backup-set.ts';
import { holdStep } from '../held-step.ts';
import { mountShadow, unmountFolder } from '../mounts.ts';
import { dropShadows } from '../shadow-copies.ts';
import { findVolume } from '../volumes.ts';
import { VSS, VssCallError } from '../vss-fault.ts';
import { STABLE, WRITERS, writerStatuses } from '../writers.ts';
import { componentLines, shadowLines, writerLines } from './print.ts';
import { wordsOf, type DiskshadowWords } from './words.ts';

/** Output and exit code of a script of diskshadow. */
export interface ScriptResult {
  readonly output: string;
  readonly code: number;
}

/** Names that are in use as environment variables of every process. */
const TAKEN = /^(?:path|temp|tmp|comspec|windir|systemroot|programdata)$/i;

/** A command that is refused, with the line that diskshadow prints. */
class Refused extends Error {}

/** One run of a script: its context, its set, and what it has printed. */
export class ScriptRun {
  readonly #lab: Lab;
  readonly #cwd: string;
  readonly #words: DiskshadowWords;
  readonly #signal: AbortSignal;
  readonly #output: string[] = [];
  #verbose = false;
  #persistent = false;
  #noWriters = false;
  #metadata: string | undefined;
  #verified = false;
  #inBackup = false;
  #set: BackupSet | undefined;
  readonly #wanted = new Map<string, string>();
  readonly #aliases = new Map<string, Guid>();

  /** @param cwd local folder in which the program was started */
  constructor(lab: Lab, cwd: string, signal: AbortSignal) {
    this.#lab = lab;
    this.#cwd = cwd;
    this.#words = wordsOf(lab.state);
    this.#signal = signal;
  }

  /** Runs the commands of a script. */
  async run(script: string): Promise<ScriptResult> {
    this.#print('Microsoft DiskShadow version 1.0', 'Copyright (C) 2013 Microsoft Corporation');
    const { machineName } = this.#lab.state;
    this.#print(`${this.#words.computer}  ${machineName},  11/23/2026 9:00:00 AM`, '');
    let code = 0;
    try {
      for (const line of commandLines(script)) {
        this.#print(`-> ${line}`);
        if (/^(?:exit|quit)$/i.test(line)) break;
        await this.#command(line);
      }
    } catch (error) {
      code = 1;
      if (error instanceof VssCallError) {
        this.#print('', `${this.#words.failed} ${error.hresult.toString(16)}`);
      } else if (error instanceof Refused) this.#print(error.message);
      else throw error;
    } finally {
      // A set that was begun and not made ends with the program.
      await this.#set?.release();
    }
    return { output: `${this.#output.join('\r\n')}\r\n`, code };
  }

  async #command(line: string): Promise<void> {
    const words = line.split(/\s+/);
    const [first = '', second = ''] = words.map((word) => word.toLowerCase());
    const name = `${first} ${second}`;
    const rest = words.slice(2);
    if (first === 'reset') return;
    if (name === 'set verbose') return this.#setVerbose(rest);
    if (name === 'set context') return this.#context(rest);
    if (name === 'set metadata') return this.#setMetadata(rest);
    if (name === 'writer verify') return this.#verify(rest);
    if (name === 'begin backup') return this.#begin();
    if (name === 'end backup') return this.#end();
    if (name === 'add volume') return this.#addVolume(rest);
    if (name === 'list writers') return this.#listWriters(rest);
    if (name === 'list shadows') return this.#listShadows(rest);
    if (name === 'delete shadows') return this.#delete(rest);
    if (first === 'create' && words.length === 1) return this.#create();
    if (first === 'expose' && words.length === 3) return this.#expose(second, words[2] ?? '');
    if (first === 'unexpose' && words.length === 2) return this.#unexpose(words[1] ?? '');
    throw new Refused(`'${line}' ${this.#words.unknown}`);
  }

  #context([kind = '', writers]: readonly string[]): void {
    const known = ['persistent', 'volatile', 'clientaccessible'].includes(kind.toLowerCase());
    if (!known || this.#inBackup) throw new Refused(`'${kind}' ${this.#words.unknown}`);
    this.#persistent = kind.toLowerCase() !== 'volatile';
    this.#noWriters = writers?.toLowerCase() === 'nowriters';
  }

  #setVerbose([value = '']: readonly string[]): void {
    if (!/^(?:on|off)$/i.test(value)) throw new Refused(`'${value}' ${this.#words.unknown}`);
    this.#verbose = value.toLowerCase() === 'on';
  }

  async #setMetadata([file = '']: readonly string[]): Promise<void> {
    const local = path.resolve(this.#cwd, file);
    const folder = await fs.stat(path.dirname(local)).catch(() => undefined);
    if (file === '' || folder?.isDirectory() !== true) {
      throw new Refused('The metadata file cannot be created.');
    }
    this.#metadata = local;
  }

  #verify([id = '']: readonly string[]): void {
    const known = tryParseGuid(id);
    if (!WRITERS.some((each) => each.id === known)) {
      throw new Refused(`'${id}' ${this.#words.unknown}`);
    }
    this.#verified = known === HYPERV_WRITER;
  }

  #begin(): void {
    if (this.#inBackup) throw new VssCallError('begin', VSS.badState);
    this.#inBackup = true;
  }

  #addVolume([name = '', word, alias, ...more]: readonly string[]): void {
    const valid = word?.toLowerCase() === 'alias' && alias !== undefined && more.length === 0;
    if (!valid || TAKEN.test(alias) || this.#wanted.has(alias)) {
      throw new Refused(`'${name}' ${this.#words.unknown}`);
    }
    if (findVolume(this.#lab, name) === undefined)
      throw new VssCallError('addVolume', VSS.notFound);
    this.#wanted.set(alias, name);
  }

  async #create(): Promise<void> {
    if (this.#wanted.size === 0 || this.#set !== undefined) {
      throw new VssCallError('create', VSS.badState);
    }
    const forced = this.#lab.faults.strike('vss.noWriters') !== undefined;
    const mode = { persistent: this.#persistent, noWriters: this.#noWriters || forced };
    const set = await BackupSet.open(this.#lab, mode, this.#signal);
    this.#set = set;
    const { components } = await set.identify(this.#signal);
    const id = await set.start(this.#signal);
    for (const [alias, name] of this.#wanted) {
      this.#aliases.set(alias, await set.addVolume(name, this.#signal));
    }
    if (!mode.noWriters) {
      if (this.#verbose) {
        this.#print(...componentLines(this.#lab, this.#words, components, set.components()));
      }
      this.#requireVerified(set);
    }
    await set.prepare(this.#signal);
    const made = await set.create(this.#signal);
    if (this.#metadata !== undefined) await fs.writeFile(this.#metadata, `MSCF lab ${id}\r\n`);
    const { alias } = this.#words;
    for (const [name, shadow] of this.#aliases) this.#print(alias(name, `{${shadow}}`, 'shadow'));
    this.#print(alias('VSS_SHADOW_SET', `{${id}}`, 'set'), '');
    this.#print(`${this.#words.querying} {${id}}`);
    for (const shadow of made) this.#printShadow(shadow, made.length);
    this.#print('', `${this.#words.listed} ${made.length}`);
  }

  /** A verified writer must take part with something. */
  #requireVerified(set: BackupSet): void {
    if (this.#verified && set.components().length === 0) {
      throw new VssCallError('create', VSS.notFound);
    }
  }

  async #end(): Promise<void> {
    if (!this.#inBackup) throw new VssCallError('complete', VSS.badState);
    this.#inBackup = false;
    await this.#set?.complete(this.#signal);
  }

  async #expose(variable: string, folder: string): Promise<void> {
    const alias = /^%(\w+)%$/.exec(variable)?.[1] ?? '';
    const name = [...this.#aliases.keys()].find(
      (each) => each.toLowerCase() === alias.toLowerCase(),
    );
    const id = this.#aliases.get(name ?? '');
    const shadow = (this.#lab.state.shadows ?? []).find((each) => each.id === id);
    if (shadow === undefined) throw new Refused(`'${variable}' ${this.#words.unknown}`);
    await holdStep(this.#lab, 'expose', this.#signal);
    const mounted = await mountShadow(this.#lab, shadow, path.resolve(this.#cwd, folder));
    this.#print(`-> %${name ?? ''}% = {${shadow.id}}`, `${this.#words.exposed} ${mounted}\\.`);
  }

  async #unexpose(folder: string): Promise<void> {
    await unmountFolder(this.#lab, path.resolve(this.#cwd, folder));
  }

  #listWriters([what = '']: readonly string[]): void {
    if (what.toLowerCase() !== 'status') throw new Refused(`'${what}' ${this.#words.unknown}`);
    const all = this.#set?.status() ?? writerStatuses(STABLE, 0);
    this.#print('', ...all.flatMap((each) => writerLines(this.#words, each)), '');
  }

  #listShadows([what = '', id = '']: readonly string[]): void {
    const all = this.#lab.state.shadows ?? [];
    const wanted = tryParseGuid(id);
    const found =
      what.toLowerCase() === 'all'
        ? all
        : all.filter((each) => each[what.toLowerCase() === 'set' ? 'set' : 'id'] === wanted);
    for (const shadow of found) this.#printShadow(shadow, found.length);
    this.#print('', `${this.#words.listed} ${found.length}`);
  }

  async #delete([what = '', id = '']: readonly string[]): Promise<void> {
    await holdStep(this.#lab, 'delete', this.#signal);
    const all = this.#lab.state.shadows ?? [];
    const wanted = tryParseGuid(id);
    const kind = what.toLowerCase();
    if (!['all', 'set', 'id'].includes(kind)) throw new Refused(`'${what}' ${this.#words.unknown}`);
    const found =
      kind === 'all' ? all : all.filter((each) => each[kind === 'set' ? 'set' : 'id'] === wanted);
    if (found.length === 0) throw new VssCallError('delete', VSS.notFound);
    await dropShadows(this.#lab, [...found]);
    this.#print(`${found.length} ${this.#words.deleted}`);
  }

  #printShadow(shadow: LabShadow, total: number): void {
    const alias = [...this.#aliases].find(([, id]) => id === shadow.id)?.[0];
    this.#print(...shadowLines(this.#lab, this.#words, shadow, alias, total));
  }

  #print(...lines: readonly string[]): void {
    this.#output.push(...lines);
  }
}

/** Splits a script: a last line without CR LF loses its last character, as on Windows. */
function commandLines(script: string): readonly string[] {
  const lines = script.split('\r\n');
  const rest = lines.pop() ?? '';
  if (rest !== '') lines.push(rest.slice(0, -1));
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
