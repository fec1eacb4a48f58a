import type { Target } from './targets.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** Bytes at most, and what they are of. */
interface Budget {
  readonly name: string;
  readonly limit: number;
  readonly of: (files: Files) => number;
}

type Files = ReadonlyMap<string, ZipEntry>;

const KB = 1000;
const size = (files: Files, path: string): number => files.get(path)?.contents.length ?? NaN;
const DIST = 'extension/dist';

/** Beside these nothing may be in it. `*` is any name of one level. */
const ALLOWED = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/docs/disk-findings.md',
  'extension/docs/prepare-a-host.md',
  'extension/l10n/*.json',
  'extension/media/icon.png',
  'extension/media/refpoint.svg',
  'extension/media/refpoint-dark.svg',
  'extension/media/walkthrough/*.png',
  `${DIST}/extension.cjs`,
  `${DIST}/client.cjs`,
  `${DIST}/engine.cjs`,
  `${DIST}/cli.cjs`,
  `${DIST}/cli/*.mjs`,
  `${DIST}/package.json`,
  `${DIST}/point.schema.json`,
  `${DIST}/NOTICES.txt`,
  `${DIST}/views/*.js`,
  `${DIST}/views/*.css`,
  `${DIST}/node_modules/koffi/package.json`,
  `${DIST}/node_modules/koffi/index.cjs`,
  `${DIST}/node_modules/koffi/LICENSE.txt`,
  `${DIST}/node_modules/koffi/src/koffi/index.cjs`,
  `${DIST}/node_modules/koffi/src/koffi/src/static.cjs`,
  `${DIST}/node_modules/@koromix/koffi-TARGET/package.json`,
  `${DIST}/node_modules/@koromix/koffi-TARGET/index.js`,
  `${DIST}/node_modules/@koromix/koffi-TARGET/*/koffi.node`,
];

/** Native libraries of targets that have some. They may be missing where no compiler was: everything else works without them. */
const NATIVE: Readonly<Partial<Record<Target, readonly string[]>>> = {
  'linux-x64': [`${DIST}/native/refpoint.so`],
  'win32-x64': [`${DIST}/native/refpoint.dll`, `${DIST}/native/refpoint-vss.dll`],
};

const BUDGETS: readonly Budget[] = [
  // Grew with the comparison, repair and rescue of disk images, and with the plan of a restore as a VM. What counts is the time of activation, which the stories measure.
  { name: 'entry bundle', limit: 284 * KB, of: (files) => size(files, `${DIST}/extension.cjs`) },
  {
    name: 'entry and language client',
    limit: 724 * KB,
    of: (files) => size(files, `${DIST}/extension.cjs`) + size(files, `${DIST}/client.cjs`),
  },
  // Grew with the formats of disk images and the rules and advice of their checker.
  { name: 'engine', limit: 1470 * KB, of: (files) => size(files, `${DIST}/engine.cjs`) },
];
const VIEW_LIMIT = 200 * KB;
/** The modules of the command take 10 kB more than one file, and start it in half of the time. */
const VSIX_LIMIT = 2440 * KB;

export interface VsixCheck {
  readonly problems: readonly string[];
  /** One line for each size, with its limit. */
  readonly figures: readonly string[];
  readonly files: Files;
}

/** Opens a VSIX and compares it with the list of what ships and with the budget. */
export function checkVsix(archive: Buffer, target: Target): VsixCheck {
  const files = readZip(archive);
  const problems = [...fileProblems(files, target), ...manifestProblems(files, target)];
  const figures: string[] = [];
  const measure = (name: string, bytes: number, limit: number): void => {
    figures.push(`${name}: ${(bytes / KB).toFixed(1)} kB of ${limit / KB} kB`);
    if (!(bytes > 0 && bytes < limit)) problems.push(`${name}: ${bytes} bytes, ${limit} allowed`);
  };
  for (const { name, limit, of } of BUDGETS) measure(name, of(files), limit);
  const views = [...files.keys()].filter((path) => /\/dist\/views\/[^/]+\.js$/.test(path));
  if (views.length === 0) problems.push('there are no views');
  for (const path of views) {
    const name = path.slice(`${DIST}/views/`.length, -'.js'.length);
    const both = size(files, path) + size(files, path.replace(/js$/, 'css'));
    measure(`view ${name}`, both, VIEW_LIMIT);
  }
  const pictures = [...files].filter(([path]) => path.includes('/media/walkthrough/'));
  const ofPictures = pictures.reduce((sum, [, { packed }]) => sum + packed, 0);
  measure('VSIX without pictures', archive.length - ofPictures, VSIX_LIMIT);
  return { problems, figures, files };
}

