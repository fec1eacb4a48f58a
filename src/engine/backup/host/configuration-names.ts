import type { ConfigurationFile } from './host.ts';

/**
 * Returns the files of a configuration on the host, from the folder and the file that its settings
 * name: XML before Server 2016, with the memory in a folder of its own.
 */
export function configurationNames(
  root: string | null,
  file: string | null,
): readonly ConfigurationFile[] {
  if (root === null || file === null) return [];
  const whole = file.toLowerCase().startsWith(root.toLowerCase()) ? file : `${root}\\${file}`;
  const base = whole.replace(/\.(?:vmcx|xml)$/i, '');
  const id = base.split('\\').at(-1) ?? 'vm';
  if (/\.xml$/i.test(file)) {
    const memory = ['bin', 'vsv'].map((ending) => `${id}.${ending}`);
    return [
      { name: `${id}.xml`, path: `${base}.xml` },
      ...memory.map((name) => ({ name, path: `${base}\\${name}` })),
    ];
  }
  return ['vmcx', 'vmrs', 'vmgs'].map((ending) => ({
    name: `${id}.${ending}`,
    path: `${base}.${ending}`,
  }));
}
