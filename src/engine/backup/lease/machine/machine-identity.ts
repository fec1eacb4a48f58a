/** How a process of this machine can be told from all others. What is unknown is null, and never equal to anything. */
export interface MachineIdentity {
  /** The machine and its present start: processes of another boot are gone, and those of another machine cannot be seen. */
  readonly boot: string | null;
  /** The PID namespace: containers and WSL share a host name, and the same PID means another process there. */
  readonly namespace: string | null;
  /** Identity of a process' start: a PID is used again. Null if it cannot be read here. */
  startOf(pid: number): string | null;
}
