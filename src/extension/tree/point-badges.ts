import * as vscode from 'vscode';

/** Badge at the right edge of a point's row: the result of its last verification. */
export type PointBadge = 'verified' | 'quick' | 'damaged';

const SCHEME = 'refpoint-badge';

/** Returns the resource that carries a badge to a row; it names nothing that could be opened. */
export const badgeUri = (rowId: string, badge: PointBadge): vscode.Uri =>
  vscode.Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(rowId)}`, query: badge });

/** Draws the badges. They keep their place where a narrow view cuts the texts of a row. */
export function registerPointBadges(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme, query }) => (scheme === SCHEME ? decorationOf(query) : null),
  });
}

function decorationOf(badge: string): vscode.FileDecoration | null {
  const { t } = vscode.l10n;
  switch (badge) {
    case 'verified':
      return { badge: '✓✓', tooltip: t('verified with every hash') };
    case 'quick':
      return { badge: '✓', tooltip: t('verified quickly') };
    case 'damaged':
      return {
        badge: '!',
        tooltip: t('damage found'),
        color: new vscode.ThemeColor('list.errorForeground'),
      };
    default:
      return null;
  }
}
