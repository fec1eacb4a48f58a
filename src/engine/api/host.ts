import type { FindingCode } from './codes.ts';
import type { FeatureRight } from './windows/rights.ts';

/**
 * Requests to a host and its answers. Byte counts are safe integers; GUIDs are lower case without
 * braces; times are ISO 8601 UTC.
 */

/**
 * Values of the option for the authentication scheme; the engine refuses those that it does not
 * support. `sspi`: the system's own login on Windows, as the user who is logged on or with a
 * password. `certificate`: `clientCertificate`.
 */
export const AUTHENTICATION_CHOICES = [
  'auto',
  'basic',
  'ntlm',
  'kerberos',
  'certificate',
  'sspi',
] as const;

/**
 * Ways to Hyper-V's management service. `auto`: PowerShell for the host `local`, which needs no
 * WinRM, and WS-Management for every other.
 */
export const TRANSPORT_CHOICES = ['auto', 'wsman', 'powershell'] as const;

/** Protocols of a CIM session that PowerShell opens with another computer. */
export const CIM_PROTOCOLS = ['wsman', 'dcom'] as const;

/** The name of the computer that the engine runs on, as a host. */
export const LOCAL_HOST = 'local';

/** A client certificate and its key as PEM files of this machine: the engine reads them, so that no message holds a key. */
export interface ClientCertificate {
  readonly certificateFile: string;
  /** Its passphrase, if it has one, is the target's `password`. */
  readonly keyFile: string;
}

/** `wanted`: encrypts if the server can; `off`: messages are signed only. */
export const SMB_ENCRYPTIONS = ['wanted', 'required', 'off'] as const;

/** Access to the files of a host over SMB, with the account of the host. */
export interface SmbSettings {
  readonly port: number;
  readonly encryption: (typeof SMB_ENCRYPTIONS)[number];
  /**
   * File servers that may be contacted besides the host itself and those of the path map: each
   * receives a proof of the account's password.
   */
  readonly servers: readonly string[];
}

export const DEFAULT_SMB: SmbSettings = { port: 445, encryption: 'wanted', servers: [] };

/** Address and credentials of a host. Sent with each request: the engine keeps no secret. */
export interface HostTarget {
  /** `https://hv01:5986`. */
  readonly url: string;
  /** Undefined: `auto`. */
  readonly transport?: (typeof TRANSPORT_CHOICES)[number];
  /** With the transport `powershell`; undefined: `wsman`. */
  readonly cimProtocol?: (typeof CIM_PROTOCOLS)[number];
  readonly authentication: (typeof AUTHENTICATION_CHOICES)[number];
  /** Empty: no user is named; Kerberos takes the ticket cache, `sspi` the user who is logged on. */
  readonly user: string;
  /** Empty with `kerberos`: the ticket cache, whatever the user. */
  readonly password: string;
  /** `auto` may log in with NTLM if Kerberos fails. NTLM sends a proof of the password even to a host that is not verified. */
  readonly ntlmFallback: boolean;
  readonly clientCertificate: ClientCertificate | null;
  /**
   * SHA-256 of the pinned certificate, in lower-case hexadecimal; null: the machine's certificate
   * authorities decide.
   */
  readonly fingerprint: string | null;
  /** PEM text of an additional trusted certificate authority. */
  readonly ca: string | null;
  readonly timeoutSeconds: number;
  /** `DEFAULT_SMB` if absent. */
  readonly smb?: SmbSettings;
}

/** The certificate that an address presents, read before anything is sent to it. */
export interface CertificateInfo {
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
  /** The machine's authorities trust the certificate, and it matches the address's name. */
  readonly trusted: boolean;
  /** Reason if it is not trusted; null if it is. */
  readonly problem: string | null;
}

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** Slot of the disk that the finding is about. */
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
  /** Mechanism of the login; null if the transport does not tell. */
  readonly mechanism: LoginMechanism | null;
  /** Requests and answers are encrypted inside HTTP. False with TLS, which encrypts them itself. */
  readonly sealed: boolean;
  /** Reason why Kerberos was not possible, so that NTLM was used; null if Kerberos or another login was. */
  readonly fallback: string | null;
  /**
   * Whether the engine runs elevated (as administrator), which attaching disks needs; null if the host
   * is another computer, or not Windows.
   */
  readonly elevated: boolean | null;
  readonly services: {
    readonly snapshot: boolean;
    readonly referencePoint: boolean;
    readonly imageManagement: boolean;
    readonly management: boolean;
  };
  /** One row per feature that the host can have. */
  readonly rights: readonly FeatureRight[];
  readonly findings: readonly Finding[];
}

