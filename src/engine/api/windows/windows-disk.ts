/**
 * Windows' own answers about an image (GetVirtualDiskInformation), as documents. JSON-safe; sizes in
 * bytes, GUIDs in lower case without braces.
 */

/** An answer of Windows, or the error that it gave instead. */
export type WindowsAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: WindowsError };

export interface WindowsError {
  /** The Win32 error, unsigned: 3225026602. */
  readonly number: number;
  /** The same as text: `0xC03A002A`. */
  readonly hex: string;
  /** `ERROR_VHD_CHANGE_TRACKING_DISABLED`; null if the number is not known. */
  readonly name: string | null;
  /** Meaning and remedy, in English. */
  readonly meaning: string;
  readonly remedy: string;
}

export interface WindowsTracking {
  readonly enabled: boolean;
  /** Data was changed after `mostRecentId` was made. */
  readonly newerChanges: boolean;
  /** Opaque, verbatim; '' without one. */
  readonly mostRecentId: string;
}

export interface WindowsDiskInformation {
  readonly size: WindowsAnswer<{
    readonly virtualSize: number;
    readonly physicalSize: number;
    readonly blockSize: number;
    readonly sectorSize: number;
  }>;
  readonly identifier: WindowsAnswer<string>;
  /** `resolved`: the parent was found, and `paths` has its path; else the candidates. */
  readonly parentLocation: WindowsAnswer<{
    readonly resolved: boolean;
    readonly paths: readonly string[];
  }>;
  readonly parentIdentifier: WindowsAnswer<string>;
  /** Seconds since 2000, as the format has it. */
  readonly parentTimestamp: WindowsAnswer<number>;
  readonly storageType: WindowsAnswer<{
    readonly format: 'iso' | 'vhd' | 'vhdx' | 'vhds' | 'unknown';
    readonly deviceId: number;
    readonly vendorId: string;
  }>;
  readonly providerSubtype: WindowsAnswer<{
    readonly kind: 'fixed' | 'dynamic' | 'differencing' | 'unknown';
    readonly number: number;
  }>;
  readonly is4kAligned: WindowsAnswer<boolean>;
  /** The host's own disk below the file. */
  readonly physicalDisk: WindowsAnswer<{
    readonly logicalSectorSize: number;
    readonly physicalSectorSize: number;
    readonly isRemote: boolean;
  }>;
  readonly physicalSectorSize: WindowsAnswer<number>;
  readonly smallestSafeVirtualSize: WindowsAnswer<number>;
  /** In percent. */
  readonly fragmentation: WindowsAnswer<number>;
  readonly isLoaded: WindowsAnswer<boolean>;
  /** The same along a chain. */
  readonly virtualDiskId: WindowsAnswer<string>;
  readonly changeTracking: WindowsAnswer<WindowsTracking>;
}
