import type { LabState } from '../../state/state.ts';

/** Texts that a host prints in its language. Ids, devices, attributes and commands stay as they are. */
export interface DiskshadowWords {
  readonly computer: string;
  /** The line of an alias; some languages name the id first. */
  readonly alias: (name: string, id: string, what: 'shadow' | 'set') => string;
  readonly querying: string;
  readonly id: string;
  readonly set: string;
  readonly count: string;
  readonly volume: string;
  readonly created: string;
  readonly device: string;
  readonly machine: string;
  readonly notExposed: string;
  readonly exposed: string;
  readonly provider: string;
  readonly attributes: string;
  readonly listed: string;
  readonly unknown: string;
  readonly failed: string;
  readonly writer: string;
  readonly status: string;
  readonly failure: string;
  readonly writerId: string;
  readonly instance: string;
  readonly deleted: string;
  /** A writer that takes part, and one of its components. */
  readonly including: string;
  readonly adding: string;
  /** A component that does not, of a writer, and the volume that it lacks. */
  readonly excluded: (component: string, writer: string, volume: string) => string;
}

const ENGLISH: DiskshadowWords = {
  computer: 'On computer:',
  alias: (name, id, what) =>
    `Alias ${name} for shadow ${what === 'set' ? 'set ' : ''}ID ${id} set as environment variable.`,
  querying: 'Querying all shadow copies with the shadow copy set ID',
  id: 'Shadow copy ID =',
  set: 'Shadow copy set:',
  count: 'Original count of shadow copies =',
  volume: 'Original volume name:',
  created: 'Creation time:',
  device: 'Shadow copy device name:',
  machine: 'Originating machine:',
  notExposed: 'Not exposed',
  exposed: 'The shadow copy was successfully exposed as',
  provider: 'Provider ID:',
  attributes: 'Attributes: ',
  listed: 'Number of shadow copies listed:',
  unknown: 'is not recognized as a command.',
  failed: 'The last operation failed.\r\n\t- Returned HRESULT:',
  writer: 'WRITER',
  status: 'Status:',
  failure: 'Writer Failure code:',
  writerId: 'Writer ID:',
  instance: 'Instance ID:',
  deleted: 'shadow copies deleted.',
  including: 'Including writer',
  adding: 'Adding component:',
  excluded: (component, writer, volume) =>
    `Component "${component}" from writer "${writer}" is excluded from backup,\r\nbecause it requires volume ${volume} which is not in the shadow copy set.`,
};

/** A language that does not exist, with the id before the alias and full-width marks. */
const TESAN: DiskshadowWords = {
  ...ENGLISH,
  computer: 'さモロ：',
  alias: (name, id) => `モ ${id} ラ ${name} セテ。`,
  querying: 'クエリ モロ',
  id: 'カゲ ID ＝',
  set: 'カゲ クミ：',
  count: 'カズ ＝',
  volume: 'モト ボリュ：',
  created: 'トキ：',
  device: 'カゲ デバ：',
  machine: 'モト キ：',
  notExposed: 'ミセズ',
  exposed: 'カゲ ミセタ：',
  provider: 'ヤク ID：',
  attributes: 'セイ： ',
  listed: 'カズ：',
  unknown: 'シラズ。',
  failed: 'シッパイ。\r\n\t- カエリ HRESULT：',
  status: 'サマ：',
  failure: 'シッパイ コド：',
  deleted: 'ケシタ。',
  including: 'カキテ フクム',
  adding: 'ブヒン クワエ：',
  excluded: (component, writer, volume) => `${volume} ナシ、"${writer}" ノ "${component}" ハズス。`,
};

/** A second one, in Latin letters, with other word order. */
const LABISCH: DiskshadowWords = {
  ...ENGLISH,
  computer: 'Auf dem Gerätlein:',
  alias: (name, id) => `Gesetzt wurde als Umgebungswort ${name} der Schatten ${id}.`,
  querying: 'Gesucht werden Schatten der Menge',
  id: 'Schattennummer =',
  set: 'Schattenmenge:',
  count: 'Schattenzahl =',
  volume: 'Ursprungsband:',
  created: 'Geworden:',
  device: 'Schattengerät:',
  machine: 'Ursprungsgerät:',
  notExposed: 'Verborgen',
  exposed: 'Sichtbar ist der Schatten nun als',
  provider: 'Stellernummer:',
  attributes: 'Merkmale: ',
  listed: 'Gezeigte Schatten:',
  unknown: 'wird nicht verstanden.',
  failed: 'Misslungen ist das Letzte.\r\n\t- HRESULT kam zurück:',
  status: 'Stand:',
  failure: 'Misserfolg:',
  deleted: 'Schatten entfernt.',
  including: 'Mit dabei ist der Schreiber',
  adding: 'Hinzu kommt das Bauteil:',
  excluded: (component, writer, volume) =>
    `Nicht gesichert wird "${component}" von "${writer}",\r\ndenn ${volume} fehlt in der Menge.`,
};

/** Returns the words of a host's language; two of them are made up. */
export const wordsOf = ({ language }: LabState): DiskshadowWords =>
  language === 'ja-JP' ? TESAN : language === 'de-DE' ? LABISCH : ENGLISH;
