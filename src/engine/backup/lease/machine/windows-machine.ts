import { execFile } from 'node:child_process';
import { uptime } from 'node:os';
import path from 'node:path';
import type { MachineIdentity } from './machine-identity.ts';

const KEY = String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`;
const VALUE = 'MachineGuid';
const PATIENCE_MS = 5000;
const LIMIT = 64 * 1024;

/**
 * Identity from MachineGuid and the boot time. The guid alone is not enough: machines that were cloned without Sysprep share
 * it. The start time of another process takes native code, so it is unknown: a PID that is not in use is certain, one that is
 * in use may be another process by now and is judged by watching the lease's file.
 */
export async function windowsMachine(): Promise<MachineIdentity> {
  const guid = parseMachineGuid(await queryRegistry());
  const seconds = Math.round(Date.now() / 1000 - uptime());
  return {
    boot: guid === undefined ? null : `${guid}/${seconds}`,
    // Windows has none; containers have another machine name.
    namespace: 'windows',
    startOf: () => null,
  };
}

/** The guid in the output of `reg.exe query`: `    MachineGuid    REG_SZ    1f0e…`. */
export function parseMachineGuid(output: string): string | undefined {
  const match = /^\s*MachineGuid\s+REG_SZ\s+([0-9a-fA-F-]{36})\s*$/m.exec(output);
  return match?.[1]?.toLowerCase();
}

/** What reg.exe prints; '' if it fails. By absolute path, so that no other program of that name runs. */
function queryRegistry(): Promise<string> {
  const root = process.env['SystemRoot'] ?? String.raw`C:\Windows`;
  const program = path.win32.join(root, 'System32', 'reg.exe');
  // The 64-bit view also for a 32-bit Node, which would see another key.
  const args = ['query', KEY, '/v', VALUE, '/reg:64'];
  const options = { timeout: PATIENCE_MS, windowsHide: true, maxBuffer: LIMIT };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error === null ? stdout : ''));
  });
}
