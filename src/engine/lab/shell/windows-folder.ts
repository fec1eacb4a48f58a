import fs from 'node:fs/promises';
import path from 'node:path';

/**
 * The program of the lab that has the name of Windows' diskshadow: passes its script to the lab, which
 * also writes the log, and prints the same.
 */
const DISKSHADOW = `
const fs = require('node:fs');
const path = require('node:path');
const http = require('node:http');
const words = process.argv.slice(2);
const value = (name) => {
  const at = words.findIndex((word) => word.toLowerCase() === name);
  return at < 0 ? undefined : words[at + 1];
};
const script = fs.readFileSync(value('/s') ?? 0, 'latin1');
const [port, token] = (process.env.REFPOINT_LAB_CONTROL ?? '').split(':');
const log = value('/l');
const params = { script, cwd: process.cwd(), ...(log && { log: path.resolve(log) }) };
const body = JSON.stringify({ name: 'diskshadow', params });
const headers = { Authorization: 'Bearer ' + token, 'Content-Length': Buffer.byteLength(body) };
const request = http.request({ host: '127.0.0.1', port, method: 'POST', headers }, (answer) => {
  const parts = [];
  answer.on('data', (part) => parts.push(part));
  answer.on('end', () => {
    const { result = { output: 'The service has not answered.', code: 1 } } = JSON.parse(
      Buffer.concat(parts).toString('utf8'),
    );
    process.stdout.write(result.output);
    process.exitCode = result.code;
  });
});
request.end(body);
`;

/**
 * Makes the part of a Windows that commands of a remote shell look for, below a lab's folder, unless
 * this computer is a Windows: System32 with the lab's programs, and ProgramData. Returns the
 * variables with which they are found.
 */
export async function makeWindowsFolder(dir: string): Promise<Readonly<Record<string, string>>> {
  if (process.platform === 'win32') return {};
  const windows = path.join(dir, 'windows');
  const system = path.join(windows, 'System32');
  const data = path.join(windows, 'ProgramData');
  await fs.mkdir(system, { recursive: true });
  await fs.mkdir(data, { recursive: true });
  const program = path.join(system, 'diskshadow.exe');
  await fs.writeFile(program, `#!${process.execPath}\n${DISKSHADOW}`, { mode: 0o755 });
  return { SystemRoot: windows, ProgramData: data };
}

/** Returns where the folders of the host are that remote shells use. */
export function windowsMap(dir: string): Readonly<Record<string, string>> {
  if (process.platform === 'win32') return {};
  return { 'C:\\ProgramData': path.join(dir, 'windows', 'ProgramData') };
}
