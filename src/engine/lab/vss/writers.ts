import { HYPERV_WRITER, type WriterStatus } from '../../vss/model.ts';
import { parseGuid } from '../../base/guid.ts';

/** The writers of the lab's host: that of Hyper-V, and one of the system beside it. */
export const WRITERS = [
  {
    name: 'System Writer',
    id: parseGuid('e8132975-6f93-4464-a53e-1050253ae220'),
    instance: parseGuid('2f9a1c3e-7c5b-4a57-9a1e-0d5b1f1c7a01'),
  },
  {
    name: 'Microsoft Hyper-V VSS Writer',
    id: HYPERV_WRITER,
    instance: parseGuid('5d8e1a70-3c49-4f0e-8a8b-6d0c3f0e9b02'),
  },
] as const;

export const STABLE = 1;
export const WAITING_FOR_COMPLETE = 5;

/** Names of the states of a writer (VSS_WRITER_STATE). */
const STATE_NAMES: readonly string[] = [
  'VSS_WS_UNKNOWN',
  'VSS_WS_STABLE',
  'VSS_WS_WAITING_FOR_FREEZE',
  'VSS_WS_WAITING_FOR_THAW',
  'VSS_WS_WAITING_FOR_POST_SNAPSHOT',
  'VSS_WS_WAITING_FOR_BACKUP_COMPLETE',
  'VSS_WS_FAILED_AT_IDENTIFY',
  'VSS_WS_FAILED_AT_PREPARE_BACKUP',
  'VSS_WS_FAILED_AT_PREPARE_SNAPSHOT',
  'VSS_WS_FAILED_AT_FREEZE',
  'VSS_WS_FAILED_AT_THAW',
  'VSS_WS_FAILED_AT_POST_SNAPSHOT',
  'VSS_WS_FAILED_AT_BACKUP_COMPLETE',
  'VSS_WS_FAILED_AT_PRE_RESTORE',
  'VSS_WS_FAILED_AT_POST_RESTORE',
];

/** State in which a writer stands that failed at an event. */
export const FAILED_AT = {
  identify: 6,
  prepareBackup: 7,
  prepareSnapshot: 8,
  freeze: 9,
  thaw: 10,
  postSnapshot: 11,
  backupComplete: 12,
  preRestore: 13,
  postRestore: 14,
} as const;

/** Returns the state of every writer; that of Hyper-V is given. */
export function writerStatuses(state: number, failure: number): readonly WriterStatus[] {
  return WRITERS.map(({ name, id, instance }) => {
    const own = id === HYPERV_WRITER;
    const at = own ? state : STABLE;
    return {
      name,
      writer: id,
      instance,
      state: at,
      stateName: STATE_NAMES[at] ?? null,
      failure: own ? failure : 0,
    };
  });
}
