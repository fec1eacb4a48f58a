/**
 * Endings of the files in which Hyper-V keeps what it tracks of a disk, beside it. They describe that disk alone: beside
 * another one with its name, Hyper-V would take changed parts for unchanged ones, or refuse (virtdisk-vhdx A11).
 */
export const TRACKING_ENDINGS = ['.rct', '.mrt'] as const;
