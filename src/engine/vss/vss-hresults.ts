/** Meaning of an HRESULT of VSS. */
export interface VssHresult {
  readonly name: string;
  readonly meaning: string;
  /** The same work may succeed later, without any change. */
  readonly retryable: boolean;
}

const entry = (name: string, meaning: string, retryable = false): VssHresult => {
  return { name, meaning, retryable };
};

/** HRESULTs of VSS (vsserror.h) that requestors and writers return. */
const HRESULTS: ReadonlyMap<number, VssHresult> = new Map([
  [0x80042301, entry('VSS_E_BAD_STATE', 'A call came in the wrong order')],
  [
    0x80042302,
    entry('VSS_E_UNEXPECTED', 'VSS failed unexpectedly; the event log of the host says more'),
  ],
  [
    0x80042306,
    entry(
      'VSS_E_PROVIDER_VETO',
      'The provider refused: its storage has a problem, or the area for differences is too small',
    ),
  ],
  [0x80042308, entry('VSS_E_OBJECT_NOT_FOUND', 'The volume or the component is unknown')],
  [
    0x8004230c,
    entry('VSS_E_VOLUME_NOT_SUPPORTED', 'The volume cannot be copied, as one with FAT32'),
  ],
  [
    0x80042316,
    entry('VSS_E_SNAPSHOT_SET_IN_PROGRESS', 'Another set is being made on this host', true),
  ],
  [
    0x80042317,
    entry(
      'VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED',
      'The volume has as many shadow copies as it may have',
    ),
  ],
  [0x8004231f, entry('VSS_E_INSUFFICIENT_STORAGE', 'The area for differences is too small')],
  [
    0x800423f0,
    entry('VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT', 'The set lacks a volume that the writer needs'),
  ],
  [0x800423f1, entry('VSS_E_WRITERERROR_OUTOFRESOURCES', 'The writer ran out of memory or space')],
  [0x800423f2, entry('VSS_E_WRITERERROR_TIMEOUT', 'The writer took too long', true)],
  [0x800423f3, entry('VSS_E_WRITERERROR_RETRYABLE', 'The writer failed for now', true)],
  [
    0x800423f4,
    entry(
      'VSS_E_WRITERERROR_NONRETRYABLE',
      'The writer failed; the event logs of Hyper-V on the host and of the guest say more',
    ),
  ],
  [0x80070005, entry('E_ACCESSDENIED', 'The process has too few rights: it is not elevated')],
]);

/** Returns the meaning of an HRESULT; undefined if it is not one of VSS that is known. */
export const vssHresult = (hresult: number): VssHresult | undefined => HRESULTS.get(hresult);
