import { isDifferential, isReasonForFull } from './disk-tasks.ts';
import type { Reason } from '../manifest/manifest.ts';
import type { BackupOptions } from '../host/options.ts';
import type { BackupPlan } from '../plan/plan-backup.ts';
import type { RunWarning } from '../context/run-context.ts';
import type { ExportStage } from '../read/export/export-stage.ts';

/**
 * Has the host export what the plan needs, and returns the plan as it stands then: if the host refuses the differential
 * export, every disk is a full. Throws the refusal if an increment was asked for by name.
 */
export async function makeExport(
  exports: ExportStage,
  plan: BackupPlan,
  options: BackupOptions,
  warn: (warning: RunWarning) => void,
  signal: AbortSignal,
): Promise<BackupPlan> {
  const base = plan.parent?.manifest.referencePoint?.id;
  if (base === undefined || !isDifferential(plan, options)) {
    await exports.exportFull(signal);
    return plan;
  }
  try {
    await exports.exportChanges(base, signal);
    return plan;
  } catch (error) {
    if (!isReasonForFull(options, error)) throw error;
    const { code, message } = error;
    warn({ code, message: `${message}: every disk is backed up in full.` });
    const why: Reason = { code, text: message, evidence: { referencePoint: base } };
    await exports.exportFull(signal);
    const disks = plan.disks.map(
      (disk) => ({ ...disk, kind: 'full', reason: why, base: null }) as const,
    );
    // The run takes a full's id, and its reason, once its tasks are known.
    return { ...plan, disks };
  }
}
