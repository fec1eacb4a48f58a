import type { StoredVm } from '../../../backup/points/vm-names.ts';
import { ledgerPath } from '../../../backup/store/contract/layout.ts';
import type { PointVerdict } from '../../../backup/verify/verdict.ts';
import type { VerifiedStore } from '../../../jobs/work/store/verify-store.ts';
import { withAdvice } from '../../terminal/advice.ts';

export type VerdictOfVm = PointVerdict & { readonly vm: string };

/** A ledger that cannot be read: the points are well, and no backup can be made before it is repaired. */
export function damagedLedger(
  vm: StoredVm['id'],
  problem: NonNullable<VerifiedStore['vms'][number]['ledger']>,
): VerdictOfVm {
  const message = withAdvice(problem.code, problem.message, { file: ledgerPath(vm) });
  const findings = [{ code: problem.code, severity: 'error', message }] as const;
  return { id: ledgerPath(vm), vm, ok: false, findings };
}
