import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { absent } from '../process/peers.ts';
import { root } from '../repo/source-files.ts';

/** Layout of one structure, in bytes. */
export interface Layout {
  readonly size: number;
  readonly align: number;
  /** Offset and size by member, such as `Version2.ReadOnly`. */
  readonly fields: Readonly<Record<string, readonly [number, number]>>;
}

/** Layouts of Windows' types as a C compiler makes them. Names are those of Windows. */
export interface Abi {
  readonly structs: Readonly<Record<string, Layout>>;
  readonly constants: Readonly<Record<string, number>>;
}

/**
 * Runs the program of native/abi: on Linux as gcc compiles it, on Windows the one that
 * scripts/test-windows.mjs built with MinGW.
 */
export async function readAbi(t: TestContext): Promise<Abi | undefined> {
  const program = await abiProgram();
  if (program === undefined) {
    absent(t, 'needs the program that prints the layouts of native/abi');
    return undefined;
  }
  const { stdout } = await promisify(execFile)(program);
  return JSON.parse(stdout) as Abi;
}

async function abiProgram(): Promise<string | undefined> {
  if (process.platform === 'win32') {
    const built = join(root, 'build', 'native', 'win32-x64', 'print-abi.exe');
    return existsSync(built) ? built : undefined;
  }
  // Not for Windows Node: it looks for the folder of the sources.
  const { buildAbi, compilerOf } = await import('../../../scripts/lib/native-build.mjs');
  const compiler = compilerOf('linux-x64');
  return compiler === undefined ? undefined : buildAbi('linux-x64', compiler);
}
