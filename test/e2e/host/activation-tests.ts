import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type * as vscode from 'vscode';
import { requests } from '../../../src/engine/api/methods.ts';
import type { Exported } from '../../../src/extension/extension.ts';
import { assertInTime } from '../../support/process/in-time.ts';
import { until } from './suite.ts';
import { isAlive, type Surroundings } from './surroundings.ts';

const TIMES = 10;
const STARTS = 5;
/** Milliseconds that a program that does nothing takes from its start to its end on the computer for which the limit was chosen. */
const PLAIN_MS = 60;

/** Runs a program that does nothing in the runtime of this process, as the engine does, and returns what it took. */
function plainStart(): number {
  const began = performance.now();
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  execFileSync(process.execPath, ['-e', '0'], { env });
  return performance.now() - began;
}

interface Module {
  activate(context: vscode.ExtensionContext): Exported;
  deactivate(): Promise<void>;
}

interface Loaded {
  readonly module: Module;
  readonly services: Exported['services'];
  readonly wall: number;
  /** Processor time of this extension host meanwhile, all threads. */
  readonly cpu: number;
  readonly end: () => Promise<void>;
}

/**
 * Ends the extension and loads it again and again: each time from a file of its own whose text is new, so that neither Node nor V8
 * has met it, in the place of the real one. Loading and activate() never wait, so that where the machine is busy with others the
 * processor time says what they take; both are printed, the smaller one counts.
 */
export function activationTests({ suite, services, processes }: Surroundings): void {
  const { context } = services;
  const folder = path.join(context.extensionPath, 'build', `loads-${process.pid}`);
  const real = path.join(context.extensionPath, 'dist', 'extension.cjs');
  const bundle = readFileSync(real, 'utf8');
  let count = 0;

  const loadNew = (): Loaded => {
    const file = path.join(folder, `extension-${++count}.cjs`);
    mkdirSync(folder, { recursive: true });
    // First, so that every offset in it differs too.
    writeFileSync(file, `'${count}';${bundle}`);
    const subscriptions: vscode.Disposable[] = [];
    const own = Object.create(context, {
      subscriptions: { value: subscriptions },
    }) as vscode.ExtensionContext;
    const [cpu, began] = [process.cpuUsage(), performance.now()];
    const module = load(file);
    const exported = module.activate(own);
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    return {
      module,
      services: exported.services,
      wall,
      cpu: (user + system) / 1000,
      end: async () => {
        await module.deactivate();
        for (const each of subscriptions.reverse()) each.dispose();
        rmSync(folder, { recursive: true });
      },
    };
  };

  suite.test('the running extension ends within a second, and its engine with it', async () => {
    const { pid } = await services.engine.request(requests.environment, {});
    const began = performance.now();
    // What the editor loaded: the module of this path.
    await load(real).deactivate();
    await until('the engine is gone', () => !isAlive(pid));
    const took = performance.now() - began;
    for (const each of context.subscriptions.splice(0)) each.dispose();
    suite.figure(`deactivate, until the engine is gone: ${ms(took)} (limit 1000)`);
    assertInTime(took, 1000);
  });

  suite.test('loading and activating takes under 50 ms, and starts no engine', async () => {
    const loads: Loaded[] = [];
    const plains: number[] = [];
    const before = processes.engines;
    for (let i = 0; i < TIMES; i++) {
      const loaded = loadNew();
      loads.push(loaded);
      await loaded.end();
      plains.push(plainStart());
    }
    assert.equal(processes.engines, before);
    const wall = median(loads.map((each) => each.wall));
    const fair = median(loads.map(atWork));
    const limit = 50 * slower(plains);
    suite.figure(
      `load and activate, median of ${TIMES}: ${ms(wall)}, ${ms(fair)} at work (limit 50, ${ms(limit)} here)`,
    );
    assert.ok(fair < limit, `${ms(fair)} of ${ms(limit)}`);
  });

  // A computer that starts programs slowly has more time.
  suite.test('an engine answers within 500 ms of its start, and ends within a second', async () => {
    const loads: Loaded[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let i = 0; i < STARTS; i++) {
      const loaded = loadNew();
      loads.push(loaded);
      const { pid } = await loaded.services.engine.request(requests.environment, {});
      starts.push(loaded.services.engine.readyAfterMs);
      const ending = performance.now();
      await loaded.end();
      await until('the engine is gone', () => !isAlive(pid));
      ends.push(performance.now() - ending);
    }
    // How many times longer everything takes just now because the machine is busy with others.
    const waits = sum(loads.map(({ wall }) => wall)) / sum(loads.map(atWork));
    const fair = median(starts) / waits;
    suite.figure(
      `engine, from its spawn to its answer to initialize, median of ${STARTS}: ${ms(median(starts))}, about ${ms(fair)} without what others do (limit 500)`,
    );
    suite.figure(`engine, end, median of ${STARTS}: ${ms(median(ends))} (limit 1000)`);
    const plains = Array.from({ length: STARTS }, plainStart);
    const limit = 500 * slower(plains);
    suite.figure(`a program that does nothing, median of ${STARTS}: ${ms(median(plains))}`);
    assert.ok(fair < limit, `${ms(fair)} of ${ms(limit)}`);
    assertInTime(median(ends), 1000);
  });
}

const atWork = ({ wall, cpu }: Loaded): number => Math.min(wall, cpu);

/** How many times longer than usual programs that do nothing took. A shared processor with less cache makes work slower, not only its start later. */
const slower = (plains: readonly number[]): number =>
  Math.min(6, Math.max(1, median(plains) / PLAIN_MS));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const load = (file: string): Module => createRequire(file)(file) as Module;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const ms = (value: number): string => `${Math.round(value)} ms`;
