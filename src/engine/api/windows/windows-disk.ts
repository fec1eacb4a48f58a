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

/** A fact about an image on which Windows and Refpoint's own reader disagree. */
export interface WindowsDifference {
  /** Name of the field in the document of `disk info`. */
  readonly field: string;
  readonly refpoint: string | number;
  readonly windows: string | number;
}

/** An RCT id from which the changes of an image can be asked for. */
export interface KnownTrackingId {
  readonly rctId: string;
  /** `windows`: the newest ID that Windows names. `point`: that of a point in a store. */
  readonly from: 'windows' | 'point';
  readonly store: string | null;
  readonly vm: string | null;
  readonly point: string | null;
}

/** RCT ids of an image, the newest first. */
export interface KnownTrackingIds {
  readonly ids: readonly KnownTrackingId[];
  /** Why Windows names none; null if it answered. */
  readonly problem: string | null;
}

/** Windows' answers about an image, beside those of Refpoint's own reader. */
export interface WindowsDisk {
  readonly information: WindowsDiskInformation;
  readonly differences: readonly WindowsDifference[];
}
