import type { Guid } from '../../../base/guid.ts';

/** Paths in a store: relative, with `/`, the same for folders and object stores. */
export const STORE_MARKER = 'refpoint-store.json';
export const MANIFEST_FILE = 'point.chain.json';
export const VERIFIED_FILE = 'verified.json';
export const CONFIG_FOLDER = 'config';

export const vmFolder = (vmId: Guid): string => vmId;
export const vmRecordPath = (vmId: Guid): string => `${vmId}/vm.json`;
export const ledgerPath = (vmId: Guid): string => `${vmId}/ledger.json`;
/** Copy of what the ledger knows of restores over the VM. */
export const restoresPath = (vmId: Guid): string => `${vmId}/restores.json`;
export const jobFolder = (vmId: Guid, jobId: string): string => `${vmId}/jobs/${jobId}`;
/** Evidence of runs that were not committed since two readers differed. */
export const evidencePath = (vmId: Guid, pointId: string, name: string): string =>
  `${vmId}/evidence/${pointId}-${name}`;
export const pointFolder = (vmId: Guid, pointId: string): string => `${vmId}/${pointId}`;
export const manifestPath = (vmId: Guid, pointId: string): string =>
  `${vmId}/${pointId}/${MANIFEST_FILE}`;
export const verifiedPath = (vmId: Guid, pointId: string): string =>
  `${vmId}/${pointId}/${VERIFIED_FILE}`;
/**
 * Returns the path of a point's file by its name in the manifest (`0-system.vhdx`,
 * `config/settings.json`).
 */
export const pointFile = (vmId: Guid, pointId: string, file: string): string =>
  `${vmId}/${pointId}/${file}`;

/**
 * Returns the path of a token's lease file. Tokens have ten digits, so that names sort like tokens.
 */
export const leasePath = (vmId: Guid, token: number): string => `${vmId}/${leaseName(token)}`;
const leaseName = (token: number): string => `lease-${token.toString().padStart(10, '0')}.json`;
/** Returns the token of a name in a VM's folder, or undefined if it is not a lease file. */
export function leaseToken(name: string): number | undefined {
  const match = /^lease-(\d{10})\.json$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
