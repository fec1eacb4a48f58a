/** The settings of SetVirtualDiskInformation, by version (1 to 7). GUIDs are in the usual text form. */
export type DiskSetting =
  | { readonly kind: 'parentPath'; readonly path: string }
  | { readonly kind: 'identifier'; readonly id: string }
  /** @param childDepth 1 is the opened disk; needs a handle that was opened without parents */
  | { readonly kind: 'parentPathWithDepth'; readonly childDepth: number; readonly path: string }
  | { readonly kind: 'physicalSectorSize'; readonly bytes: 512 | 4096 }
  | { readonly kind: 'virtualDiskId'; readonly id: string }
  | { readonly kind: 'changeTracking'; readonly on: boolean }
  | { readonly kind: 'parentLocator'; readonly linkageId: string; readonly path: string };
