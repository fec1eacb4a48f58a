import type { ReportPageInit, ReportPageRequests, ReportPageState } from '../api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../api/report-page-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { ReportPageView } from './report-page-view.ts';

startView<ReportPageRequests, ReportPageInit, ReportPageState>({
  strings: REPORT_PAGE_STRINGS,
  // Only the extension reads the state, when it restores the page.
  parseState: () => undefined,
  make: (root, { init, channel, keep }) =>
    new ReportPageView(root, { init, channel, keep: (state) => keep(() => state) }),
});
