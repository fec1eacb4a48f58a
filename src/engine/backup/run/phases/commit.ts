import { pass } from '../../context/run-context.ts';
import { commitPoint } from '../../points/commit-point.ts';
import { makeManifest } from '../steps/make-manifest.ts';
import type { Committed, Converted } from '../record/run-record.ts';

/** Writes the manifest, which completes the point. Throws `lease.lost`. */
export async function commitRun(run: Converted, signal: AbortSignal): Promise<Committed> {
  const { deps, vmId, lease, undo } = run;
  const manifest = makeManifest(run, new Date(deps.now()).toISOString());
  await lease.assertHeld(signal);
  await commitPoint(deps.store, manifest, signal);
  undo.commit();
  await pass(deps, vmId, 'committed');
  return { ...run, manifest };
}
