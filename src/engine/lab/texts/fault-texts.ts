import type { CimFaultKind } from '../wmi/cim-fault.ts';

/** Texts in other languages. They are shorter than the English ones, whose details help to debug a client. */
const TEXTS: Readonly<Record<string, Readonly<Partial<Record<CimFaultKind, string>>>>> = {
  'de-DE': {
    accessDenied: 'Zugriff verweigert',
    notFound: 'Die angeforderte Ressource ist nicht vorhanden.',
    actionNotSupported: 'Die Aktion wird vom Dienst nicht unterstützt.',
    cannotProcessFilter: 'Der Filter kann nicht verarbeitet werden.',
    wqlOnClass: 'WQL-Abfragen benötigen einen Ressourcen-URI, der mit * endet.',
    invalidContext: 'Der Aufzählungskontext ist ungültig oder abgelaufen.',
    invalidSelectors: 'Die Selektoren sind für diese Ressource ungültig.',
    noSelectors: 'Ungültige Methodenparameter',
    schema: 'Die Anforderung entspricht nicht dem Schema.',
    envelopeTooLarge: 'Die Antwort überschreitet die zulässige Größe.',
    quota: 'Die Anzahl der Vorgänge dieses Benutzers ist überschritten.',
    timedOut: 'Der Vorgang hat das Zeitlimit überschritten.',
    internal: 'Allgemeiner Fehler',
    shuttingDown: 'Der Dienst wird beendet.',
    unavailable: 'Der RPC-Server ist nicht verfügbar.',
    noClass: 'Ungültige Klasse',
    noNamespace: 'Ungültiger Namespace',
  },
  'ja-JP': {
    accessDenied: 'アクセスが拒否されました。',
    notFound: '要求されたリソースは存在しません。',
    actionNotSupported: 'この操作はサービスでサポートされていません。',
    cannotProcessFilter: 'フィルターを処理できません。',
    wqlOnClass: 'WQL クエリには、* で終わるリソース URI が必要です。',
    invalidContext: '列挙コンテキストが無効か、期限切れです。',
    invalidSelectors: 'セレクターがこのリソースに対して無効です。',
    noSelectors: 'メソッド パラメーターが無効です。',
    schema: '要求がスキーマに準拠していません。',
    envelopeTooLarge: '応答が最大サイズを超えています。',
    quota: 'このユーザーの操作数が上限を超えました。',
    timedOut: '操作がタイムアウトしました。',
    internal: '一般的な障害です。',
    shuttingDown: 'サービスを終了しています。',
    unavailable: 'RPC サーバーを利用できません。',
    noClass: 'クラスが無効です。',
    noNamespace: '名前空間が無効です。',
  },
};

/** Returns a fault's text in a host's language, or in English if it has no translation. */
export function faultText(kind: CimFaultKind, english: string, language: string): string {
  return TEXTS[language]?.[kind] ?? english;
}
