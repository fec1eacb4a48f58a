import { execFile } from 'node:child_process';
import { uptime } from 'node:os';
import path from 'node:path';
import type { MachineIdentity } from './machine-identity.ts';

const KEY = String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`;
const VALUE = 'MachineGuid';
const PATIENCE_MS = 5000;
const LIMIT = 64 * 1024;

/**
 * Reads the identity: MachineGuid and the boot time. The GUID alone is not enough, since machines
 * that were cloned without Sysprep share it. Reading the start time of another process needs native
 * code, so it is unknown. An unused PID is therefore certain, but a used one may belong to another
 * process by now; then the lease's file is watched.
 */
export async function windowsMachine(
  query: () => Promise<string> = queryRegistry,
): Promise<MachineIdentity> {
  const guid = parseMachineGuid(await query());
  const seconds = Math.round(Date.now() / 1000 - uptime());
  return {
    boot: guid === undefined ? null : `${guid}/${seconds}`,
    // Windows has no PID namespaces; containers have another machine name.
    namespace: 'windows',
    startOf: () => null,
  };
}

/** Finds the GUID in the output of `reg.exe query`: `    MachineGuid    REG_SZ    1f0e…`. */
function parseMachineGuid(output: string): string | undefined {
  const match = /^\s*MachineGuid\s+REG_SZ\s+([0-9a-fA-F-]{36})\s*$/m.exec(output);
  return match?.[1]?.toLowerCase();
}

/**
 * Returns the output of reg.exe; '' if it fails. Uses the absolute path, so that no other program
 * of that name runs.
 */
function queryRegistry(): Promise<string> {
  const root = process.env['SystemRoot'] ?? String.raw`C:\Windows`;
  const program = path.win32.join(root, 'System32', 'reg.exe');
  // The 64-bit view: without it, a 32-bit Node would read another key.
  const args = ['query', KEY, '/v', VALUE, '/reg:64'];
  const options = { timeout: PATIENCE_MS, windowsHide: true, maxBuffer: LIMIT };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : ''));
  });
}