/** Protection of the messages of a file server. */
export interface FileProtection {
  readonly server: string;
  /** `3.1.1` */
  readonly dialect: string;
  readonly signing: string;
  /** Cipher in common; null if the server cannot encrypt. */
  readonly cipher: string | null;
  /** Messages are encrypted. */
  readonly sealed: boolean;
}

/** The document of `smb test`: how a file server is reached, and how its messages are protected. */
export interface SmbTest extends FileProtection {
  readonly mechanism: 'kerberos' | 'ntlm';
  /** As it was given; empty: the user of the ticket, or of the Windows session. */
  readonly account: string;
  /** null: no share was named. */
  readonly share: string | null;
  readonly shareFlags: readonly string[];
  /** Maximum bytes of one read. */
  readonly maxRead: number;
  readonly credits: number;
  /** The share has shared virtual disks (RSVD); null: not known. */
  readonly rsvd: boolean | null;
  readonly findings: readonly Finding[];
}

/** Mechanism that a login ended with. */
export type LoginMechanism = 'basic' | 'certificate' | 'kerberos' | 'ntlm';

export type VmState = 'running' | 'off' | 'saved' | 'paused' | 'other';

/** A VM as it is found, before its counts are known. */
export interface FoundVm {
  readonly id: string;
  readonly name: string;
  readonly state: VmState;
  /** Operation in progress, such as merging; null if idle. */
  readonly operation: string | null;
}

/** One row of `vm list`, from queries that cover all VMs at once. */
export interface VmRow extends FoundVm {
  readonly generation: number | null;
  readonly version: string;
  readonly disks: number;
  readonly checkpoints: number;
  readonly referencePoints: number;
  /** Cluster node that owns the VM, in the cluster's spelling; null if it is not clustered. */
  readonly node: string | null;
}

export interface VmDisk {
  readonly number: number;
  /** Path in the host's spelling. */
  readonly path: string;
  readonly format: string;
  readonly virtualSize: number | null;
  readonly diskId: string | null;
  /** Controller slot: `scsi0:1`. */
  readonly controller: string;
  readonly shared: boolean;
  readonly rct: { readonly enabled: boolean; readonly id: string | null };
}

/** A checkpoint of a VM. */
export interface Checkpoint {
  /** InstanceID of its settings, verbatim. */
  readonly id: string;
  readonly name: string;
  readonly type: 'user' | 'backup';
  readonly created: string | null;
}

export interface VmCheckpoint extends Checkpoint {
  /** `foreign`: created by an administrator or another product. */
  readonly owner: 'ours' | 'foreign' | 'unknown';
}

export interface VmReferencePoint {
  readonly id: string;
  readonly type: string;
  readonly consistency: string;
  /** Derived from the ledgers; `unknown` if no ledger names it and a store could not be read. */
  readonly owner: 'ours' | 'foreign' | 'unknown';
  readonly created: string | null;
  /** Backup point that it belongs to, from the ledger; null for reference points of others. */
  readonly pointId: string | null;
  readonly disks: readonly { readonly diskId: string | null; readonly rctId: string }[];
}

/** A store whose ledger cannot be read, so that some reference points have no known owner. */
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
  /** Absent if every store could be read. */
  readonly unreadStores?: readonly UnreadStore[];
  readonly findings: readonly Finding[];
}

/** A VM or a group, by its ID and name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

/** One row of `group list`: a collection of VMs. */
export interface GroupRow extends Named {
  readonly members: readonly Named[];
}

/** A disk of a group; a shared one is in it once. */
export interface GroupDisk {
  readonly number: number;
  readonly path: string;
  readonly format: string;
  readonly virtualSize: number | null;
  readonly diskId: string | null;
  readonly slot: string;
  readonly shared: boolean;
  /** Members that have the disk. */
  readonly holders: readonly Named[];
  /** Members that own a shared disk in the cluster of the guests. */
  readonly owners: readonly Named[];
  /** Snapshots of a VHD Set; null if they are not known. */
  readonly snapshots: readonly string[] | null;
  /** Files of a VHD Set on the host; null if they are not known. */
  readonly files: readonly string[] | null;
}

/** The document of `group show`. */
export interface GroupShow extends Named {
  readonly members: readonly (Named & { readonly state: VmState })[];
  readonly disks: readonly GroupDisk[];
  readonly checkpoints: readonly Checkpoint[];
  readonly referencePoints: readonly {
    readonly id: string;
    readonly type: string;
    readonly consistency: string;
  }[];
  readonly findings: readonly Finding[];
}

/** Maps a folder of the host to its path on this machine, or to a folder of a file server. */
export interface PathMapping {
  readonly host: string;
  /** `/mnt/vms`, or `\\hv01\vms`, which approves the server. */
  readonly local: string;
}
