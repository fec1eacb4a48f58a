import type { LabLanguage } from './languages.ts';

/**
 * Names and descriptions of Hyper-V's objects in other languages, by the English text. Hosts in
 * other languages translate these; `Microsoft Virtual Machine` stays (recorded from a Japanese
 * host).
 */
const CAPTIONS: Readonly<Record<string, readonly [german: string, japanese: string]>> = {
  'Hosting Computer System': ['Hostcomputersystem', 'ホスト コンピューター システム'],
  'Microsoft Hosting Computer System': [
    'Microsoft-Hostcomputersystem',
    'Microsoft ホスト コンピューター システム',
  ],
  'Virtual Machine': ['Virtueller Computer', '仮想マシン'],
  'Operating normally': ['Normaler Betrieb', '正常'],
  'Virtual Machine Settings': ['Einstellungen des virtuellen Computers', '仮想マシンの設定'],
  'Snapshot Settings': ['Prüfpunkteinstellungen', 'チェックポイントの設定'],
  'Active settings for the virtual machine.': [
    'Aktive Einstellungen für den virtuellen Computer.',
    '仮想マシンの有効な設定です。',
  ],
  'SCSI Controller': ['SCSI-Controller', 'SCSI コントローラー'],
  'Hard Drive': ['Festplatte', 'ハード ドライブ'],
  'Hard Disk Image': ['Festplattenimage', 'ハード ディスク イメージ'],
  Processor: ['Prozessor', 'プロセッサ'],
  Memory: ['Arbeitsspeicher', 'メモリ'],
  'Network Adapter': ['Netzwerkadapter', 'ネットワーク アダプター'],
  'Operating System Shutdown': [
    'Herunterfahren des Betriebssystems',
    'オペレーティング システムのシャットダウン',
  ],
  Heartbeat: ['Takt', 'ハートビート'],
  'Backup (volume shadow copy)': [
    'Sicherung (Volumeschattenkopie)',
    'バックアップ (ボリューム シャドウ コピー)',
  ],
  'Time Synchronization': ['Zeitsynchronisierung', '時刻の同期'],
  'Data Exchange': ['Datenaustausch', 'データ交換'],
  'Guest services': ['Gastdienste', 'ゲスト サービス'],
  'Creating Virtual Machine Checkpoint': [
    'Prüfpunkt wird erstellt',
    'チェックポイントを作成しています',
  ],
  'Deleting Virtual Machine Checkpoint': [
    'Prüfpunkt wird gelöscht',
    'チェックポイントを削除しています',
  ],
  'Applying Virtual Machine Checkpoint': [
    'Prüfpunkt wird angewendet',
    'チェックポイントを適用しています',
  ],
  'Converting to Reference Point': ['Referenzpunkt wird erstellt', '参照ポイントに変換しています'],
  'Exporting Virtual Machine': [
    'Virtueller Computer wird exportiert',
    '仮想マシンをエクスポートしています',
  ],
  'Changing State': ['Status wird geändert', '状態を変更しています'],
  Completed: ['Abgeschlossen', '完了'],
  Running: ['Wird ausgeführt', '実行中'],
  Error: ['Fehler', 'エラー'],
};

/** Returns a text in the host's language, or in English if it has no translation. */
export function caption(language: LabLanguage | undefined, english: string): string {
  const found = CAPTIONS[english];
  if (found === undefined || language === undefined || language === 'en-US') return english;
  return language === 'de-DE' ? found[0] : found[1];
}
