import type { FindingCode } from './codes.ts';

/** What is asked of a host, and what it answers. Byte counts are safe integers; GUIDs are lower case without braces; times ISO 8601 UTC. */

/** How a host is reached. Travels with each request: the engine keeps no secret. */
export interface HostTarget {
  /** `https://hv01:5986`. */
  readonly url: string;
  readonly authentication: 'auto' | 'basic' | 'ntlm' | 'kerberos' | 'certificate';
  readonly user: string;
  readonly password: string;
  /** SHA-256 of the certificate that is trusted, in lower-case hexadecimal; null: the machine's authorities decide. */
  readonly fingerprint: string | null;
  /** PEM text of an authority to trust beside the machine's. */
  readonly ca: string | null;
  readonly timeoutSeconds: number;
}

/** The certificate that an address shows, before anything is sent to it. */
export interface CertificateInfo {
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** The machine's authorities vouch for it, and it is of this name. */
  readonly trusted: boolean;
  /** Why not, where it is not. */
  readonly problem: string | null;
}

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** Slot of the disk that it is about. */
  readonly slot?: string;
}

/** The document of `host test`. */
export interface HostTest {
  readonly host: string;
  readonly reachable: true;
  readonly identity: string;
  readonly product: string;
  readonly osVersion: string | null;
  readonly lab: boolean;
  readonly authenticated: boolean;
  readonly services: {
    readonly snapshot: boolean;
    readonly referencePoint: boolean;
    readonly imageManagement: boolean;
    readonly management: boolean;
  };
  readonly findings: readonly Finding[];
}

export type VmState = 'running' | 'off' | 'saved' | 'paused' | 'other';

/** One row of `vm list`: what the host tells of all VMs at once. Counts are null where that would need a request per VM. */
export interface VmRow {
  readonly id: string;
  readonly name: string;
  readonly state: VmState;
  /** What runs on it now, such as merging; null when idle. */
  readonly operation: string | null;
  readonly generation: number | null;
  readonly version: string;
  readonly disks: number;
  readonly checkpoints: number;
  readonly referencePoints: number;
}

export interface VmDisk {
  readonly number: number;
  /** The host's spelling. */
  readonly path: string;
  readonly format: string;
  readonly virtualSize: number | null;
  readonly diskId: string | null;
  /** Controller slot: `scsi0:1`. */
  readonly controller: string;
  readonly shared: boolean;
  readonly rct: { readonly enabled: boolean; readonly id: string | null };
}

export interface VmCheckpoint {
  readonly id: string;
  readonly name: string;
  readonly type: 'user' | 'backup';
  readonly created: string | null;
  /** `foreign`: an administrator's or another product's. */
  readonly owner: 'ours' | 'foreign' | 'unknown';
}

export interface VmReferencePoint {
  readonly id: string;
  readonly type: string;
  readonly consistency: string;
  /** By the ledgers; `unknown` if it is in none of them and a store could not be read. */
  readonly owner: 'ours' | 'foreign' | 'unknown';
  readonly created: string | null;
  /** The backup point it belongs to, by the ledger; null for others. */
  readonly pointId: string | null;
  readonly disks: readonly { readonly diskId: string | null; readonly rctId: string }[];
}

/** A store whose ledger cannot tell now which reference points are ours. */
export interface UnreadStore {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** The document of `vm show`. */
export interface VmShow {
  readonly id: string;
  readonly name: string;
  readonly state: VmState;
  readonly operation: string | null;
  readonly generation: number | null;
  readonly version: string;
  readonly disks: readonly VmDisk[];
  readonly checkpoints: readonly VmCheckpoint[];
  readonly referencePoints: readonly VmReferencePoint[];
  /** Absent if every store was read. */
  readonly unreadStores?: readonly UnreadStore[];
  readonly findings: readonly Finding[];
}

/** Where a folder of the host lies here. */
export interface PathMapping {
  readonly host: string;
  readonly local: string;
}
