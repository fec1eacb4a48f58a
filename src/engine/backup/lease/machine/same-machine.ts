/** Fields of a lease file that identify the owner's machine. */
export interface MachineFields {
  readonly machine: string;
  readonly boot?: string | null;
  readonly namespace?: string | null;
}

/**
 * Tolerance for boot times that are computed from the uptime and rounded. A changed clock moves
 * them further, so that the owner counts as remote.
 */
const BOOT_TOLERANCE_S = 5;

/** Whether two owners certainly see the same processes under the same PIDs. */
export function sameMachine(a: MachineFields, b: MachineFields): boolean {
  return (
    a.machine === b.machine &&
    sameBoot(a.boot ?? null, b.boot ?? null) &&
    (a.namespace ?? null) !== null &&
    a.namespace === b.namespace
  );
}

function sameBoot(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return false;
  if (a === b) return true;
  const [first, second] = [bootTime(a), bootTime(b)];
  if (first === undefined || second === undefined || first.machine !== second.machine) return false;
  return Math.abs(first.seconds - second.seconds) <= BOOT_TOLERANCE_S;
}

/**
 * Parses the format of windows-machine.ts: the machine's ID, a slash, the boot time in seconds
 * since 1970.
 */
function bootTime(
  boot: string,
): { readonly machine: string; readonly seconds: number } | undefined {
  const match = /^(.+)\/(\d{1,12})$/.exec(boot);
  return match?.[1] === undefined ? undefined : { machine: match[1], seconds: Number(match[2]) };
}
