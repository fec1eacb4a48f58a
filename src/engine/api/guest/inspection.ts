/** Contents of a disk: partitions, and the file system or container in each. */

export const VOLUME_KINDS = [
  'ntfs',
  'refs',
  'fat12',
  'fat16',
  'fat32',
  'exfat',
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'swap',
  'bitlocker',
  'luks',
  'lvm',
  'raid',
  'dynamic',
] as const;
export type VolumeKind = (typeof VOLUME_KINDS)[number];

/** The facts of a superblock. Null: the file system does not record it, or it cannot be read. */
export interface VolumeInfo {
  readonly kind: VolumeKind;
  /** Display name, with the version if that is recorded: `NTFS 3.1`, `ext4`, `LUKS 2`. */
  readonly name: string;
  /** Free of control characters. */
  readonly label: string | null;
  /** UUID, or serial number as its system prints it. */
  readonly id: string | null;
  /** Size in bytes by its own record. */
  readonly size: number | null;
  /** Bytes of a cluster or block. */
  readonly blockSize: number | null;
  /** It was not unmounted cleanly, has errors, or its journal must be replayed. */
  readonly dirty: boolean | null;
  /** Its contents are encrypted. */
  readonly encrypted: boolean;
  /** Refpoint lists and copies its files. */
  readonly browsable: boolean;
}

export interface PartitionInfo {
  /** 0: the whole disk, which has a file system and no partition table. */
  readonly number: number;
  readonly start: number;
  readonly length: number;
  /** Display name: `EFI System`, `Linux filesystem`, `NTFS/exFAT (07)`. */
  readonly type: string;
  readonly name: string | null;
  /** Null if it is empty, or holds nothing that Refpoint recognises. */
  readonly volume: VolumeInfo | null;
}

export interface DiskInspection {
  /** Null: no partition table. */
  readonly table: 'gpt' | 'mbr' | null;
  /** A GPT whose MBR names other partitions, too; those of the GPT are listed. */
  readonly hybrid: boolean;
  /** Sector size that the partition table counts in. */
  readonly sectorSize: number;
  readonly size: number;
  /** By start. A disk without a table that holds a file system has one, of number 0. */
  readonly partitions: readonly PartitionInfo[];
  /** Defects of the table, and of volumes that cannot be read. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** The disk to look into. */
export type GuestDisk =
  | {
      readonly kind: 'point';
      readonly store: string;
      readonly vm: string;
      /** ID, or `latest`. */
      readonly point: string;
      /** The number that the point recorded, or a slot, file name, path or disk id. */
      readonly disk: number | string;
    }
  | { readonly kind: 'image'; readonly path: string };
