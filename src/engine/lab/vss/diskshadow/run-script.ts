import fs from 'node:fs/promises';
import type { Lab } from '../../model/lab.ts';
import { ScriptRun, type ScriptResult } from './script-run.ts';

/** A script, the local folder in which the program was started, and its log (`/l`). */
interface ScriptOrder {
  readonly script: string;
  readonly cwd?: string | undefined;
  readonly log?: string | undefined;
}

/**
 * Runs a script of diskshadow; its output ends early if the fault `vss.cut` is on. The log is written when the
 * script ends, even if its caller has left.
 */
export async function runScript(
  lab: Lab,
  { script, cwd, log }: ScriptOrder,
  signal: AbortSignal,
): Promise<ScriptResult> {
  const result = await new ScriptRun(lab, cwd ?? lab.folder, signal).run(script);
  const cut = lab.faults.number('vss.cut', 200);
  const output = cut === undefined ? result.output : result.output.slice(0, cut);
  // Its folder may have been removed meanwhile.
  if (log !== undefined) await fs.writeFile(log, output).catch(() => undefined);
  return { output, code: result.code };
}
