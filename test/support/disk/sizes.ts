/** Sizes of large disks, in bytes. */
export const GIB = 2 ** 30;
export const TIB = 2 ** 40;
