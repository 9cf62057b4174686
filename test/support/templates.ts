import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../../lambdas/domain/alerts/go-template/error.ts';
import { filledIn, treesOf } from '../../lambdas/domain/alerts/go-template/templates.ts';
import { nanosecondsOf } from '../../lambdas/domain/alerts/go-template/times.ts';
import { kv, type Struct, struct, type Time } from '../../lambdas/domain/alerts/go-template/values.ts';
import { AMTOOL, ensureAlertmanager, TEMPLATES } from '../../local/prerequisites.ts';
import { run } from './run.ts';

/** Data of a template as amtool takes it: template.Data of Alertmanager in JSON. */
export interface WrittenData {
  readonly receiver: string;
  readonly status: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly generatorURL: string;
    readonly fingerprint: string;
  }[];
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
}

const time = (instant: string): Time => ({ kind: 'time', ns: nanosecondsOf(instant) });

/** The same as templates see it. */
export const seen = (data: WrittenData): Struct =>
  struct('template.Data', [
    ['Receiver', data.receiver],
    ['Status', data.status],
    [
      'Alerts',
      {
        kind: 'slice',
        type: 'template.Alerts',
        items: data.alerts.map((alert) =>
          struct('template.Alert', [
            ['Status', alert.status],
            ['Labels', kv(Object.entries(alert.labels))],
            ['Annotations', kv(Object.entries(alert.annotations))],
            ['StartsAt', time(alert.startsAt)],
            ['EndsAt', time(alert.endsAt)],
            ['GeneratorURL', alert.generatorURL],
            ['Fingerprint', alert.fingerprint],
          ]),
        ),
      },
    ],
    ['GroupLabels', kv(Object.entries(data.groupLabels))],
    ['CommonLabels', kv(Object.entries(data.commonLabels))],
    ['CommonAnnotations', kv(Object.entries(data.commonAnnotations))],
    ['ExternalURL', data.externalURL],
  ]);

/** What ours says; nothing where it is none, and why where it is something that is left out. */
export const ours = (
  text: string,
  data: WrittenData,
  isHtml = false,
): { readonly said?: string; readonly leftOut?: string } => {
  try {
    return { said: filledIn({ name: 'test', text, isHtml }, treesOf({}), seen(data)) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return error.message.endsWith('is not known here') ? { leftOut: error.message } : {};
  }
};

/** What Debian's amtool says; nothing where it is none. */
export const amtools = async (folder: string, name: string, text: string, data: WrittenData, isHtml = false) => {
  await ensureAlertmanager(console.log);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(data));
  const { code, stdout } = await run(AMTOOL, [
    ...['template', 'render', `--template.glob=${TEMPLATES}/*.tmpl`, `--template.data=${file}`],
    ...[`--template.type=${isHtml ? 'html' : 'text'}`, `--template.text=${text}`],
  ]);
  return code === 0 ? stdout : undefined;
};
