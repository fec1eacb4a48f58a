/** HRESULTs of VSS (vsserror.h) that the lab returns. */
export const VSS = {
  badState: 0x80042301,
  notFound: 0x80042308,
  notSupported: 0x8004230c,
  invalidDocument: 0x80042311,
  inProgress: 0x80042316,
  storage: 0x8004231f,
  writerFailed: 0x800423f4,
} as const;

/** Steps of a requestor, as the fault `vss.step` names them. */
export const VSS_STEPS = [
  'open',
  'identify',
  'begin',
  'addVolume',
  'prepare',
  'create',
  'expose',
  'report',
  'complete',
  'delete',
  'preRestore',
  'postRestore',
] as const;
export type VssStepName = (typeof VSS_STEPS)[number];

/** Events of a writer, as the fault `vss.writer` names them. */
export const VSS_EVENTS = [
  'identify',
  'prepareBackup',
  'prepareSnapshot',
  'freeze',
  'thaw',
  'postSnapshot',
  'backupComplete',
  'preRestore',
  'postRestore',
] as const;
export type VssEvent = (typeof VSS_EVENTS)[number];

/** A call of VSS that failed. */
export class VssCallError extends Error {
  readonly hresult: number;
  readonly step: VssStepName;

  constructor(step: VssStepName, hresult: number) {
    super(`${step}: 0x${hresult.toString(16).toUpperCase()}`);
    this.step = step;
    this.hresult = hresult;
  }
}

/** Reads the value `NAME:HRESULT` of a fault; undefined if it is about another name. */
export function hresultFor(value: string | null, name: string): number | undefined {
  const [of = '', code] = (value ?? '').split(':');
  if (of !== name && of !== '' && of !== 'any') return undefined;
  const hresult = Number(code ?? VSS.writerFailed);
  return Number.isInteger(hresult) ? hresult : VSS.writerFailed;
}
