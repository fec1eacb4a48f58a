/**
 * Distinguishes a process of this machine from all others. Unknown values are null and never equal
 * to anything.
 */
export interface MachineIdentity {
  /**
   * The machine and its boot: processes of another boot have ended, and those of another machine
   * cannot be seen.
   */
  readonly boot: string | null;
  /**
   * The PID namespace: containers and WSL share a host name, but a PID means another process there.
   */
  readonly namespace: string | null;
  /**
   * Returns an identifier of a process's start, since PIDs are reused. Null if it cannot be read
   * here.
   */
  startOf(pid: number): string | null;
}
