import * as vscode from 'vscode';
import type {
  ImageFinding,
  ImageFix,
  ImageSurveyInfo,
} from '../../../../engine/api/disk-contents.ts';
import { inertText } from '../../../words/inert-text.ts';

const { t } = vscode.l10n;

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
} as const;
/** Source of the diagnostics. */
export const SOURCE = 'Refpoint';

const START = new vscode.Range(0, 0, 0, 0);

/** Findings of images that are open, in the Problems panel and as decorations in the Explorer. */
export class ImageProblems implements vscode.FileDecorationProvider, vscode.Disposable {
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('refpoint.images');
  readonly #changed = new vscode.EventEmitter<vscode.Uri[]>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #catalogue: vscode.Uri;
  /** Number of errors of each image that was checked. */
  readonly #errors = new Map<string, number>();
  readonly #fixes = new Map<string, readonly ImageFix[]>();

  constructor(extensionUri: vscode.Uri) {
    this.#catalogue = vscode.Uri.joinPath(extensionUri, 'docs', 'disk-findings.md');
  }

  /** Shows the findings of an image; those about its parents appear when a parent is opened. */
  show(image: vscode.Uri, { findings, fixes }: Pick<ImageSurveyInfo, 'findings' | 'fixes'>): void {
    this.#fixes.set(String(image), fixes);
    const own = findings.filter(({ path }) => vscode.Uri.file(path).path === image.path);
    this.#diagnostics.set(
      image,
      own.map((finding) => this.#toDiagnostic(image, finding, fixes)),
    );
    const errors = own.filter(({ severity }) => severity === 'error').length;
    const key = String(image);
    if ((this.#errors.get(key) ?? 0) === errors) return;
    this.#errors.set(key, errors);
    this.#changed.fire([image]);
  }

  /** Returns the fixes that help against the findings of an image. */
  fixesOf(image: vscode.Uri): readonly ImageFix[] {
    return this.#fixes.get(String(image)) ?? [];
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const errors = this.#errors.get(String(uri)) ?? 0;
    if (errors === 0) return undefined;
    return {
      badge: '!',
      color: new vscode.ThemeColor('list.errorForeground'),
      tooltip: errors === 1 ? t('Damaged: 1 error') : t('Damaged: {0} errors', errors),
    };
  }

  dispose(): void {
    this.#diagnostics.dispose();
    this.#changed.dispose();
  }

  /** The entry of a code in the catalogue. Its heading is as Markdown names it. */
  #entryOf(code: string): vscode.Uri {
    return this.#catalogue.with({ fragment: code.replaceAll('.', '').toLowerCase() });
  }

  #toDiagnostic(
    image: vscode.Uri,
    { severity, message, code, offset, fix }: ImageFinding,
    fixes: readonly ImageFix[],
  ): vscode.Diagnostic {
    const place = offset === null ? '' : ` ${t('At {0}.', `0x${offset.toString(16)}`)}`;
    const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    const text = `${inertText(sentence)}${place}${fix === null ? '' : ` ${fix}`}`;
    const made = new vscode.Diagnostic(START, text, SEVERITIES[severity]);
    made.source = SOURCE;
    // Quick fixes need a text, which an image does not have: the link of the code offers the fixes.
    const target = fixes.length === 0 ? this.#entryOf(code) : fixLink(image, code, fixes);
    made.code = { value: code, target };
    return made;
  }
}

/** Link that offers the fixes of an image, and the explanation of a code. */
function fixLink(image: vscode.Uri, code: string, fixes: readonly ImageFix[]): vscode.Uri {
  const args = JSON.stringify([String(image), code, fixes]);
  return vscode.Uri.from({ scheme: 'command', path: 'refpoint.fixImage', query: args });
}
