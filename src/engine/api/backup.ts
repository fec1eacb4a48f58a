import type { PathMapping } from './host.ts';

/** What a backup is asked to be; the same values as the command's options. */
export interface BackupOptions {
  readonly kind: 'auto' | 'full' | 'incremental';
  readonly method: 'auto' | 'export' | 'file' | 'smb' | 'virtdisk' | 'rsvd' | 'vss';
  readonly consistency: 'application' | 'crash' | 'default';
  readonly guestBackup: 'copy' | 'full';
  readonly checkTracker: 'off' | 'sample' | 'full';
  readonly maxChain: number;
  readonly pathMap: readonly PathMapping[];
  readonly exportDirectory: string | null;
  readonly excludeDisks: readonly string[];
}

export interface ReasonInfo {
  readonly code: string;
  readonly text: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
}

/** The document of `backup --plan`. */
export interface BackupPlan {
  readonly vm: { readonly id: string; readonly name: string };
  readonly kind: 'full' | 'incr';
  readonly reason: ReasonInfo;
  readonly method: string;
  readonly parent: string | null;
  readonly disks: readonly {
    readonly slot: string;
    readonly path: string;
    readonly virtualSize: number | null;
    readonly kind: 'full' | 'incr';
    readonly reason: ReasonInfo;
  }[];
  readonly excluded: readonly {
    readonly slot: string;
    readonly path: string;
    readonly why: string;
  }[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface CleanedItem {
  readonly kind: string;
  readonly id: string;
  readonly text: string;
}
