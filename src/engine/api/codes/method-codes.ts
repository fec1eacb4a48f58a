/** Reasons for the method that reads the disks. */
export type MethodReasonCode = 'method.asked' | 'method.first' | 'method.none';

/** Warnings of backups out of shadow copies. */
export type VssWarningCode = 'vss.many' | 'vss.memory' | 'vss.room' | 'vss.saved';

/** Errors of the plan of a backup. */
export type PlanErrorCode =
  | 'plan.disk'
  | 'plan.empty'
  | 'plan.excluded'
  | 'plan.incremental'
  | 'plan.members'
  | 'plan.method';
