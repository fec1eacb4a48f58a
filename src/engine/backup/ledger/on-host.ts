/**
 * The host of an object: the address that was used, and the name that the host reports for itself.
 */
export interface OnHost {
  readonly host: string;
  /**
   * From the host's own row of Msvm_ComputerSystem; null in records of version 1, and if the host
   * has no such row.
   */
  readonly computerName: string | null;
}
