import type { JobSpec } from '../../../api/jobs.ts';
import { ledgerProblem } from '../../../backup/ledger/ledger-file.ts';
import { listPoints, misspelledVms } from '../../../backup/points/catalog.ts';
import { describeVms, resolveVm, type StoredVm } from '../../../backup/points/vm-names.ts';
import type { Store } from '../../../backup/store/contract/store.ts';
import type { PointVerdict } from '../../../backup/verify/verdict.ts';
import { verifyPoints } from '../../../backup/verify/verify.ts';
import { isEngineError } from '../../../base/errors.ts';
import type { Progress } from '../../../base/progress.ts';

/** Results of a verification, by VM. */
export interface VerifiedStore {
  readonly vms: readonly {
    readonly id: StoredVm['id'];
    readonly verdicts: readonly PointVerdict[];
    /** Why the VM's ledger cannot be read; null if it can. */
    readonly ledger: Awaited<ReturnType<typeof ledgerProblem>>;
  }[];
  /** Folders that are not read since their names are spelled otherwise; looked for in a whole store only. */
  readonly misspelled: readonly { readonly name: string; readonly id: string }[];
}

interface VerifySurroundings {
  readonly progress: Progress;
  readonly identified: (vm: StoredVm) => void;
}

/** Verifies points of one VM, or of every VM of a store. Throws `vm.*`, and `point.missing` of one VM. */
export async function verifyStore(
  store: Store,
  spec: Extract<JobSpec, { readonly kind: 'verify' }>,
  { progress, identified }: VerifySurroundings,
  signal: AbortSignal,
): Promise<VerifiedStore> {
  const all = spec.vm === '';
  const vms = all
    ? await describeVms(store, signal)
    : [await resolveVm(store, spec.vm, signal).then((vm) => (identified(vm), vm))];
  if (!spec.quick) progress.whole?.(await bytesToVerify(store, vms, spec.points, signal));
  const found: VerifiedStore['vms'][number][] = [];
  for (const { id } of vms) {
    const verdicts: PointVerdict[] = [];
    for (const point of spec.points.length === 0 ? [undefined] : spec.points) {
      const { quick, repairHashes = false } = spec;
      const options = { point, quick, repairHashes };
      const verify = verifyPoints(store, id, options, progress, signal);
      verdicts.push(
        ...(await verify.catch((error: unknown) => unread(id, error, all, repairHashes))),
      );
    }
    found.push({ id, verdicts, ledger: await ledgerProblem(store, id, signal) });
  }
  const whole = all && spec.points.length === 0;
  return { vms: found, misspelled: whole ? await misspelledVms(store, signal) : [] };
}

/** A VM's folder that cannot be read as one, as a link: a verdict, so that the other VMs are verified too. */
function unread(
  vm: StoredVm['id'],
  error: unknown,
  all: boolean,
  repairs: boolean,
): readonly PointVerdict[] {
  if (!isEngineError(error) || !error.permanent) throw error;
  // Another VM of the store may have the point.
  if (error.code === 'point.missing') {
    if (all) return [];
    throw error;
  }
  // That nothing may be written here says nothing of the points.
  if (repairs && error.code === 'source.denied') throw error;
  const { code, message } = error;
  return [{ id: vm, ok: false, findings: [{ code, severity: 'error', message }] }];
}

/** Returns the virtual bytes of the disks of some points, or of all. The verification itself reports what cannot be read. */
async function bytesToVerify(
  store: Store,
  vms: readonly StoredVm[],
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for (const { id } of vms) {
    const points = await listPoints(store, id, signal).catch((error: unknown) => {
      if (isEngineError(error)) return [];
      throw error;
    });
    bytes += points
      .filter((point) => ids.length === 0 || ids.includes(point.id))
      .flatMap((point) => (point.state === 'complete' ? point.manifest.disks : []))
      .reduce((sum, { virtualSize }) => sum + virtualSize, 0);
  }
  return bytes;
}
