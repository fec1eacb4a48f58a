import * as vscode from 'vscode';
import { requests } from '../../engine/api/methods.ts';
import type { Engine } from '../engine/engine.ts';
import { describeError } from '../present-error.ts';
import { parseReportUri, REPORT_SCHEME } from './report-uri.ts';
import { reportText } from './report-text.ts';

/** Reports as read-only documents: made from the store whenever one is opened. */
export function registerReports(engine: Engine): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(REPORT_SCHEME, {
    provideTextDocumentContent: async (uri, token) => {
      const found = parseReportUri(uri);
      if (found === undefined) return vscode.l10n.t('This address names no point.');
      const { store: path, vm, point } = found;
      try {
        return reportText(await engine.request(requests.pointReport, { path, vm, point }, token));
      } catch (error) {
        const { text, code } = describeError(error);
        return `${text} (${code})\n`;
      }
    },
  });
}
