import type {
  BackupOptions,
  BackupPlan,
  BackupPlans,
  PlanAnswer,
} from '../../../src/engine/api/backup.ts';
import { EngineFailure } from '../../../src/extension/engine/engine-error.ts';

/** Answers a request for plans with what `planOf` returns for each kind; what it throws is the kind's error. */
export function plansOf(planOf: (kind: BackupOptions['kind']) => BackupPlan): BackupPlans {
  const answer = (kind: BackupOptions['kind']): PlanAnswer => {
    try {
      return { plan: planOf(kind), error: null };
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      return { plan: null, error: error.info };
    }
  };
  return { auto: answer('auto'), full: answer('full'), incremental: answer('incremental') };
}
