import type { Lab } from '../../model/lab.ts';
import { ScriptRun, type ScriptResult } from './script-run.ts';

/** Runs a script of diskshadow; its output ends early if the fault `vss.cut` is on. */
export async function runScript(
  lab: Lab,
  { script, cwd }: { readonly script: string; readonly cwd?: string | undefined },
  signal: AbortSignal,
): Promise<ScriptResult> {
  const { output, code } = await new ScriptRun(lab, cwd ?? lab.folder, signal).run(script);
  const cut = lab.faults.number('vss.cut', 200);
  return { output: cut === undefined ? output : output.slice(0, cut), code };
}
