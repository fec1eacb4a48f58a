/** Name and words of one error number of Windows, in English. */
export interface ErrorWords {
  /** Windows' own name. */
  readonly name: string;
  readonly meaning: string;
  /** Instruction: what to do about it. */
  readonly remedy: string;
}

export const words = (name: string, meaning: string, remedy: string): ErrorWords => ({
  name,
  meaning,
  remedy,
});

/** Remedies that several errors share. */
export const RESTORE = 'Check the image, then restore it from a backup';
export const FULL_BACKUP = 'Make a full backup of the disk';
export const CLOSE_USERS =
  'Stop the virtual machine that uses the disk, or close the program that has it open, then try again';
