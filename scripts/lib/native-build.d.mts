/** Types of native-build.mjs, for tests. */
export const NATIVE_TARGETS: Readonly<
  Record<'linux-x64' | 'win32-x64', { readonly file: string; readonly packages: string }>
>;
export function compilerOf(target: string): string | undefined;
export function buildLibrary(target: 'linux-x64' | 'win32-x64', compiler: string): string;
export function buildAbi(target: 'linux-x64' | 'win32-x64', compiler: string): string;
export function buildDouble(compiler: string, name: 'virtdisk' | 'virtdisk-old'): string;
export function buildProgram(
  compiler: string,
  folder: 'test' | 'fuzz',
  name: string,
  extra?: readonly string[],
): string;
export const VSS_FILE: string;
export function cxxCompiler(): string | undefined;
export function buildVss(compiler: string): string;
export function buildVssDouble(compiler: string, cxx: string): string;
