import { DryRun, DryRunResult, dryRun } from '../domain/rules/dry-run.ts';
import { assertMetrics } from '../domain/rules/metric-names.ts';
import { route } from './route.ts';

const LONGEST_BODY = 1024 * 1024;

/** POST /v1/rules/actions/test */
export const testRule = route({
  method: 'POST',
  path: '/v1/rules/actions/test',
  action: 'test-rule',
  summary: 'Tell when a rule would have pended, fired and been over with these samples; nothing is kept',
  access: 'viewer',
  longestBody: LONGEST_BODY,
  body: DryRun,
  answers: { 200: DryRunResult },
  handler: async ({ body }, { by }) => {
    assertMetrics(body.rule);
    return { status: 200, body: dryRun(by.project, body) };
  },
});
