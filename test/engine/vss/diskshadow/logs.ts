/** Shapes of what diskshadow prints, rebuilt after recordings: ids and names are made up. */
export const SHADOW = '09f7232c-51c4-4d2b-8d6e-0a1b2c3d4e5f';
export const OTHER_SHADOW = '1b2c3d4e-51c4-4d2b-8d6e-0a1b2c3d4e60';
export const SET = '7d29a1c1-6f0a-4b7a-9d0e-3f4a5b6c7d8e';
export const PROVIDER = 'b5946137-7b9f-4925-af80-51abd60b20d5';
export const VOLUME = '\\\\?\\Volume{711fc68a-0000-0000-0000-100000000000}\\';
export const DEVICE = '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy2';

interface Words {
  readonly alias: (alias: string, id: string) => string;
  readonly shadow: string;
  readonly set: string;
  readonly volume: string;
  readonly device: string;
  readonly provider: string;
  readonly attributes: string;
  readonly including: string;
  readonly adding: string;
}

export const LANGUAGES: Readonly<Record<string, Words>> = {
  english: {
    alias: (alias, id) => `Alias ${alias} for shadow ID {${id}} set as environment variable.`,
    shadow: 'Shadow copy ID =',
    set: 'Shadow copy set:',
    volume: 'Original volume name:',
    device: 'Shadow copy device name:',
    provider: 'Provider ID:',
    attributes: 'Attributes: ',
    including: 'Including writer',
    adding: 'Adding component:',
  },
  // The id comes before the alias.
  chinese: {
    alias: (alias, id) => `卷影 ID {${id}} 的别名 ${alias} 设置为环境变量。`,
    shadow: '卷影副本 ID =',
    set: '卷影副本集:',
    volume: '原始卷名:',
    device: '卷影副本设备名称:',
    provider: '提供程序 ID:',
    attributes: '属性: ',
    including: '包括编写器',
    adding: '正在添加组件:',
  },
  german: {
    alias: (alias, id) => `Alias ${alias} für Schattenkopie-ID {${id}} als Umgebungsvariable.`,
    shadow: 'Schattenkopie-ID =',
    set: 'Schattenkopiesatz:',
    volume: 'Ursprünglicher Volumename:',
    device: 'Name des Schattenkopiegeräts:',
    provider: 'Anbieter-ID:',
    attributes: 'Attribute: ',
    including: 'Writer eingeschlossen:',
    adding: 'Komponente wird hinzugefügt:',
  },
};

export interface LogShape {
  readonly alias?: string;
  readonly id?: string;
  readonly set?: string;
  readonly attributes?: string;
}

/** Prints one shadow copy as `create` and `list shadows all` do. */
export function shadowLines(words: Words, shape: LogShape = {}): string[] {
  const { alias = 'RPV1', id = SHADOW, set = SET } = shape;
  const { attributes = 'No_Auto_Release Persistent Differential' } = shape;
  return [
    `\t* ${words.shadow} {${id}}\t\t${alias === '' ? '' : `%${alias}%`}`,
    '',
    `\t\t- ${words.set} {${set}}\t${alias === '' ? '' : '%VSS_SHADOW_SET%'}`,
    '\t\t- Original count of shadow copies = 1',
    `\t\t- ${words.volume} ${VOLUME} [D:\\]`,
    '\t\t- Creation time: 11/19/2025 5:26:19 AM',
    `\t\t- ${words.device} ${DEVICE}`,
    '\t\t- Originating machine: hv01',
    '\t\t- Not exposed',
    `\t\t- ${words.provider} {${PROVIDER}}`,
    `\t\t- ${words.attributes} ${attributes}`,
    '',
  ];
}

/** Prints the writers that take part with their components, as `create` does with `set verbose on`. */
export function componentLines(words: Words, names: readonly string[]): string[] {
  return [
    'Excluding writer "Shadow Copy Optimization Writer", because all of its components have been excluded.',
    'Component "\\BCD\\BCD" from writer "ASR Writer" is excluded from backup,',
    'because it requires volume  which is not in the shadow copy set.',
    '',
    `* ${words.including} "ASR Writer":`,
    `\t+ ${words.adding} \\Volumes\\Volume{${PROVIDER}}`,
    '',
    `* ${words.including} "Microsoft Hyper-V VSS Writer":`,
    ...names.map((name) => `\t+ ${words.adding} \\${name}`),
    '',
  ];
}

/** Prints a whole run of `create` in a language. */
export function createLog(language: string, shape: LogShape = {}): string {
  const words = LANGUAGES[language] as Words;
  const lines = [
    'Microsoft DiskShadow version 1.0',
    '-> create',
    words.alias('RPV1', SHADOW),
    words.alias('VSS_SHADOW_SET', SET),
    '',
    ...shadowLines(words, shape),
    'Number of shadow copies listed: 1',
    '-> expose %RPV1% P:',
    `-> %RPV1% = {${SHADOW}}`,
    '-> end backup',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
