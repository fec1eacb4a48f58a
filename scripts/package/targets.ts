/** Platforms that a VSIX is made for, by their names in VS Code; koffi's platform packages are named alike. */
export const TARGETS = [
  'win32-x64',
  'win32-arm64',
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
] as const;

export type Target = (typeof TARGETS)[number];

export const isTarget = (text: string): text is Target =>
  (TARGETS as readonly string[]).includes(text);

/** Name of the file that is made for a target. */
export const vsixName = (version: string, target: Target): string =>
  `refpoint-${version}-${target}.vsix`;