function fileProblems(files: Files, target: Target): readonly string[] {
  const native = NATIVE[target] ?? [];
  const allowed = [...ALLOWED, ...native]
    .map((pattern) => pattern.replace('TARGET', target))
    .map((pattern) => ({
      pattern,
      matches: new RegExp(
        `^${pattern.replaceAll(/[.[\]/]/g, String.raw`\$&`).replaceAll('*', String.raw`[\w.-]+`)}$`,
      ),
    }));
  const paths = [...files.keys()];
  const problems = paths
    .filter((path) => !allowed.some(({ matches }) => matches.test(path)))
    .map((path) => `${path} must not ship`);
  const optional = new Set(['extension/media/walkthrough/*.png', ...native]);
  for (const { pattern, matches } of allowed) {
    if (optional.has(pattern) || paths.some((path) => matches.test(path))) continue;
    problems.push(`${pattern} is missing`);
  }
  for (const [path, { contents }] of files) {
    const ours = /\.(?:cjs|mjs|js|css)$/.test(path) && !path.includes('/node_modules/');
    if (ours && contents.includes('sourceMappingURL')) problems.push(`${path} has a source map`);
    if (
      /\/(?:koffi\.node|refpoint(?:-vss)?\.(?:so|dll))$/.test(path) &&
      machineOf(contents) !== target
    ) {
      problems.push(`${path} is for ${machineOf(contents)}`);
    }
  }
  return problems;
}

function manifestProblems(files: Files, target: Target): readonly string[] {
  const xml = files.get('extension.vsixmanifest')?.contents.toString() ?? '';
  const text = files.get('extension/package.json')?.contents.toString() ?? '{}';
  const manifest = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const texts = files.get('extension/package.nls.json')?.contents.toString() ?? '{}';
  const known = JSON.parse(texts) as Readonly<Record<string, string>>;
  const named = Array.from(text.matchAll(/"%([^%"]+)%"/g), (match) => match[1] ?? '');
  const paths = text.match(/(?<=")(?:\.\/)?(?:media|dist|l10n)\/[\w./-]+\.\w+(?=")/g) ?? [];
  const pictures = [...files.keys()].some((path) => path.includes('/media/walkthrough/'));
  return [
    ...(xml.includes(`TargetPlatform="${target}"`) ? [] : [`it is not for ${target}`]),
    ...(xml.includes('Publisher="refpoint"') ? [] : ['its publisher is another one']),
    ...(manifest['license'] === 'MIT' ? [] : ['it names no licence']),
    ...(/Links\.(?:Source|Repository|GitHub)|"repository"/.test(xml + text)
      ? ['it names a repository']
      : []),
    ...named.filter((key) => !known[key]).map((key) => `package.json shows %${key}%`),
    ...paths
      .filter((path) => pictures || !path.includes('media/walkthrough/'))
      .map((path) => `extension/${path.replace(/^\.\//, '')}`)
      .filter((path) => !files.has(path))
      .map((path) => `package.json names ${path}`),
  ];
}

/** The platform that a native module is for, from its ELF, PE or Mach-O header. */
function machineOf(file: Buffer): string {
  if (file.readUInt32BE(0) === 0x7f454c46) {
    return `linux-${{ 62: 'x64', 183: 'arm64' }[file.readUInt16LE(18)] ?? 'other'}`;
  }
  if (file.toString('latin1', 0, 2) === 'MZ') {
    const machine = file.readUInt16LE(file.readUInt32LE(60) + 4);
    return `win32-${{ 0x8664: 'x64', 0xaa64: 'arm64' }[machine] ?? 'other'}`;
  }
  if (file.readUInt32LE(0) === 0xfeedfacf) {
    return `darwin-${{ 0x01000007: 'x64', 0x0100000c: 'arm64' }[file.readUInt32LE(4)] ?? 'other'}`;
  }
  return 'no known platform';
}
