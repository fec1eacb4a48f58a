import type { ReportPageInit, ReportPageRequests, ReportPageState } from '../api/report-page.ts';
import { REPORT_PAGE_STRINGS } from '../api/report-page-strings.ts';
import { startView } from '../common/frame/start-view.ts';
import { ReportPageView } from './report-page-view.ts';

startView<ReportPageRequests, ReportPageInit, ReportPageState>({
  strings: REPORT_PAGE_STRINGS,
  // The extension reads it when it brings the page back; the view has no use for it.
  parseState: () => undefined,
  make: (root, { init, channel, keep }) =>
    new ReportPageView(root, { init, channel, keep: (state) => keep(() => state) }),
});
